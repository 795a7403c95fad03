import Foundation
import TestKit

/// The origin of `scripted_origin.py`, at a port that the system chose.
final class ScriptedOrigin: Sendable {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    let name: String
    let port: UInt16
    /// Of the body that all its streams have.
    let hash: String
    private let program: RunningProgram

    /// `always` is the name of the stream that it takes every other one for.
    init(_ name: String = "scripted", always: String? = nil) async throws {
        self.name = name
        program = try RunningProgram(
            "/usr/bin/python3", ["\(Self.folder)/scripted_origin.py"] + (always.map { [$0] } ?? []))
        let words = try await program.output.wait(count: 2)
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: " ").map(String.init) }
        port = UInt16(words[0][1]) ?? 0
        hash = words[1][1]
    }

    deinit { end() }

    /// Nobody is at its port from then on.
    func end() { program.end() }

    /// What has happened to it.
    var events: [String] { program.output.events.map { $0.trimmingCharacters(in: .newlines) } }

    var asked: Int { events.count { $0.hasPrefix("asked ") } }

    @discardableResult
    func wait(for event: String) async throws -> String {
        try await program.output.wait(for: event) { $0.contains { $0.hasPrefix(event) } }
        return events.first { $0.hasPrefix(event) } ?? ""
    }

    /// Makes it known to a proxy; `endpoints` are named in front of its own.
    func register(at proxy: ProxyProcess, behind endpoints: [String] = []) async throws {
        try await Self.register(name, port: port, at: proxy, behind: endpoints)
    }

    static func register(
        _ name: String, port: UInt16, at proxy: ProxyProcess, behind endpoints: [String] = []
    ) async throws {
        let http = (endpoints + ["\(port)"]).map { "\"\($0)\"" }.joined(separator: ",")
        let beat = """
            {"ip":"127.0.0.1","server":"\(name)","service":"s1","pid":"7","rtmp":["1"],"http":[\(http)]}
            """
        let answer = try await Curl.get(proxy.url(.system, "/api/v1/srs/register"), ["--data-binary", beat])
        guard answer.status == 200 else { throw WaitExpired(description: "not registered: \(answer.body)") }
    }
}

/// A stream that curl has received, in a file.
struct Received {
    let status: Int
    let hash: String
    let size: Int
    /// curl's own status: 18 where the answer broke off, 28 where it was not over in time.
    let curl: Int32

    init(_ url: String, _ arguments: [String] = []) async throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/stream"
        try directory.write("", to: "stream")
        let result = try await RunningProgram.run(
            "/usr/bin/curl",
            [
                "--silent", "--noproxy", "*", "--max-time", "30", "--output", file, "--write-out", "%{http_code}",
            ] + arguments + [url], within: .seconds(60))
        guard case .status(let code) = result.exit else { throw WaitExpired(description: "curl died") }
        curl = code
        status = Int(result.output) ?? 0
        let sum = try await RunningProgram.run("/usr/bin/sha256sum", [file])
        hash = String(sum.output.prefix(64))
        size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    }
}

/// What the WebSocket client of `websocket_viewer.py` prints: length, hash and code, or `refused` and the status.
func webSocketViewer(_ url: String, enough: Int? = nil) async throws -> [String] {
    let result = try await RunningProgram.run(
        "/usr/bin/python3",
        ["\(ScriptedOrigin.folder)/websocket_viewer.py", url] + (enough.map { ["\($0)"] } ?? []), within: .seconds(60))
    guard result.exit == .status(0) else { throw WaitExpired(description: "python3-websockets: \(result.errors)") }
    return result.output.split(whereSeparator: \.isWhitespace).map(String.init)
}
