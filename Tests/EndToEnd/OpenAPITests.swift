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
        let packages = try #require(Self.packages)
        let directory = try TemporaryDirectory()
        try await withProxy { proxy in
            try await proxy.register("one", rtmp: 1)
            let result = try await RunningProgram.run(
                "/usr/bin/python3",
                [
                    "\(packages)/bin/st", "run", Self.path(service), "--url", proxy.url(service, ""), "--seed", "1",
                    "--max-examples", "15", "--no-color",
                ], environment: ["PYTHONPATH": packages], directory: directory.path, within: .seconds(180))
            #expect(result.exit == .status(0), "\(result.output.suffix(6_000)) \(result.errors.suffix(2_000))")
            // It has not merely survived: it goes on.
            #expect(try await Curl.get(proxy.url(service, "/readyz")).status == 200)
        }
    }
}
