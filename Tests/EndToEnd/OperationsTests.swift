import Foundation
import TestKit
import Testing

@Suite("What operators see and order at sluice-proxy")
struct OperationsTests {
    private static func origin(_ proxy: ProxyProcess, _ id: String) async throws -> [String: Any] {
        let answer = try await Curl.get(proxy.url(.system, "/api/v1/origins/\(id)"))
        #expect(answer.status == 200)
        return try origin(answer)
    }

    private static func origin(_ answer: Answer) throws -> [String: Any] {
        try #require((answer.json["data"] as? [String: Any])?["origin"] as? [String: Any])
    }

    private static func order(_ proxy: ProxyProcess, _ method: String, _ path: String) async throws -> Answer {
        try await Curl.get(proxy.url(.system, "/api/v1/origins/\(path)"), ["--request", method])
    }

    @Test("an origin is shown, drained, undrained and taken out; a drain holds for its later starts")
    func orders() async throws {
        try await withProxy { proxy in
            try await proxy.register("a/b ü", rtmp: 1_935, http: 8_080)
            let id = "a%2Fb%20%C3%BC"
            let shown = try await Self.origin(proxy, id)
            #expect(shown["server"] as? String == "a/b ü" && shown["state"] as? String == "alive")
            #expect(shown["drained"] as? Bool == false && shown["service"] as? String == "s")

            #expect(try Self.origin(try await Self.order(proxy, "POST", "\(id)/drain"))["drained"] as? Bool == true)
            let line = try await proxy.waitForLog("an operator has given an order")
            #expect(line["order"] == "drain" && line["origin"] == "a/b ü" && line["operator"] == "127.0.0.1")
            let gone = try await Self.order(proxy, "DELETE", id)
            #expect(try Self.origin(gone)["server"] as? String == "a/b ü")
            #expect(try await Curl.get(proxy.url(.system, "/api/v1/origins/\(id)")).status == 404)
            try await proxy.register("a/b ü", rtmp: 1_935)
            #expect(try await Self.origin(proxy, id)["drained"] as? Bool == true)
            #expect(try Self.origin(try await Self.order(proxy, "POST", "\(id)/undrain"))["drained"] as? Bool == false)
            let page = try await MetricsPage(of: proxy)
            for order in ["drain", "undrain", "deregister"] {
                #expect(page.value("sluice_origin_orders_total{order=\"\(order)\"}") == 1, "\(order)")
            }
        }
    }

    @Test("streams go past an origin that is drained")
    func drained() async throws {
        try await withProxy(["PROXY_LOG_LEVEL": "debug"]) { proxy in
            try await withOrigin { one in
                try await withOrigin { two in
                    for (name, origin) in [("one", one), ("two", two)] {
                        try await proxy.register(name, rtmp: origin.port(.rtmp), http: origin.port(.http))
                    }
                    #expect(try await Self.order(proxy, "POST", "one/drain").status == 200)
                    let media = try await Fixture.plain.make()
                    let publishers = try (0..<4).map {
                        try FFmpeg.publish(media, to: proxy.url(.rtmp, "/live/s\($0)"), speed: 1, isEndless: true)
                    }
                    defer { for publisher in publishers { publisher.end() } }
                    try await proxy.waitForClaims("four streams") { $0.count == 4 }
                    #expect(Set(try await proxy.claims().values) == ["two"])
                }
            }
        }
    }

    @Test("what is not there is 404, what the configuration says is 409, and other methods are 405")
    func refusals() async throws {
        try await withProxy(ProxyProcess.variables(before: 1)) { proxy in
            for (method, path) in [
                ("GET", "x"), ("DELETE", "x"), ("POST", "x/drain"), ("POST", "x/undrain"), ("POST", "x/other"),
            ] {
                let answer = try await Self.order(proxy, method, path)
                #expect(answer.status == 404 && answer.json["code"] as? Int == 404, "\(method) \(path)")
            }
            let name = "default-backend-127.0.0.1-1"
            let fixed = try await Self.order(proxy, "DELETE", name)
            #expect(fixed.status == 409)
            #expect(fixed.json["message"] as? String == "origin \(name) is fixed by the configuration")
            #expect(try await Self.order(proxy, "POST", "\(name)/drain").status == 200)
            let wrong = try await Self.order(proxy, "GET", "\(name)/drain")
            #expect(wrong.status == 405 && wrong.fields["allow"] == "POST, OPTIONS")
            #expect(try await Self.order(proxy, "POST", name).status == 405)
        }
    }

    @Test("the configuration in force is shown with where it comes from, and without secrets")
    func configuration() async throws {
        let variables = [
            "PROXY_API_TOKEN": "operators-1", "PROXY_REDIS_PASSWORD": "hunter2", "PROXY_GRACE_QUIT_TIMEOUT": "5s",
            "PROXY_SYSTEM_ALLOW": "127.0.0.1,10.0.0.0/8",
        ]
        try await withProxy(.init(variables: variables, files: [".env": "PROXY_REDIS_DB=3\n"])) { proxy in
            let url = proxy.url(.system, "/api/v1/config")
            #expect(try await Curl.get(url).status == 401)
            let answer = try await Curl.get(url, ["--header", "Authorization: Bearer operators-1"])
            let data = answer.json["data"] as? [String: Any]
            let settings = try #require(data?["settings"] as? [[String: Any]])
            var shown: [String: String] = [:]
            for setting in settings {
                shown[setting["name"] as? String ?? ""] = "\(setting["value"] ?? "") \(setting["source"] ?? "")"
                #expect((setting["redacted"] as? Bool == true) == (setting["value"] as? String == "<redacted>"))
            }
            #expect(shown["PROXY_API_TOKEN"] == "<redacted> environment")
            #expect(shown["PROXY_REDIS_PASSWORD"] == "<redacted> environment")
            #expect(shown["PROXY_REGISTER_SECRET"] == "none default")
            #expect(shown["PROXY_GRACE_QUIT_TIMEOUT"] == "5s environment")
            #expect(shown["PROXY_REDIS_DB"] == "3 .env:1")
            #expect(shown["PROXY_SYSTEM_ALLOW"] == "127.0.0.1/32,10.0.0.0/8 environment")
            #expect(shown["PROXY_LOOPS"] == "2 environment" && shown.count == settings.count)
            #expect(!answer.body.contains("operators-1") && !answer.body.contains("hunter2"))
        }
    }
}
