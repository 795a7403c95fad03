import Foundation
import TestKit
import Testing

@Suite("Who may ask sluice-proxy")
struct AccessTests {
    private static let token = "operators-1"
    private static let next = "operators-2/+="
    private static let secret = "origins-secret"
    private static let heartbeat =
        "{\"ip\":\"10.0.0.5\",\"server\":\"vid-1\",\"service\":\"s1\",\"pid\":\"7\",\"rtmp\":[\"1935\"]}"

    private static func bearer(_ token: String) -> [String] { ["--header", "Authorization: Bearer \(token)"] }

    private static func expectRefusal(_ answer: Answer, _ challenge: String, _ path: String) {
        #expect(answer.status == 401 && answer.json["code"] as? Int == 401, "\(path)")
        #expect(answer.json["message"] is String && answer.fields["www-authenticate"] == challenge, "\(path)")
    }

    @Test("with a token set, operators' paths want it, also those that are not there; what watches needs none")
    func token() async throws {
        try await withProxy(["PROXY_API_TOKEN": "\(Self.token), \(Self.next)", "PROXY_LOG_LEVEL": "debug"]) { proxy in
            let open = ["/healthz", "/readyz", "/api/v1/versions"]
            let closed = ["/metrics", "/api/v1/routes", "/api/v1/origins", "/api/v1/streams", "/no/such/path"]
            for path in open { #expect(try await Curl.get(proxy.url(.system, path)).status == 200, "\(path)") }
            for path in closed {
                let url = proxy.url(.system, path)
                Self.expectRefusal(try await Curl.get(url), "Bearer realm=\"sluice\"", path)
                for wrong in ["operators-", "operators-11", "x", "\(Self.token),\(Self.next)"] {
                    let answer = try await Curl.get(url, Self.bearer(wrong))
                    Self.expectRefusal(answer, "Bearer realm=\"sluice\", error=\"invalid_token\"", path)
                }
                for known in [Self.token, Self.next] {
                    let status = try await Curl.get(url, Self.bearer(known)).status
                    #expect(status == (path == "/no/such/path" ? 404 : 200), "\(path)")
                }
            }
            let url = proxy.url(.system, "/api/v1/origins")
            #expect(try await Curl.get(url, ["--header", "authorization: BEARER  \(Self.token)"]).status == 200)
            #expect(try await Curl.get(url, ["--user", "x:\(Self.token)"]).status == 401)
            // Two could be read in two ways.
            #expect(try await Curl.get(url, Self.bearer(Self.token) + Self.bearer("other")).status == 401)
            #expect(try await Curl.get(url, ["--request", "POST", "--data", "{}"]).status == 401)
            #expect(try await Curl.get(url, ["--request", "OPTIONS"]).status == 401)
            #expect(try await Curl.get(proxy.url(.system, "/healthz"), ["--request", "OPTIONS"]).status == 204)
            // The same numbers are not to be had elsewhere, and viewers need no token.
            #expect(try await Curl.get(proxy.url(.api, "/metrics")).status == 401)
            #expect(try await Curl.get(proxy.url(.api, "/api/v1/versions")).status == 200)
            #expect(try await Curl.get(proxy.url(.media, "/")).status == 200)
            // Origins have nothing to do with it.
            let register = proxy.url(.system, "/api/v1/srs/register")
            #expect(try await Curl.get(register, ["--data-binary", Self.heartbeat]).status == 200)

            let page = try await Curl.get(proxy.url(.system, "/metrics"), Self.bearer(Self.token)).body
            #expect(page.contains("sluice_unauthorized_total{purpose=\"operations\"} "))
            try await proxy.waitForLog("not let in")
            proxy.terminate()
            #expect(try await proxy.waitForExit() == .status(0))
            let (output, errors) = try await proxy.program.waitForOutput()
            for text in [output, errors] { #expect(!text.contains(Self.token) && !text.contains(Self.next)) }
        }
    }

    @Test("with a secret set, heartbeats show it in a field or in the path; the token of operators is none")
    func secret() async throws {
        let variables = ["PROXY_REGISTER_SECRET": Self.secret, "PROXY_API_TOKEN": Self.token]
        try await withProxy(variables) { proxy in
            let url = proxy.url(.system, "/api/v1/srs/register")
            let body = ["--data-binary", Self.heartbeat]
            Self.expectRefusal(try await Curl.get(url, body), "Bearer realm=\"sluice\"", "none")
            for refused in [
                try await Curl.get(url, body + Self.bearer(Self.token)),
                try await Curl.get(url + "/other-secret", body),
                try await Curl.get("\(url)?secret=\(Self.secret)", body + Self.bearer("x")),
            ] { Self.expectRefusal(refused, "Bearer realm=\"sluice\", error=\"invalid_token\"", "wrong") }
            #expect(try await Curl.get("\(url)/", body).status == 401)
            #expect(try await Curl.get("\(url)/\(Self.secret)/more", body).status == 401)
            #expect(try await Self.origins(proxy) == 0)
            #expect(try await Curl.get("\(url)/\(Self.secret)", body).status == 200)
            #expect(try await Curl.get(url, body + Self.bearer(Self.secret)).status == 200)
            #expect(try await Self.origins(proxy) == 1)
            let page = try await Curl.get(proxy.url(.system, "/metrics"), Self.bearer(Self.token)).body
            #expect(page.contains("sluice_unauthorized_total{purpose=\"registration\"} 4\n"))
        }
    }

    private static func origins(_ proxy: ProxyProcess) async throws -> Int? {
        let answer = try await Curl.get(proxy.url(.system, "/api/v1/origins"), bearer(token))
        return (answer.json["data"] as? [String: Any])?["total"] as? Int
    }

    @Test("without a secret, a path that holds one is welcome, so that origins may have it first")
    func early() async throws {
        try await withProxy { proxy in
            let url = proxy.url(.system, "/api/v1/srs/register/soon-to-come")
            let answer = try await Curl.get(url, ["--data-binary", Self.heartbeat])
            #expect(answer.status == 200)
        }
    }

    @Test("an origin of ours shows its secret; one that has another does not get in")
    func origin() async throws {
        try await withProxy(["PROXY_REGISTER_SECRET": "older-secret,\(Self.secret)"]) { proxy in
            var variables = [
                "SRS_HEARTBEAT_ENABLED": "on", "SRS_HEARTBEAT_PORTS": "on", "SRS_HEARTBEAT_INTERVAL": "1",
                "SRS_HEARTBEAT_URL": proxy.url(.system, "/api/v1/srs/register"), "SRS_HEARTBEAT_SECRET": Self.secret,
            ]
            try await withOriginUnderTest([], variables) { origin in
                try await proxy.waitForLog("origin registered")
                origin.program.signal(SIGTERM)
                #expect(try await origin.program.waitForExit() == .status(0))
                let (output, errors) = try await origin.program.waitForOutput()
                #expect(!output.contains(Self.secret) && !errors.contains(Self.secret))
            }
            try await proxy.waitForLog("origin has left")
            variables["SRS_HEARTBEAT_SECRET"] = "another-secret"
            try await withOriginUnderTest([], variables) { origin in
                let line = try await origin.waitForLog("heartbeats fail")
                #expect(line.number("status") == 401)
                try await proxy.waitForLog("not let in")
            }
        }
    }

    @Test("connections from networks that are not listed are answered with 403, whatever they ask")
    func networks() async throws {
        try await withProxy(["PROXY_SYSTEM_ALLOW": "10.0.0.0/8, ::ffff:192.168.0.0/112 fd00::/8"]) { proxy in
            for path in ["/healthz", "/api/v1/origins", "/no/such/path"] {
                let answer = try await Curl.get(proxy.url(.system, path))
                #expect(answer.status == 403 && answer.json["code"] as? Int == 403, "\(path)")
                #expect(answer.json["message"] as? String == "not from your network")
            }
            #expect(try await Curl.get(proxy.url(.api, "/healthz")).status == 200)
            #expect(try await Curl.get(proxy.url(.media, "/healthz")).status == 200)
            let page = try await Curl.get(proxy.url(.api, "/metrics")).body
            #expect(page.contains("sluice_http_connections_forbidden_total{server=\"system\"} 3\n"))
            let line = try await proxy.waitForLog("client of a network that is not allowed")
            #expect(line["address"] == "127.0.0.1")
        }
        // An IPv4 client of a socket for both families is one of IPv4.
        try await withProxy(["PROXY_SYSTEM_ALLOW": "127.0.0.0/8"]) { proxy in
            let answer = try await Curl.get(proxy.url(.system, "/healthz"))
            #expect(answer.status == 200)
        }
    }

    @Test("what is no token and no network is told, and no secret with it")
    func mistakes() async throws {
        let directory = try TemporaryDirectory()
        let result = try await RunningProgram.run(
            ProxyProcess.path(), [],
            environment: [
                "PROXY_API_TOKEN": "hunter2", "PROXY_REGISTER_SECRET": "hunter2 hunter2",
                "PROXY_SYSTEM_ALLOW": "10.0.0.5/8,x",
            ], directory: directory.path)
        #expect(
            result.errors == """
                sluice-proxy: PROXY_API_TOKEN: the value has a token of less than 8 or more than 256 bytes
                sluice-proxy: PROXY_REGISTER_SECRET: the value has a token with other characters than letters, digits \
                and -._~+/=
                sluice-proxy: PROXY_SYSTEM_ALLOW: "10.0.0.5/8" has bits set behind its length; did you mean 10.0.0.0/8?
                sluice-proxy: PROXY_SYSTEM_ALLOW: "x" is not a network: an IP address, and behind a / how many bits count

                """)
    }
}
