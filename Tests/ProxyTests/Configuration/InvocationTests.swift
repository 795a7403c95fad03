import Glibc
import Testing

@testable import Proxy
@testable import Service

@Suite("An invocation")
struct InvocationTests {
    @Test("asks for help, the version or the reference before anything is read")
    func purposes() throws {
        let nowhere = ["--env-file", "/nowhere/.env"]
        #expect(try describe(nowhere + ["--help"]) == "help")
        #expect(try describe(nowhere + ["--version"]) == "version")
        #expect(try describe(nowhere + ["--print-configuration-reference"]) == "reference")
    }

    @Test("reads the file that it names")
    func namedFile() throws {
        let path = try temporaryFile("PROXY_MAX_CONNECTIONS=17\n")
        defer { unlink(path) }
        guard case .run(let checked) = try Invocation.read(arguments: ["--env-file", path], environment: [:]) else {
            Issue.record("it does not run")
            return
        }
        #expect(checked.configuration.limits.maximumConnections == 17)
        #expect(checked.settings.contains { $0.source == .file(path: path, line: 1) })
    }

    @Test("is refused where the file that it names cannot be read")
    func unreadableFile() {
        let missing = #expect(throws: ConfigurationMistakes.self) {
            try Invocation.read(arguments: ["--env-file=/nowhere/.env"], environment: [:])
        }
        #expect(missing?.description == "/nowhere/.env: cannot be read: No such file or directory")
        let folder = #expect(throws: ConfigurationMistakes.self) {
            try Invocation.read(arguments: ["--env-file", "/"], environment: [:])
        }
        #expect(folder?.description == "/: cannot be read: Is a directory")
    }

    @Test("does without a file that it does not name")
    func missingFile() {
        guard case .absent = Invocation.environmentFile(named: nil, usual: "/nowhere/.env") else {
            Issue.record("it is not absent")
            return
        }
    }

    @Test("stops reading a file that is too large")
    func largeFile() throws {
        let path = try temporaryFile(String(repeating: "#", count: 70_000))
        defer { unlink(path) }
        let error = #expect(throws: ConfigurationMistakes.self) {
            try Invocation.read(arguments: ["--env-file", path], environment: [:])
        }
        #expect(error?.description == "\(path): is larger than 65536 bytes")
        #expect(try ConfigurationFile.contents(of: path, atMost: 10).count == 10)
    }

    private func describe(_ arguments: [String]) throws -> String {
        switch try Invocation.read(arguments: arguments) {
        case .run: "run"
        case .help: "help"
        case .version: "version"
        case .reference: "reference"
        }
    }

    private func temporaryFile(_ text: String) throws -> String {
        var template = Array("/tmp/sluice-env-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
