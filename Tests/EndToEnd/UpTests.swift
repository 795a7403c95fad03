import Foundation
import TestKit
import Testing

@Suite("./dev up", .timeLimit(.minutes(2)))
struct UpTests {
    /// What `./dev up` runs once everything is built, on ports that the system chooses.
    private static func start(_ own: [String: String] = [:]) throws -> RunningProgram {
        let script = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().appendingPathComponent("../../dev-tools/run-up").standardized.path
        let folder = URL(fileURLWithPath: try ProxyProcess.path()).deletingLastPathComponent().path
        // A program that a test starts inherits blocked signals from its thread; from a terminal it does not.
        let unblock =
            "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execv(sys.argv[1], sys.argv[1:])"
        return try RunningProgram(
            "/usr/bin/python3", ["-c", unblock, script, folder],
            environment: ProxyProcess.variables.merging(own) { _, own in own })
    }

    /// The first URL that begins so.
    private static func url(_ beginning: String, ending: String, in lines: [String]) -> String? {
        lines.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map(String.init)
            .first { $0.hasPrefix(beginning) && $0.hasSuffix(ending) }
    }

    @Test("starts one proxy and two origins, prints where to publish and to play, and stops them all at a signal")
    func life() async throws {
        let up = try Self.start()
        defer { up.end() }
        let lines = try await up.output.wait(for: "the URLs", within: .seconds(60)) { lines in
            lines.contains { $0.contains("origin-2") && $0.contains(" api ") }
        }
        let system = try #require(Self.url("http://", ending: "/api/v1/origins", in: lines))
        let data = try await Curl.get(system).json["data"] as? [String: Any]
        let origins = try #require(data?["origins"] as? [[String: Any]])
        #expect(origins.map { $0["server"] as? String } == ["origin-1", "origin-2"])
        #expect(origins.allSatisfy { $0["state"] as? String == "alive" && $0["http"] != nil && $0["api"] != nil })
        let rtmp = try #require(Self.url("rtmp://", ending: "/live/livestream", in: lines))
        #expect(lines.contains { $0.contains("OBS") && $0.contains("stream key livestream") })
        #expect(Self.url("http://", ending: "/live/livestream.flv", in: lines) != nil)
        let health = try #require(Self.url("http://", ending: "/healthz", in: lines))
        #expect(try await Curl.get(health).status == 200)
        let port = try #require(UInt16(rtmp.split(separator: ":")[2].prefix { $0 != "/" }))
        try await onThread { _ = try Peer(port: port) }

        up.signal(SIGTERM)
        #expect(try await up.waitForExit() == .status(0))
        for origin in origins {
            let pid = try #require((origin["pid"] as? String).flatMap { pid_t($0) })
            #expect(kill(pid, 0) != 0, "no program is left")
        }
    }

    @Test("a port that is taken is named, and nothing is left running")
    func taken() async throws {
        let port = try TakenPort()
        defer { port.close() }
        let up = try Self.start(["PROXY_HTTP_API": "127.0.0.1:\(port.port)"])
        defer { up.end() }
        #expect(try await up.waitForExit(within: .seconds(40)) == .status(1))
        let (output, errors) = try await up.waitForOutput()
        #expect(errors.contains("PROXY_HTTP_API: cannot listen on 127.0.0.1:\(port.port): Address already in use"))
        #expect(errors.contains("./dev up: proxy did not start; why is above"))
        #expect(output.isEmpty)
    }

    @Test("a program that ends by itself ends the others, and is named")
    func oneEnds() async throws {
        let up = try Self.start()
        defer { up.end() }
        let lines = try await up.output.wait(for: "the URLs", within: .seconds(60)) { lines in
            lines.contains { $0.contains("origin-2") && $0.contains(" api ") }
        }
        let system = try #require(Self.url("http://", ending: "/api/v1/origins", in: lines))
        let data = try await Curl.get(system).json["data"] as? [String: Any]
        let origins = try #require(data?["origins"] as? [[String: Any]])
        let pid = try #require((origins[1]["pid"] as? String).flatMap { pid_t($0) })
        kill(pid, SIGKILL)
        #expect(try await up.waitForExit() == .status(1))
        let errors = try await up.waitForOutput().errors
        #expect(errors.contains("./dev up: origin-2 ended by itself (exit 137)"))
        #expect(!errors.contains("not a child"), "waited for in the wrong shell")
    }
}
