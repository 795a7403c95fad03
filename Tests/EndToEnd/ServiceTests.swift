import Foundation
import TestKit
import Testing

@Suite("sluice-proxy answers")
struct ServiceTests {
    @Test("versions, health and readiness on every HTTP port")
    func everyPort() async throws {
        try await withProxy { proxy in
            for service in [ProxyProcess.Service.media, .api, .system] {
                let versions = try await Curl.get(proxy.url(service, "/api/v1/versions"))
                #expect(versions.status == 200 && versions.fields["content-type"] == "application/json")
                #expect(versions.json["code"] as? Int == 0)
                #expect(versions.json["pid"] as? String == "\(proxy.program.pid)")
                let data = try #require(versions.json["data"] as? [String: Any])
                let numbers = ["major", "minor", "revision"].map { "\(data[$0] ?? "none")" }
                #expect(data["version"] as? String == numbers.joined(separator: "."))

                let health = try await Curl.get(proxy.url(service, "/healthz"))
                #expect(health.status == 200 && health.body == #"{"code":0,"status":"ok"}"#)
                let ready = try await Curl.get(proxy.url(service, "/readyz"))
                #expect(ready.status == 200 && ready.body == #"{"code":0,"status":"ready"}"#)

                let unknown = try await Curl.get(proxy.url(service, "/nothing/here"))
                #expect(unknown.status == 404 && unknown.json["code"] as? Int == 404)
                let posted = try await Curl.get(proxy.url(service, "/healthz"), ["--data", "x=1"])
                #expect(posted.status == 405 && posted.json["code"] as? Int == 405)
            }
        }
    }

    @Test("the listing of routes, to operators alone; what it names is there")
    func routes() async throws {
        try await withProxy { proxy in
            let listing = try await Curl.get(proxy.url(.system, "/api/v1/routes"))
            #expect(listing.status == 200 && listing.json["pid"] as? String == "\(proxy.program.pid)")
            let data = try #require(listing.json["data"] as? [String: Any])
            let routes = try #require(data["routes"] as? [[String: String]])
            #expect(Set(routes.compactMap { $0["server"] }) == ["media", "api", "system"])
            #expect(routes.contains { $0["server"] == "system" && $0["path"] == "/api/v1/routes" })
            for route in routes {
                let service = try #require(ProxyProcess.Service(rawValue: route["server"] ?? ""))
                // The rest of a path may be empty.
                let path = (route["path"] ?? "").replacing("*path", with: "")
                let answer = try await Curl.get(proxy.url(service, path), ["--request", "OPTIONS"])
                let methods = (answer.fields["allow"] ?? "").split(separator: ", ").map(String.init)
                #expect(answer.status < 300 && methods.contains(route["method"] ?? "none"), "\(route)")
                // Of something that is named there is none here.
                guard route["method"] == "GET", !path.contains(":") else { continue }
                #expect(try await Curl.get(proxy.url(service, path)).status == 200, "\(route)")
                #expect(route["summary"]?.isEmpty == false)
            }
            for service in [ProxyProcess.Service.media, .api] {
                #expect(try await Curl.get(proxy.url(service, "/api/v1/routes")).status == 404)
            }
        }
    }

    @Test("HEAD with the head of GET alone")
    func head() async throws {
        try await withProxy { proxy in
            let get = try await Curl.get(proxy.url(.api, "/healthz"))
            let head = try await Curl.get(proxy.url(.api, "/healthz"), ["--head"])
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.fields["content-length"] == get.fields["content-length"])
        }
    }

    @Test("over IPv4 and IPv6 on the same wildcard port")
    func bothFamilies() async throws {
        try await withProxy { proxy in
            for host in ["127.0.0.1", "[::1]"] {
                let answer = try await Curl.get(proxy.url(.api, "/healthz", host: host))
                #expect(answer.status == 200, "\(host): \(answer.errors)")
            }
        }
    }

    @Test("metrics that the Prometheus project's own parser reads, and none of them to viewers")
    func metrics() async throws {
        let script = """
            import json, sys
            from prometheus_client.parser import text_string_to_metric_families
            print(json.dumps({family.name: family.type for family in text_string_to_metric_families(sys.stdin.read())}))
            """
        try await withProxy { proxy in
            for service in [ProxyProcess.Service.api, .system] {
                let page = try await Curl.get(proxy.url(service, "/metrics"))
                #expect(
                    page.status == 200 && page.fields["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
                let parsed = try await RunningProgram.run("/usr/bin/python3", ["-c", script], input: page.body)
                #expect(parsed.exit == .status(0), "\(parsed.errors) is python3-prometheus-client installed?")
                let types = try JSONDecoder().decode([String: String].self, from: Data(parsed.output.utf8))
                #expect(types["sluice_http_requests"] == "counter")
                #expect(types["sluice_http_request_duration_seconds"] == "histogram")
                #expect(types["sluice_tcp_connections_open"] == "gauge")
                #expect(types["process_open_fds"] == "gauge")
            }
            let packed = try await Curl.get(proxy.url(.system, "/metrics"), ["--compressed"])
            #expect(packed.fields["content-encoding"] == "gzip" && packed.body.hasSuffix("\n"))
            #expect(try await Curl.get(proxy.url(.media, "/metrics")).status == 404)
        }
    }

    @Test("and counts what it answered")
    func counts() async throws {
        try await withProxy { proxy in
            for _ in 0..<5 { _ = try await Curl.get(proxy.url(.api, "/healthz")) }
            for _ in 0..<3 { _ = try await Curl.get(proxy.url(.api, "/nothing")) }
            let page = try await MetricsPage(of: proxy)
            #expect(page.value(#"sluice_http_requests_total{server="api",status="2xx"}"#) == 5)
            #expect(page.value(#"sluice_http_requests_total{server="api",status="4xx"}"#) == 3)
            #expect(page.value(#"sluice_http_requests_total{server="media",status="2xx"}"#) == 0)
            #expect(page.value(#"sluice_http_request_duration_seconds_count{server="api"}"#) == 8)
        }
    }
}
