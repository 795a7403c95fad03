import Foundation
import TestKit
import Testing

@Suite("sluice-origin tells proxies of itself")
struct OriginHeartbeatTests {
    /// What makes an origin register at `proxies`.
    private static func variables(_ proxies: [ProxyProcess], _ own: [String: String] = [:]) -> [String: String] {
        var variables = [
            "SRS_HEARTBEAT_ENABLED": "on", "SRS_HEARTBEAT_PORTS": "on", "SRS_HEARTBEAT_SUMMARIES": "on",
            "SRS_HEARTBEAT_INTERVAL": "1", "SRS_SERVER_ID": "origin-1",
            "SRS_HEARTBEAT_URL": proxies.map { $0.url(.system, "/api/v1/srs/register") }.joined(separator: " "),
        ]
        for (name, value) in own { variables[name] = value }
        return variables
    }

    private static func origins(_ proxy: ProxyProcess) async throws -> [[String: Any]] {
        let answer = try await Curl.get(proxy.url(.system, "/api/v1/origins"))
        return (answer.json["data"] as? [String: Any])?["origins"] as? [[String: Any]] ?? []
    }

    private static func wait(
        _ proxy: ProxyProcess, for what: String, until isMet: ([[String: Any]]) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        var last: [[String: Any]] = []
        while ContinuousClock.now < deadline {
            last = try await origins(proxy)
            if isMet(last) { return }
        }
        throw WaitExpired(description: "no \(what): \(last)")
    }

    @Test("with the ports that it has really got, and its load; the farewell removes it from every proxy")
    func life() async throws {
        try await withProxy { first in
            try await withProxy { second in
                let own = ["SRS_HEARTBEAT_DEVICE_ID": "rack 7", "SRS_LISTEN": "127.0.0.1:0"]
                try await withOriginUnderTest([], Self.variables([first, second], own)) { origin in
                    for proxy in [first, second] {
                        try await proxy.waitForLog("origin registered")
                        let shown = try #require(try await Self.origins(proxy).first)
                        #expect(shown["server"] as? String == "origin-1" && shown["ip"] as? String == "127.0.0.1")
                        #expect(shown["pid"] as? String == "\(origin.program.pid)")
                        #expect(shown["device_id"] as? String == "rack 7" && shown["state"] as? String == "alive")
                        #expect(shown["rtmp"] as? [String] == [origin.address("rtmp")])
                        #expect(shown["http"] as? [String] == ["127.0.0.1:\(origin.port("http"))"])
                        #expect(shown["api"] as? [String] == ["127.0.0.1:\(origin.port("api"))"])
                    }
                    let client = try Peer(port: origin.port("rtmp"))
                    defer { client.close() }
                    try await Self.wait(first, for: "connection in the listing") {
                        $0.first?["connections"] as? Int == 1
                    }
                    client.close()
                    origin.program.signal(SIGTERM)
                    #expect(try await origin.program.waitForExit() == .status(0))
                    for proxy in [first, second] {
                        try await Self.wait(proxy, for: "farewell", until: \.isEmpty)
                    }
                }
            }
        }
    }

    @Test("and what a restart registers replaces it at once")
    func restart() async throws {
        try await withProxy { proxy in
            let first = try await withOriginUnderTest([], Self.variables([proxy])) { origin in
                try await proxy.waitForLog("origin registered")
                origin.program.signal(SIGKILL)
                _ = try await origin.program.waitForExit()
                return origin.program.pid
            }
            try await withOriginUnderTest([], Self.variables([proxy])) { origin in
                let line = try await proxy.waitForLog("origin was restarted")
                #expect(line["earlier_pid"] == "\(first)")
                let listed = try await Self.origins(proxy)
                #expect(listed.map { $0["pid"] as? String } == ["\(origin.program.pid)"])
            }
        }
    }

    @Test("SIGQUIT: it says that it leaves, welcomes clients until the wait is over, and lets them end by themselves")
    func gentleEnd() async throws {
        try await withProxy { proxy in
            let conf = "listen 0; grace_start_wait 600; grace_final_wait 300; vhost __defaultVhost__ { }"
            try await withOriginUnderTest(["-c", "origin.conf"], Self.variables([proxy]), files: ["origin.conf": conf])
            {
                origin in
                try await proxy.waitForLog("origin registered")
                let port = origin.port("rtmp")
                let busy = try Peer(port: port)
                defer { busy.close() }
                let began = ContinuousClock.now
                origin.program.signal(SIGQUIT)
                try await origin.waitForLog("leaving")
                try await proxy.waitForLog("origin is leaving")
                let late = try Peer(port: port)
                late.close()
                #expect(ContinuousClock.now - began < .milliseconds(600), "a client is welcome during the wait")
                // The wait comes first, for the connection that is open does not publish or play and ends with the
                // drain.
                #expect(try await origin.program.waitForExit() == .status(0))
                #expect(ContinuousClock.now - began >= .milliseconds(900))
                _ = try await origin.program.waitForOutput()
                let messages = origin.log.map(\.message).filter { ["leaving", "draining", "drained"].contains($0) }
                #expect(messages == ["leaving", "draining", "drained"])
                #expect(try await Self.origins(proxy).isEmpty)
            }
        }
    }

    @Test("SIGTERM during a gentle end hurries it; with `force_grace_quit` the first SIGTERM is gentle as well")
    func hurried() async throws {
        let conf = "listen 0; grace_start_wait 60000; force_grace_quit on; vhost __defaultVhost__ { }"
        try await withOriginUnderTest(["-c", "origin.conf"], files: ["origin.conf": conf]) { origin in
            origin.program.signal(SIGTERM)
            try await origin.waitForLog("leaving")
            try await eventually("exit") {
                origin.program.signal(SIGTERM)
                return origin.program.hasExited
            }
            #expect(try await origin.program.waitForExit() == .status(0))
        }
    }

    @Test("an unreachable proxy is told in the log, and holds up neither the start nor the end")
    func unreachable() async throws {
        let port = try TakenPort(.refusing)
        defer { port.close() }
        let url = "http://127.0.0.1:\(port.port)/api/v1/srs/register"
        try await withOriginUnderTest([], Self.variables([], ["SRS_HEARTBEAT_URL": url])) { origin in
            let line = try await origin.waitForLog("heartbeats fail")
            #expect(line.level == "warning" && line["proxy"] == "127.0.0.1:\(port.port)")
            let began = ContinuousClock.now
            origin.program.signal(SIGTERM)
            #expect(try await origin.program.waitForExit() == .status(0))
            #expect(ContinuousClock.now - began < .seconds(3))
        }
    }
}
