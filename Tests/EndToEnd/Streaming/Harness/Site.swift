import TestKit

/// An origin, and where a test wants it a proxy in front of it.
struct Site {
    let origin: OriginProcess
    let proxy: ProxyProcess?

    /// Where clients of RTMP go.
    func rtmp(_ path: String) -> String { proxy?.url(.rtmp, path) ?? origin.url(.rtmp, path) }
}

extension ProxyProcess {
    /// Variables for a proxy with one origin that is always there.
    static func variables(before port: UInt16) -> [String: String] {
        [
            "PROXY_DEFAULT_BACKEND_ENABLED": "on", "PROXY_DEFAULT_BACKEND_IP": "127.0.0.1",
            "PROXY_DEFAULT_BACKEND_RTMP": "\(port)",
        ]
    }
}

func withSite<R>(
    _ way: MediaTests.Way, _ variables: [String: String] = [:], _ body: (Site) async throws -> R
) async throws -> R {
    try await withOrigin(variables) { origin in
        guard way == .proxied else { return try await body(Site(origin: origin, proxy: nil)) }
        return try await withProxy(ProxyProcess.variables(before: origin.port(.rtmp))) { proxy in
            try await body(Site(origin: origin, proxy: proxy))
        }
    }
}
