import Foundation
import TestKit
import Testing

@Suite("Origins register at sluice-proxy")
struct RegistrationTests {
    /// A heartbeat as SRS sends it, with one member changed or, with nil, left out.
    private static func heartbeat(_ changes: [String: Any?] = [:]) throws -> String {
        var members: [String: Any] = [
            "device_id": "origin1", "ip": "10.0.0.5", "server": "vid-1", "service": "s1", "pid": "77",
            "rtmp": ["tcp://0.0.0.0:1935"], "http": ["8080"], "rtc": ["udp://[::]:8000", "tcp://10.0.0.6:8000"],
            "summaries": ["data": ["ok": true, "now_ms": 1_700_000_000_000]],
        ]
        for (name, value) in changes { members[name] = value }
        return String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
    }

    private static func beat(_ proxy: ProxyProcess, _ changes: [String: Any?] = [:]) async throws -> Answer {
        try await Curl.get(
            proxy.url(.system, "/api/v1/srs/register"),
            ["--header", "Content-Type: application/json", "--data-binary", heartbeat(changes)])
    }

    private static func origins(_ proxy: ProxyProcess) async throws -> [[String: Any]] {
        let answer = try await Curl.get(proxy.url(.system, "/api/v1/origins"))
        #expect(answer.status == 200 && answer.json["code"] as? Int == 0)
        return (answer.json["data"] as? [String: Any])?["origins"] as? [[String: Any]] ?? []
    }

    @Test("a heartbeat of SRS is answered as SRS's own proxy does, and the origin is listed")
    func register() async throws {
        try await withProxy { proxy in
            let answer = try await Self.beat(proxy)
            #expect(answer.status == 200 && answer.body == "{\"code\":0,\"pid\":\"\(proxy.program.pid)\"}")
            let line = try await proxy.waitForLog("origin registered")
            #expect(line["origin"] == "vid-1" && line["host"] == "10.0.0.5")

            let origin = try #require(try await Self.origins(proxy).first)
            for (name, value) in [
                ("server", "vid-1"), ("service", "s1"), ("pid", "77"), ("device_id", "origin1"), ("ip", "10.0.0.5"),
                ("state", "alive"),
            ] { #expect(origin[name] as? String == value, "\(name)") }
            #expect(origin["rtmp"] as? [String] == ["tcp://10.0.0.5:1935"])
            #expect(origin["http"] as? [String] == ["10.0.0.5:8080"])
            #expect(origin["rtc"] as? [String] == ["udp://10.0.0.5:8000", "tcp://10.0.0.6:8000"])
            #expect(origin["srt"] == nil && origin["interval_ms"] == nil)
            try await MetricsPage.wait(for: "sluice_origins{state=\"alive\"}", of: proxy) { $0 == 1 }
            #expect(try await MetricsPage(of: proxy).value("sluice_heartbeats_total{outcome=\"registered\"}") == 1)
        }
    }

    @Test("a restart replaces the origin, and three missed beats silence it until it beats again")
    func lifecycle() async throws {
        try await withProxy { proxy in
            _ = try await Self.beat(proxy)
            _ = try await Self.beat(proxy, ["service": "s2", "pid": "78", "ip": "origin-1.example"])
            let line = try await proxy.waitForLog("origin was restarted")
            #expect(line["earlier_pid"] == "77" && line["host"] == "origin-1.example")
            #expect(try await Self.origins(proxy).map { $0["service"] as? String } == ["s2"])

            // The fastest rhythm there is: one a second.
            for _ in 0..<4 {
                let deadline = ContinuousClock.now + .seconds(20)
                while try await Self.origins(proxy).first?["last_beat_ms"] as? Int ?? 0 < 1_000 {
                    try #require(ContinuousClock.now < deadline)
                }
                _ = try await Self.beat(proxy, ["service": "s2", "pid": "78", "ip": "origin-1.example"])
            }
            try await proxy.waitForLog("origin is silent")
            #expect(try await Self.origins(proxy).first?["state"] as? String == "silent")
            try await MetricsPage.wait(for: "sluice_origins{state=\"silent\"}", of: proxy) { $0 == 1 }

            #expect(try await Self.beat(proxy, ["service": "s2", "pid": "78"]).status == 200)
            try await proxy.waitForLog("origin beats again")
            #expect(try await Self.origins(proxy).first?["state"] as? String == "alive")
        }
    }

    @Test("a refusal names the field, and changes nothing")
    func refusals() async throws {
        try await withProxy { proxy in
            let mistakes: [(String, Any?, String)] = [
                ("rtmp", nil, "rtmp: missing"), ("ip", "10.0.0", "ip: is not a host name or an IP address"),
                ("srt", ["sctp://1"], "srt: \"sctp://1\" is not an endpoint: only tcp:// and udp:// are known"),
            ]
            for (member, value, message) in mistakes {
                let answer = try await Self.beat(proxy, [member: value])
                #expect(answer.status == 400 && answer.json["code"] as? Int == 400)
                #expect(answer.json["message"] as? String == message)
            }
            let url = proxy.url(.system, "/api/v1/srs/register")
            #expect(
                try await Curl.get(url, ["--data-binary", "{\"ip\":"]).json["message"] as? String
                    == "the body is not JSON")
            let large = try proxy.directory.write(String(repeating: " ", count: 16_385), to: "large")
            #expect(try await Curl.get(url, ["--data-binary", "@\(large)"]).status == 413)
            #expect(try await Curl.get(url).status == 405)
            #expect(try await Self.origins(proxy).isEmpty)
            #expect(try await MetricsPage(of: proxy).value("sluice_heartbeats_total{outcome=\"refused\"}") == 4)
            // Viewers and players of the other services cannot register anything.
            for service in [ProxyProcess.Service.media, .api] {
                let status = try await Curl.get(proxy.url(service, "/api/v1/srs/register"), ["--data", "{}"]).status
                #expect(status == 404 || status == 405)
            }
        }
    }

    @Test("an origin that leaves says so, and is gone with its farewell")
    func farewell() async throws {
        try await withProxy { proxy in
            let load: [String: Any] = [
                "data": ["system": ["conn_srs": 25, "cpu_percent": 0.34], "self": ["cpu_percent": 0.02]]
            ]
            _ = try await Self.beat(proxy, ["summaries": load, "weight": "300"])
            let origin = try #require(try await Self.origins(proxy).first)
            #expect(origin["connections"] as? Int == 25 && origin["cpu_percent"] as? Int == 34)
            #expect(origin["weight"] as? Int == 300 && origin["streams"] as? Int == 0 && origin["load"] as? Int == 2)
            #expect(origin["failing"] as? [String] == [])

            #expect(try await Self.beat(proxy, ["state": "leaving"]).status == 200)
            try await proxy.waitForLog("origin is leaving")
            #expect(try await Self.origins(proxy).first?["state"] as? String == "leaving")
            try await MetricsPage.wait(for: "sluice_origins{state=\"leaving\"}", of: proxy) { $0 == 1 }

            // That of another start changes nothing.
            #expect(try await Self.beat(proxy, ["state": "gone", "service": "s0"]).status == 200)
            #expect(try await Self.origins(proxy).count == 1)
            #expect(try await Self.beat(proxy, ["state": "gone"]).status == 200)
            try await proxy.waitForLog("origin has left")
            #expect(try await Self.origins(proxy).isEmpty)
            let page = try await MetricsPage(of: proxy)
            for outcome in ["leaving", "left", "outdated"] {
                #expect(page.value("sluice_heartbeats_total{outcome=\"\(outcome)\"}") == 1, "\(outcome)")
            }
            let refused = try await Self.beat(proxy, ["state": "away"])
            #expect(refused.json["message"] as? String == "state: \"away\" is not serving, leaving or gone")
        }
    }

    @Test("streams that origins have are listed and counted; none is claimed yet")
    func streams() async throws {
        try await withProxy { proxy in
            let answer = try await Curl.get(proxy.url(.system, "/api/v1/streams?start=0&count=10"))
            let data = try #require(answer.json["data"] as? [String: Any])
            #expect(answer.status == 200 && data["total"] as? Int == 0 && data["next"] == nil)
            #expect((data["streams"] as? [Any])?.isEmpty == true)
            let page = try await MetricsPage(of: proxy)
            #expect(page.value("sluice_stream_claims") == 0 && page.value("sluice_stream_claims_granted_total") == 0)
            #expect(try await Curl.get(proxy.url(.media, "/api/v1/streams")).status == 404)
        }
    }

    @Test("the list of origins comes in parts, in the order of their names")
    func pages() async throws {
        try await withProxy { proxy in
            for name in ["c", "a", "b"] { _ = try await Self.beat(proxy, ["server": name]) }
            for (query, names) in [
                ("", ["a", "b", "c"]), ("?start=1", ["b", "c"]), ("?start=1&count=1", ["b"]), ("?count=0", []),
                ("?start=9", []), ("?start=-1&count=x", ["a", "b", "c"]),
            ] {
                let answer = try await Curl.get(proxy.url(.system, "/api/v1/origins\(query)"))
                let data = answer.json["data"] as? [String: Any]
                let origins = data?["origins"] as? [[String: Any]]
                #expect(origins?.map { $0["server"] as? String ?? "" } == names, "\(query)")
                #expect(data?["total"] as? Int == 3)
            }
        }
    }

    @Test("the default backend is there from the start and stays, with the ports that are set")
    func defaultBackend() async throws {
        let variables = [
            "PROXY_DEFAULT_BACKEND_ENABLED": "on", "PROXY_DEFAULT_BACKEND_IP": "::1",
            "PROXY_DEFAULT_BACKEND_RTMP": "21935", "PROXY_DEFAULT_BACKEND_SRT": "off",
        ]
        try await withProxy(variables) { proxy in
            let origin = try #require(try await Self.origins(proxy).first)
            #expect(origin["state"] as? String == "fixed" && origin["ip"] as? String == "::1")
            #expect(origin["rtmp"] as? [String] == ["[::1]:21935"] && origin["http"] as? [String] == ["[::1]:8080"])
            #expect(origin["srt"] == nil && origin["last_beat_ms"] == nil)
            let name = "default-backend-::1-21935"
            #expect(origin["server"] as? String == name)
            #expect(try await Curl.get(proxy.url(.system, "/api/v1/origins/\(name)")).status == 200)
            let taken = try await Self.beat(proxy, ["server": name])
            #expect(taken.status == 400)
        }
    }
}
