package import Reactor

/// What an origin says of itself when it registers, which it repeats as long as it lives.
package struct Heartbeat: Sendable, Equatable {
    /// Stays the same when the origin is restarted.
    package var server: OriginID
    package var instance: OriginInstance
    /// What the operator calls it, if anything.
    package var device: String?
    /// Where it is reached, but for endpoints that name another host.
    package var host: HostName
    package var endpoints: OriginEndpoints

    package init(
        server: OriginID, instance: OriginInstance, device: String? = nil, host: HostName, endpoints: OriginEndpoints
    ) {
        self.server = server
        self.instance = instance
        self.device = device
        self.host = host
        self.endpoints = endpoints
    }
}

/// The name of an origin: the same through all its starts.
package struct OriginID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// One start of an origin: another one has lost all streams of the one before.
package struct OriginInstance: Hashable, Sendable {
    package let service: String
    package let process: String

    package init(service: String, process: String) {
        self.service = service
        self.process = process
    }
}

/// Where an origin speaks each protocol; empty where it does not.
package struct OriginEndpoints: Hashable, Sendable {
    package var rtmp: [Endpoint] = []
    package var http: [Endpoint] = []
    package var api: [Endpoint] = []
    package var srt: [Endpoint] = []
    package var webRTC: [Endpoint] = []
    package var rtsp: [Endpoint] = []

    package init() {}
}
