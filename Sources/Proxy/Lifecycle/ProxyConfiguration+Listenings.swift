import Reactor
import Service

extension ProxyConfiguration.Listeners {
    /// What this version listens on.
    var listenings: [Listening] {
        let wanted: [(String, HTTPService, Listening.Scheme, SocketAddress?)] = [
            ("PROXY_HTTP_SERVER", .media, .http, http),
            ("PROXY_HTTPS_SERVER", .media, .https, https),
            ("PROXY_HTTP_API", .api, .http, httpAPI),
            ("PROXY_SYSTEM_API", .system, .http, systemAPI),
        ]
        let rtmp = Listening(setting: "PROXY_RTMP_SERVER", service: "rtmp", scheme: .rtmp, address: rtmp)
        return [rtmp]
            + wanted.compactMap { setting, service, scheme, address in
                address.map { Listening(setting: setting, service: service.rawValue, scheme: scheme, address: $0) }
            }
    }
}
