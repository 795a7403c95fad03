package import Bytes
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

    /// Shared by all copies.
    private(set) var profile: OriginProfile
    package internal(set) var liveness: Liveness
    package internal(set) var rhythm: BeatRhythm
    package internal(set) var weight: OriginWeight
    package internal(set) var load: OriginLoad
    /// An operator wants it to keep the streams it has and to get no other.
    package internal(set) var isDrained = false
    /// Another number, higher than all before it, from each start and each move on: what sessions have seen of it
    /// before says nothing any more.
    var era: UInt64 = 0
    /// The start whose place this one has taken.
    var replaced: OriginInstance?
    /// It had been replaced by that one before.
    var hasReturned = false
    /// Since when it has been there without a gap, as its beats tell everybody; nil for one that always was.
    package internal(set) var presentSince: Instant?

    package var id: OriginID { profile.id }
    package var instance: OriginInstance { profile.instance }
    package var device: String? { profile.device }
    package var host: HostName { profile.host }
    package var endpoints: OriginEndpoints { profile.endpoints }
    package var zone: OriginZone? { profile.zone }
    package var labels: [String: String] { profile.labels }

    /// A new one, as its first heartbeat tells it.
    init(_ heartbeat: Heartbeat, _ liveness: Liveness, at now: Instant) {
        profile = OriginProfile(heartbeat)
        self.liveness = liveness
        rhythm = BeatRhythm(first: now)
        weight = heartbeat.weight
        load = heartbeat.load
        presentSince = liveness == .fixed ? nil : now
    }

    /// Takes over what a later heartbeat of the same instance says.
    mutating func update(_ heartbeat: Heartbeat) {
        if !profile.isSaid(by: heartbeat) { profile = OriginProfile(heartbeat) }
        weight = heartbeat.weight
        load = heartbeat.load
    }

    /// What others cannot know by themselves.
    var past: OriginPast {
        OriginPast(interval: rhythm.interval, presence: presentSince.map { rhythm.heard - $0 } ?? .zero)
    }

    /// Whether streams that nobody has yet may go there.
    package var takesStreams: Bool {
        switch liveness {
        case .alive, .fixed: !isDrained
        case .leaving, .silent: false
        }
    }
}
