import Foundation
import TestKit
import Testing

@Suite("sluice-proxy and its sessions, as operators see and end them")
struct SessionsTests {
    private static func data(_ proxy: ProxyProcess, _ path: String) async throws -> [String: Any] {
        let answer = try await Curl.get(proxy.url(.system, path))
        #expect(answer.status == 200 && answer.json["code"] as? Int == 0, "\(path)")
        return try #require(answer.json["data"] as? [String: Any])
    }

    /// Waits until the sessions are as they should be.
    private static func sessions(
        _ proxy: ProxyProcess, _ query: String = "", until isMet: ([[String: Any]]) -> Bool = { _ in true }
    ) async throws -> [[String: Any]] {
        let deadline = ContinuousClock.now + .seconds(20)
        var last: [[String: Any]] = []
        while ContinuousClock.now < deadline {
            last = try #require(try await data(proxy, "/api/v1/sessions\(query)")["sessions"] as? [[String: Any]])
            if isMet(last) { return last }
        }
        throw WaitExpired(description: "sessions are \(last)")
    }

    /// Viewers first: they would end with their publisher.
    private static func endAll(_ sessions: [[String: Any]], of proxy: ProxyProcess) async throws {
        for isPublisher in [false, true] {
            for session in sessions where session["publish"] as? Bool == isPublisher {
                let path = "/api/v1/sessions/\(try #require(session["id"] as? String))"
                let answer = try await Curl.get(proxy.url(.system, path), ["--request", "DELETE"])
                #expect(answer.status == 200, "\(session)")
            }
        }
    }

    @Test("sessions of every kind are listed with their stream, origin and bytes, counted, and end when told to")
    func life() async throws {
        let media = try await Fixture.plain.make()
        try await withSite(.proxied) { site in
            let proxy = try #require(site.proxy)
            let publisher = try FFmpeg.publish(media, to: site.rtmp("/live/shown"), speed: 1, isEndless: true)
            defer { publisher.end() }
            let viewers = [
                try Client.play(site.rtmp("/live/shown")), try Client.play(site.http("/live/shown.flv")),
                try Client.play(site.webSocket("/live/shown.flv")),
            ]
            defer { for viewer in viewers { viewer.program.end() } }
            for viewer in viewers { try await viewer.wait(for: "media", count: 20) }

            let listed = try await Self.sessions(proxy) { $0.count == 4 }
            #expect(
                Set(listed.compactMap { $0["kind"] as? String }) == ["rtmp-publish", "rtmp-play", "http", "websocket"])
            for session in listed {
                #expect(session["stream"] as? String == "__defaultVhost__/live/shown")
                #expect(session["server"] as? String == "default-backend-127.0.0.1-\(site.origin.port(.rtmp))")
                #expect((session["peer"] as? String)?.hasPrefix("127.0.0.1:") == true)
                #expect(session["publish"] as? Bool == (session["kind"] as? String == "rtmp-publish"))
                let bytes = session[session["publish"] as? Bool == true ? "recv_bytes" : "send_bytes"] as? Int
                #expect(bytes ?? 0 > 1_000 && session["age_ms"] as? Int ?? -1 >= 0)
                let id = try #require(session["id"] as? String)
                let one = try await Self.data(proxy, "/api/v1/sessions/\(id)")["session"] as? [String: Any]
                #expect(one?["kind"] as? String == session["kind"] as? String)
            }
            var paged: [String] = []
            for start in 0..<4 {
                let part = try await Self.sessions(proxy, "?start=\(start)&count=1")
                #expect(part.count == 1)
                paged += part.compactMap { $0["id"] as? String }
            }
            #expect(paged == listed.compactMap { $0["id"] as? String })
            #expect(try await Self.data(proxy, "/api/v1/sessions?count=0")["total"] as? Int == 4)

            let streams = try await Self.data(proxy, "/api/v1/streams")["streams"] as? [[String: Any]]
            #expect(streams?.first?["publishers"] as? Int == 1 && streams?.first?["viewers"] as? Int == 3)
            let loops = try #require(try await Self.data(proxy, "/debug/loops")["loops"] as? [[String: Any]])
            #expect(loops.count == 2 && loops.allSatisfy { $0["answers"] as? Bool == true })
            #expect(loops.reduce(0) { $0 + ($1["sessions"] as? Int ?? 0) } == 4)
            for name in ["rounds", "timers", "descriptors"] {
                #expect(loops.allSatisfy { $0[name] as? Int ?? 0 > 0 }, "\(name)")
            }

            try await Self.endAll(listed, of: proxy)
            for viewer in viewers { _ = try await viewer.program.waitForExit(within: .seconds(20)) }
            _ = try await publisher.waitForExit(within: .seconds(20))
            _ = try await Self.sessions(proxy, until: \.isEmpty)
            let line = try await proxy.waitForLog("session ended by an operator", count: 4)
            #expect(line["operator"] == "127.0.0.1" && line["stream"] == "__defaultVhost__/live/shown")
            let page = try await MetricsPage(of: proxy)
            for kind in ["rtmp-publish", "rtmp-play", "http", "websocket"] {
                #expect(page.value("sluice_sessions_kicked_total{kind=\"\(kind)\"}") == 1, "\(kind)")
            }
            #expect(page.value("sluice_rtmp_relays_open{purpose=\"play\"}") ?? 0 == 0)
        }
    }

    @Test("who still waits for an origin's answer is listed and ended as well")
    func searching() async throws {
        // The kernel takes the connection, and nobody says anything.
        let silent = try TakenPort()
        defer { silent.close() }
        try await withProxy(ProxyProcess.variables(before: silent.port, http: silent.port)) { proxy in
            let url = proxy.url(.media, "/live/nothing.flv")
            async let viewer = Curl.get(url)
            let waiting = try await Self.sessions(proxy) { $0.count == 1 }
            #expect(waiting[0]["server"] == nil && waiting[0]["kind"] as? String == "http")
            let path = "/api/v1/sessions/\(try #require(waiting[0]["id"] as? String))"
            #expect(try await Curl.get(proxy.url(.system, path), ["--request", "DELETE"]).status == 200)
            let answer = try await viewer
            #expect(answer.status == 403 && answer.json["message"] as? String == "ended by an operator")
            _ = try await Self.sessions(proxy, until: \.isEmpty)
            #expect(try await Curl.get(proxy.url(.system, path), ["--request", "DELETE"]).status == 404)
        }
    }

    @Test("what is no session is 404, whatever it looks like")
    func unknown() async throws {
        try await withProxy { proxy in
            for id in ["0-1", "7-1", "-1", "x", "0-01", "99999999999999999999-1", "0-1-1", "%00", "%2F"] {
                for method in ["GET", "DELETE"] {
                    let url = proxy.url(.system, "/api/v1/sessions/\(id)")
                    let status = try await Curl.get(url, ["--request", method]).status
                    #expect(status == (id == "%00" ? 400 : 404), "\(method) \(id)")
                }
            }
        }
    }
}
