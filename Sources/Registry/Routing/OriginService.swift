package import Reactor

/// What an origin can be asked for; each has its own endpoints.
package enum OriginService: String, Sendable, Hashable, CaseIterable {
    case rtmp, http, api, srt, rtsp
    case webRTC = "rtc"

    /// Its own among `allCases`.
    var place: Int {
        switch self {
        case .rtmp: 0
        case .http: 1
        case .api: 2
        case .srt: 3
        case .rtsp: 4
        case .webRTC: 5
        }
    }
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

extension OriginService {
    /// Whether what is said over `transport` is for it; where nothing was said it goes without saying.
    func takes(_ transport: Endpoint.Transport?) -> Bool {
        switch self {
        case .rtmp, .http, .api, .rtsp: transport != .udp
        case .srt: transport != .tcp
        case .webRTC: true
        }
    }
}

extension Origin {
    /// Where the origin is reached for `service`, in the order in which it has named its endpoints; empty where it has
    /// none.
    package func addresses(of service: OriginService) -> [OriginAddress] { profile.addresses(of: service) }

    package func has(_ service: OriginService) -> Bool { !profile.addresses(of: service).isEmpty }
}
