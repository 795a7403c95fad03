import Reactor
import Service

extension ProxyConfiguration.Listeners {
    /// What this version listens on.
    var listenings: [Listening] {
        let wanted: [(String, service: String, Listening.Scheme, SocketAddress?)] = [
            ("PROXY_RTMP_SERVER", "rtmp", .rtmp, rtmp),
            ("PROXY_RTMPS_SERVER", "rtmp", .rtmps, rtmps),
            ("PROXY_HTTP_SERVER", HTTPService.media.rawValue, .http, http),
            ("PROXY_HTTPS_SERVER", HTTPService.media.rawValue, .https, https),
            ("PROXY_HTTP_API", HTTPService.api.rawValue, .http, httpAPI),
            ("PROXY_SYSTEM_API", HTTPService.system.rawValue, .http, systemAPI),
        ]
        return wanted.compactMap { setting, service, scheme, address in
            address.map { Listening(setting: setting, service: service, scheme: scheme, address: $0) }
        }
    }
}
