import TestKit
import Testing

@Suite("The password of the registry")
struct RegistrySecretTests {
    private static let password = "s3sam3/0pen"
    private static let encoded = "s3sam3%2F0pen"

    private static func isHidden(_ text: String) -> Bool {
        !text.contains(password) && !text.contains(encoded) && !text.contains("s3sam3")
    }

    @Test("is used, and is in no line of the log and in no listing, whether it is right or wrong")
    func hidden() async throws {
        let redis = try await onThread { try RedisServer(["requirepass \(Self.password)"]) }
        for (secret, state) in [(Self.encoded, "fresh"), ("\(Self.encoded)-not", "detached")] {
            let variables = [
                "PROXY_LOAD_BALANCER_TYPE": "redis", "PROXY_LOG_LEVEL": "debug",
                "PROXY_REDIS_URL": "redis://:\(secret)@127.0.0.1:\(redis.port)",
            ]
            try await withProxy(variables) { proxy in
                try await MetricsPage.wait(
                    for: "sluice_registry_state{state=\"\(state)\"}", of: proxy, within: .seconds(20)
                ) { $0 == 1 }
                try await proxy.register("one", rtmp: 1_935)
                if state == "fresh" {
                    try await onThread { try redis.restart() }
                    try await MetricsPage.wait(
                        for: "sluice_registry_state{state=\"fresh\"}", of: proxy, within: .seconds(20)
                    ) { $0 == 1 }
                }
                for path in [
                    "/api/v1/config", "/api/v1/origins", "/api/v1/streams", "/api/v1/routes", "/api/v1/sessions",
                    "/debug/loops", "/metrics", "/readyz", "/healthz",
                ] {
                    let answer = try await Curl.get(proxy.url(.system, path))
                    #expect(answer.status == 200 || path == "/readyz", "\(path): \(answer.status)")
                    #expect(Self.isHidden(answer.body), "\(path)")
                }
                proxy.terminate()
                let (output, errors) = try await proxy.program.waitForOutput()
                #expect(Self.isHidden(output) && Self.isHidden(errors))
            }
        }
    }

    @Test(
        "is used where the URL has none, for the user that either names",
        arguments: [
            ("redis://127.0.0.1", nil, "fresh"), ("redis://sluice@127.0.0.1", nil, "fresh"),
            ("redis://127.0.0.1", "sluice", "fresh"), ("redis://127.0.0.1", "nobody", "detached"),
        ])
    func apart(url: String, user: String?, state: String) async throws {
        let rights = "~sluice:* &sluice:* +@read +@write +@scripting +@pubsub +@connection +time"
        let redis = try await onThread {
            try RedisServer([
                "user default on >\(Self.password) ~* &* +@all", "user sluice on >\(Self.password) \(rights)",
            ])
        }
        let variables = [
            "PROXY_LOAD_BALANCER_TYPE": "redis", "PROXY_REDIS_URL": "\(url):\(redis.port)",
            "PROXY_REDIS_PASSWORD": Self.password, "PROXY_REDIS_USER": user ?? "",
        ]
        try await withProxy(variables) { proxy in
            try await MetricsPage.wait(
                for: "sluice_registry_state{state=\"\(state)\"}", of: proxy, within: .seconds(20)
            ) { $0 == 1 }
            #expect(!proxy.log.contains { $0.message == "configuration" }, "nothing is unused")
        }
    }
}
