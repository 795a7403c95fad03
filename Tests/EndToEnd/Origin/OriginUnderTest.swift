import Foundation
import TestKit

/// The real `sluice-origin`, in a working directory of its own and on ports that the system chooses.
final class OriginUnderTest: Sendable {
    let program: RunningProgram
    let directory: TemporaryDirectory

    /// Every port is the system's choice.
    static let variables = [
        "SRS_LISTEN": "0", "SRS_HTTP_SERVER_LISTEN": "0", "SRS_HTTP_API_LISTEN": "0", "SRS_LOOPS": "2",
    ]

    static func path() throws -> String { try ProxyProcess.path().replacing("sluice-proxy", with: "sluice-origin") }

    /// Starts it with `variables` and those that every test has, and does not wait.
    init(_ arguments: [String] = [], _ variables: [String: String] = [:], files: [String: String] = [:]) throws {
        directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(text, to: name) }
        program = try RunningProgram(
            Self.path(), arguments,
            environment: Self.variables.merging(variables) { _, own in own }.filter { !$0.value.isEmpty },
            directory: directory.path)
    }

    deinit { program.end() }

    var log: [LogLine] { program.errors.events.compactMap { LogLine($0) } }

    @discardableResult
    func waitForLog(_ message: String, within bound: Duration = .seconds(20)) async throws -> LogLine {
        let lines = try await program.errors.wait(for: "\"\(message)\" in the log", within: bound) { lines in
            lines.contains { $0.contains("\"\(message)\"") }
        }
        return lines.compactMap { LogLine($0) }.first { $0.message == message }!
    }

    /// Where it says that it listens.
    func address(_ service: String) -> String {
        log.first { $0.message == "listening" && $0["service"] == service }?["address"] ?? ""
    }

    func port(_ service: String) -> UInt16 { UInt16(address(service).split(separator: ":").last ?? "") ?? 0 }

    func url(_ service: String, _ path: String) -> String { "http://127.0.0.1:\(port(service))\(path)" }

    /// Runs it to its end, with exactly these variables.
    static func run(
        _ arguments: [String], _ variables: [String: String] = [:], files: [String: String] = [:]
    ) async throws -> RunningProgram.Result {
        let directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(text, to: name) }
        return try await RunningProgram.run(path(), arguments, environment: variables, directory: directory.path)
    }
}

/// Starts an origin, waits until it serves, and ends it after `body`, whatever that does.
func withOriginUnderTest<R>(
    _ arguments: [String] = [], _ variables: [String: String] = [:], files: [String: String] = [:],
    _ body: (OriginUnderTest) async throws -> R
) async throws -> R {
    let origin = try OriginUnderTest(arguments, variables, files: files)
    defer { origin.program.end() }
    do {
        try await origin.waitForLog("serving")
        return try await body(origin)
    } catch {
        throw WaitExpired(
            description: "\(error)\nthe origin said:\n\(origin.program.errors.events.suffix(40).joined())")
    }
}
