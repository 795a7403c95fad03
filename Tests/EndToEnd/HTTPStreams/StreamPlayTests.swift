import Foundation
import TestKit
import Testing

@Suite("A stream that ffmpeg publishes through sluice-proxy to sluice-origin")
struct StreamPlayTests {
    private static let ffmpeg = "/usr/bin/ffmpeg"

    @Test("is what viewers get over HTTP and as a WebSocket, picture for picture and sound for sound")
    func play() async throws {
        let files = try TemporaryDirectory()
        let source = "\(files.path)/source.flv"
        try await Self.run([
            "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25:duration=3", "-f", "lavfi", "-i", "sine=duration=3",
            "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-c:a", "aac", source,
        ])
        let origin = try await OriginProgram()
        defer { origin.program.end() }
        let backend = [
            "PROXY_DEFAULT_BACKEND_ENABLED": "on", "PROXY_DEFAULT_BACKEND_RTMP": "\(origin.rtmp)",
            "PROXY_DEFAULT_BACKEND_HTTP": "\(origin.http)",
        ]
        try await withProxy(backend) { proxy in
            let viewed = "\(files.path)/viewed.flv"
            let url = proxy.url(.media, "/live/a.flv")
            // It comes first, and waits for the publisher.
            let viewer = try RunningProgram(
                "/usr/bin/curl", ["--silent", "--noproxy", "*", "--max-time", "40", "--output", viewed, url])
            defer { viewer.end() }
            let port = proxy.listeners.first { $0.service == "rtmp" }?.port ?? 0
            let listing = proxy.url(.system, "/api/v1/origins")
            while !(try await Curl.get(listing).body.contains("\"attempts\":1")) { try #require(!viewer.hasExited) }
            let publisher = try RunningProgram(
                Self.ffmpeg,
                ["-v", "error", "-re", "-i", source, "-c", "copy", "-f", "flv", "rtmp://127.0.0.1:\(port)/live/a"])
            defer { publisher.end() }
            let frames = try await webSocketViewer("ws://127.0.0.1:\(proxy.port(.media))/live/a.flv", enough: 20_000)
            #expect(Int(frames[0]) ?? 0 >= 20_000)
            #expect(try await publisher.waitForExit() == .status(0))
            // The origin ends the answer when no publisher has come for 10 s.
            #expect(try await viewer.waitForExit(within: .seconds(40)) == .status(0))
            let (sent, got) = (try await Self.hashes(source), try await Self.hashes(viewed))
            #expect(sent.count > 150 && sent == got)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        let result = try await RunningProgram.run(ffmpeg, ["-v", "error", "-y"] + arguments, within: .seconds(60))
        guard result.exit == .status(0) else { throw WaitExpired(description: "ffmpeg: \(result.errors)") }
    }

    /// Of every packet, tracks apart.
    private static func hashes(_ path: String) async throws -> [String] {
        let result = try await RunningProgram.run(
            ffmpeg, ["-v", "error", "-i", path, "-map", "v", "-map", "a", "-c", "copy", "-f", "framemd5", "-"],
            within: .seconds(60))
        return result.output.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let columns = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return "\(columns.first ?? "") \(columns.last ?? "")"
        }.sorted()
    }
}

/// The real `sluice-origin`, at ports that the system chooses.
private final class OriginProgram: Sendable {
    let program: RunningProgram
    let rtmp: UInt16
    let http: UInt16

    init() async throws {
        let path = try ProxyProcess.path().replacingOccurrences(of: "sluice-proxy", with: "sluice-origin")
        program = try RunningProgram(
            path, ["-e"],
            environment: [
                "SRS_LISTEN": "0", "SRS_HTTP_SERVER_ENABLED": "on", "SRS_HTTP_SERVER_LISTEN": "0",
                "SRS_VHOST_HTTP_REMUX_ENABLED": "on", "SRS_HTTP_API_LISTEN": "0",
            ])
        let errors = try await program.errors.wait(for: "serving") { $0.contains { $0.contains("\"serving\"") } }
        let lines = errors.compactMap { LogLine($0) }.filter { $0.message == "listening" }
        func port(_ service: String) -> UInt16 {
            lines.first { $0["service"] == service }?["address"]?.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        }
        (rtmp, http) = (port("rtmp"), port("http"))
    }
}
