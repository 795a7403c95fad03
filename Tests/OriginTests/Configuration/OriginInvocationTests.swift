import Glibc
import Service
import TestKit
import Testing

@testable import Origin

@Suite("An invocation of the origin")
struct OriginInvocationTests {
    private func read(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws(ConfigurationMistakes) -> OriginInvocation {
        try OriginInvocation.read(arguments: arguments, environment: environment)
    }

    private func complaints(_ arguments: [String], _ environment: [String: String] = [:]) -> [String] {
        do throws(ConfigurationMistakes) {
            _ = try read(arguments, environment)
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    @Test(
        "asks for something else than running",
        arguments: [
            (["-h"], OriginInvocation.help), (["-?"], .help), (["--help"], .help), (["-v"], .version),
            (["-V"], .version), (["--version"], .version), (["-g"], .signature), (["-G"], .signature),
            (["--reference"], .reference), (["-c", "/nowhere", "-v", "-h"], .version), (["-x", "-h"], .help),
        ])
    func purposes(arguments: [String], expected: OriginInvocation) throws {
        #expect(try read(arguments) == expected)
    }

    @Test("reads the built-in configuration, a file, or variables alone")
    func sources() throws {
        let directory = try TemporaryDirectory()
        let path = try file("listen 1936; vhost a { }", in: directory)
        let other = try file("listen 1937; vhost a { }", in: directory, named: "other")
        func source(_ arguments: [String], _ environment: [String: String] = [:]) throws -> OriginConfigurationSource? {
            guard case .run(let checked) = try read(arguments, environment) else { return nil }
            return checked.source
        }
        #expect(try source([]) == .builtIn)
        #expect(try source(["-c", path]) == .file(path))
        #expect(try source(["-c=\(path)"]) == .file(path))
        #expect(try source(["-e"]) == .environmentOnly)
        #expect(try source(["-e", "-c", "/nowhere"]) == .environmentOnly)
        #expect(try source(["-c", path], ["SRS_CONFIG_FILE": other]) == .file(other))
        #expect(try source([], ["SRS_CONFIG_FILE": other]) == .file(other))
        #expect(try source(["-c", path], ["SRS_CONFIG_FILE": ""]) == .file(path))
        #expect(try source(["-c", path], ["SRS_ENV_ONLY": "on"]) == .environmentOnly)
    }

    @Test("tests a configuration")
    func test() throws {
        let directory = try TemporaryDirectory()
        let good = try file("listen 1936; daemon on; vhost a { }", in: directory)
        guard case .test(let checked) = try read(["-t", "-c", good]) else {
            Issue.record("it is no test")
            return
        }
        #expect(checked.warnings.map(\.description) == ["\(good):1:14: daemon: the program stays in the foreground"])
        let bad = try file("listen x; daemon y; vhost a { }", in: directory, named: "bad")
        #expect(
            complaints(["-t", "-c", bad]) == [
                #"\#(bad):1:8: listen: "x" is not a port from 1 to 65535"#,
                #"\#(bad):1:18: daemon: "y" is neither on nor off"#,
            ])
    }

    @Test(
        "is refused with what is wrong",
        arguments: [
            (["-c"], ["-c: needs an argument: -c FILE"]),
            (["-e=1"], ["-e: takes no argument"]),
            (["start"], [#""start": is not an option"#]),
            (["--refrence"], ["--refrence is not known; did you mean --reference?"]),
            (["--ready-fd", "1"], [#"--ready-fd: "1" is not an open descriptor above 2"#]),
            (["-c", "/nowhere/a"], [#"/nowhere/a:1:1: cannot read "/nowhere/a": No such file or directory"#]),
            (["-c", "/", "-x"], ["-x is not known", #"/:1:1: cannot read "/": Is a directory"#]),
        ])
    func mistakes(arguments: [String], expected: [String]) {
        #expect(complaints(arguments) == expected)
    }

    @Test("stops reading a file that is too large")
    func largeFile() throws {
        let directory = try TemporaryDirectory()
        let path = try file(String(repeating: " ", count: 1 << 20 + 10), in: directory)
        #expect(complaints(["-c", path]) == ["\(path):1:1: the file is larger than 1048576 bytes"])
    }

    @Test("takes the descriptor that waits for it")
    func readyDescriptor() throws {
        let descriptor = dup(STDERR_FILENO)
        try #require(descriptor > 2)
        defer { close(descriptor) }
        guard case .run(let checked) = try read(["--ready-fd", "\(descriptor)"]) else {
            Issue.record("it does not run")
            return
        }
        #expect(checked.readyDescriptor == descriptor)
    }

    private func file(_ text: String, in directory: TemporaryDirectory, named name: String = "conf") throws -> String {
        let path = directory.path + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        return path
    }
}
