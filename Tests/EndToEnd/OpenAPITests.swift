import Foundation
import TestKit
import Testing

@Suite("The OpenAPI files of the proxy")
struct OpenAPITests {
    /// What ./dev test has installed.
    private static let packages = ProcessInfo.processInfo.environment["SLUICE_PYTHON_PACKAGES"]
    private static let services: [ProxyProcess.Service] = [.api, .system]

    private static func path(_ service: ProxyProcess.Service) -> String {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        return "\(root)/docs/openapi-\(service.rawValue).json"
    }

    @Test("name every route there is, and no other", arguments: services)
    func routes(service: ProxyProcess.Service) async throws {
        let contents = try Data(contentsOf: URL(fileURLWithPath: Self.path(service)))
        let document = try #require(try JSONSerialization.jsonObject(with: contents) as? [String: Any])
        #expect((document["openapi"] as? String)?.hasPrefix("3.1.") == true)
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
        try await withProxy { proxy in
            let answer = try await Curl.get(proxy.url(.system, "/api/v1/routes"))
            let data = answer.json["data"] as? [String: Any]
            let routes = try #require(data?["routes"] as? [[String: String]])
            let listed = routes.filter { $0["server"] == service.rawValue }.map { route in
                let segments = (route["path"] ?? "").split(separator: "/", omittingEmptySubsequences: false)
                let path = segments.map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
                return "\(route["method"] ?? "") \(path.joined(separator: "/"))"
            }
            #expect(described.subtracting(listed) == [] && Set(listed).subtracting(described) == [])
        }
    }

    @Test(
        "are what the program does, for what fits them and for what does not",
        .enabled(if: packages != nil, "needs what dev-tools/python-packages.txt lists"), arguments: services)
    func conformance(service: ProxyProcess.Service) async throws {
        try await withProxy { proxy in
            try await proxy.register("one", rtmp: 1)
            try await check(proxy, service)
            // It has not merely survived: it goes on.
            #expect(try await Curl.get(proxy.url(service, "/readyz")).status == 200)
        }
    }

    @Test(
        "are what proxies answer that share a registry, of a stream that came through them and of one that did not",
        .enabled(if: packages != nil, "needs what dev-tools/python-packages.txt lists"))
    func sharedConformance() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            try await fleet.publish("s", through: 0, media)
            try await fleet.waitForClaims("claim") { $0.keys.elementsEqual(["s"]) }
            for proxy in fleet.proxies.prefix(2) {
                for path in ["streams", "origins", "sessions"] { try await compare(proxy, "/api/v1/\(path)") }
            }
            let own = try await Self.leases(of: fleet.proxies[0])
            #expect(own.count == 1 && own.allSatisfy { $0.map { 1...30_000 ~= $0 } ?? false }, "\(own)")
            #expect(try await Self.leases(of: fleet.proxies[1]) == [nil], "when it ends is the other proxy's to say")
            try await fleet.waitForRest(redis)
        }
    }

    /// Asks for what is described, and for what is not, and compares the answers.
    private func check(_ proxy: ProxyProcess, _ service: ProxyProcess.Service) async throws {
        let packages = try #require(Self.packages)
        let directory = try TemporaryDirectory()
        let result = try await RunningProgram.run(
            "/usr/bin/python3",
            [
                "\(packages)/bin/st", "run", Self.path(service), "--url", proxy.url(service, ""), "--seed", "1",
                "--max-examples", "15", "--no-color",
            ], environment: ["PYTHONPATH": packages], directory: directory.path, within: .seconds(180))
        #expect(result.exit == .status(0), "\(result.output.suffix(6_000)) \(result.errors.suffix(2_000))")
    }

    /// Compares the answer of one path with its description: the pages that are guessed at may all be empty ones.
    private func compare(_ proxy: ProxyProcess, _ path: String) async throws {
        let packages = try #require(Self.packages)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/openapi_answer.py"
        let answer = try await Curl.get(proxy.url(.system, path))
        let result = try await RunningProgram.run(
            "/usr/bin/python3", [script, Self.path(.system), path, answer.body],
            environment: ["PYTHONPATH": packages])
        #expect(result.exit == .status(0) && result.output.isEmpty, "\(result.output)\(result.errors)\(answer.body)")
    }

    /// In how many milliseconds the claim of each stream ends, where the proxy says so.
    private static func leases(of proxy: ProxyProcess) async throws -> [Int?] {
        let data = try await Curl.get(proxy.url(.system, "/api/v1/streams")).json["data"] as? [String: Any]
        return try #require(data?["streams"] as? [[String: Any]]).map { $0["lease_ms"] as? Int }
    }
}
