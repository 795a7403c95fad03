import Foundation
import TestKit

/// Where clients go: to the origin itself, or to a proxy in front of it.
enum Way: String, CaseIterable { case straight, proxied }

/// An origin, and where a test wants it a proxy in front of it.
struct Site {
    let origin: OriginProcess
    let proxy: ProxyProcess?

    /// Where clients of RTMP go.
    func rtmp(_ path: String) -> String { proxy?.url(.rtmp, path) ?? origin.url(.rtmp, path) }

    /// Where those of HTTP go.
    func http(_ path: String) -> String { proxy?.url(.media, path) ?? origin.url(.http, path) }

    /// Where those of WebSockets go.
    func webSocket(_ path: String) -> String { "ws" + http(path).dropFirst("http".count) }
}

extension ProxyProcess {
    /// Variables for a proxy with one origin that is always there.
    static func variables(before port: UInt16, http: UInt16? = nil) -> [String: String] {
        [
            "PROXY_DEFAULT_BACKEND_ENABLED": "on", "PROXY_DEFAULT_BACKEND_IP": "127.0.0.1",
            "PROXY_DEFAULT_BACKEND_RTMP": "\(port)", "PROXY_DEFAULT_BACKEND_HTTP": http.map { "\($0)" } ?? "",
            "PROXY_LOG_LEVEL": "debug",
        ]
    }

    /// Sends the heartbeat of an origin on this machine.
    func register(
        _ name: String, rtmp port: UInt16, http: UInt16? = nil, weight: Int = 100, state: String = "serving"
    ) async throws {
        var members =
            [
                "ip": "127.0.0.1", "server": name, "service": "s", "pid": "1", "weight": "\(weight)",
                "rtmp": ["\(port)"], "state": state,
            ] as [String: Any]
        if let http { members["http"] = ["\(http)"] }
        let body = String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
        let answer = try await Curl.get(url(.system, "/api/v1/srs/register"), ["--data-binary", body])
        guard answer.status == 200 else { throw WaitExpired(description: "not registered: \(answer.body)") }
    }

    /// Which origin has which stream.
    func claims() async throws -> [String: String] {
        let data = try await Curl.get(url(.system, "/api/v1/streams")).json["data"] as? [String: Any]
        var claims: [String: String] = [:]
        for stream in data?["streams"] as? [[String: Any]] ?? [] {
            claims[stream["stream"] as? String ?? ""] = stream["server"] as? String
        }
        return claims
    }

    /// Waits until that is as it should be.
    func waitForClaims(_ what: String, _ isMet: ([String: String]) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline { if isMet(try await claims()) { return } }
        throw WaitExpired(description: "no \(what): \(try await claims())")
    }
}

func withSite<R>(
    _ way: Way, _ variables: [String: String] = [:], _ body: (Site) async throws -> R
) async throws -> R {
    try await withOrigin(variables) { origin in
        guard way == .proxied else { return try await body(Site(origin: origin, proxy: nil)) }
        let variables = ProxyProcess.variables(before: origin.port(.rtmp), http: origin.port(.http))
        return try await withProxy(variables) { proxy in
            try await body(Site(origin: origin, proxy: proxy))
        }
    }
}
