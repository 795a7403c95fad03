import Bytes
package import Reactor

/// What the registry knows of one origin.
package struct Origin: Sendable, Equatable {
    package enum Liveness: Sendable, Equatable {
        /// It beats in time.
        case alive
        /// It beats, keeps the streams it has, and gets no other.
        case leaving
        /// It has missed its beats, and gets no streams until it beats again.
        case silent
        /// It is there because the configuration says so; it sends no beats.
        case fixed
    }

    package let id: OriginID
    package internal(set) var instance: OriginInstance
    package internal(set) var device: String?
    package internal(set) var host: HostName
    package internal(set) var endpoints: OriginEndpoints
    package internal(set) var liveness: Liveness
    package internal(set) var rhythm: BeatRhythm
    package internal(set) var weight: OriginWeight
    package internal(set) var load: OriginLoad
    /// An operator wants it to keep the streams it has and to get no other.
    package internal(set) var isDrained = false

    /// A new one, as its first heartbeat tells it.
    init(_ heartbeat: Heartbeat, _ liveness: Liveness, at now: Instant) {
        id = heartbeat.server
        instance = heartbeat.instance
        device = heartbeat.device
        host = heartbeat.host
        endpoints = heartbeat.endpoints
        self.liveness = liveness
        rhythm = BeatRhythm(first: now)
        weight = heartbeat.weight
        load = heartbeat.load
    }

    /// Takes over what a later heartbeat of the same instance says.
    mutating func update(_ heartbeat: Heartbeat) {
        device = heartbeat.device
        host = heartbeat.host
        endpoints = heartbeat.endpoints
        weight = heartbeat.weight
        load = heartbeat.load
    }

    /// Whether streams that nobody has yet may go there.
    package var takesStreams: Bool {
        switch liveness {
        case .alive, .fixed: !isDrained
        case .leaving, .silent: false
        }
    }
}
