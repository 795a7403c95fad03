package import Reactor

/// What an origin can be asked for; each has its own endpoints.
package enum OriginService: String, Sendable, Hashable, CaseIterable {
    case rtmp, http, api, srt, rtsp
    case webRTC = "rtc"
}

extension OriginEndpoints {
    package subscript(service: OriginService) -> [Endpoint] {
        get {
            switch service {
            case .rtmp: rtmp
            case .http: http
            case .api: api
            case .srt: srt
            case .webRTC: webRTC
            case .rtsp: rtsp
            }
        }
        set {
            switch service {
            case .rtmp: rtmp = newValue
            case .http: http = newValue
            case .api: api = newValue
            case .srt: srt = newValue
            case .webRTC: webRTC = newValue
            case .rtsp: rtsp = newValue
            }
        }
    }
}

/// Where a connection goes.
package struct OriginAddress: Sendable, Hashable {
    package let host: HostName
    package let port: UInt16

    package init(host: HostName, port: UInt16) {
        self.host = host
        self.port = port
    }
}

extension Origin {
    /// Where the origin is reached for `service`: by the first endpoint it has named; nil where it has none.
    package func address(of service: OriginService) -> OriginAddress? {
        endpoints[service].first.map { OriginAddress(host: $0.host ?? host, port: $0.port) }
    }
}
