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
    package var state = State.serving
    /// How many streams it shall have beside the others.
    package var weight = OriginWeight.usual
    /// Where it stands, if it says so.
    package var zone: OriginZone?
    /// Whatever else its operator wants shown of it.
    package var labels: [String: String] = [:]
    /// How busy it is, as far as it says.
    package var load = OriginLoad()

    /// What an origin does. SRS does not say, and serves.
    package enum State: String, Sendable, CaseIterable {
        case serving
        /// It keeps the streams that it has, and wants no other.
        case leaving
        /// Its farewell: it is no more.
        case gone
    }

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

/// An origin's share beside the others' weights. One that does not say has the usual.
package struct OriginWeight: Hashable, Sendable {
    package let value: UInt32

    package static let usual = OriginWeight(100)!
    package static let range: ClosedRange<UInt32> = 1...10_000

    /// Nil outside of `range`.
    package init?(_ value: UInt32) {
        guard Self.range.contains(value) else { return nil }
        self.value = value
    }
}

/// A part of the network within which ways are short: a data centre, say. Two are the same where their names are.
package struct OriginZone: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

/// How busy an origin says it is, each where it says so.
package struct OriginLoad: Hashable, Sendable {
    /// Connections of clients.
    package var connections: Int?
    /// Of all its processors together, in percent.
    package var processorPercent: Int?

    package init(connections: Int? = nil, processorPercent: Int? = nil) {
        self.connections = connections
        self.processorPercent = processorPercent
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

    /// Of an origin that says nothing of itself.
    package static let untold = OriginInstance(service: "default-backend", process: "0")

    /// Whether another start would be another instance.
    package var tellsStarts: Bool { self != .untold }
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
