package import Bytes

/// Every origin there is, and what heartbeats and their absence do to them. Pure: times come in, changes come out.
///
///     unknown ──beat──► alive ──3 beats missed──► silent ──300 s since the last beat──► forgotten
///                         ▲                         │
///                         └───────── beat ──────────┘
///
/// A beat of another instance of the same origin replaces the record at once.
package struct OriginTable: Sendable {
    package struct Limits: Sendable {
        /// Origins; a heartbeat of one more is refused.
        package var maximumOrigins = 10_000

        package init() {}
    }

    /// What a heartbeat has changed.
    package enum BeatOutcome: Sendable, Equatable {
        case registered
        /// Nothing but the time of its last beat.
        case renewed
        /// It is reached elsewhere now.
        case moved
        /// Its streams are gone: it is another instance.
        case restarted(from: OriginInstance)
        /// It was silent before.
        case returned
    }

    /// What silence has changed.
    package enum SilenceOutcome: Sendable, Equatable {
        case silent(Origin)
        case forgotten(Origin)
    }

    private var origins: [OriginID: Origin] = [:]
    private let limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// All of them, in no order.
    package var all: [Origin] { Array(origins.values) }

    package var count: Int { origins.count }

    package func count(_ liveness: Origin.Liveness) -> Int { origins.values.count { $0.liveness == liveness } }

    package subscript(id: OriginID) -> Origin? { origins[id] }

    /// Keeps an origin for ever; heartbeats under its name are refused.
    package mutating func fix(_ heartbeat: Heartbeat, at now: Instant) {
        origins[heartbeat.server] = Origin(heartbeat, .fixed, at: now)
    }

    package mutating func beat(_ heartbeat: Heartbeat, at now: Instant) throws(HeartbeatRefusal) -> BeatOutcome {
        guard var origin = origins[heartbeat.server] else {
            guard origins.count < limits.maximumOrigins else { throw .full(maximum: limits.maximumOrigins) }
            origins[heartbeat.server] = Origin(heartbeat, .alive, at: now)
            return .registered
        }
        // What an operator has said is not for others to change.
        guard origin.liveness != .fixed else { throw .taken(heartbeat.server) }
        if origin.instance != heartbeat.instance {
            origins[heartbeat.server] = Origin(heartbeat, .alive, at: now)
            return .restarted(from: origin.instance)
        }
        let hasMoved = origin.host != heartbeat.host || origin.endpoints != heartbeat.endpoints
        let wasSilent = origin.liveness == .silent
        origin.update(heartbeat)
        origin.rhythm.beat(at: now)
        if wasSilent { origin.liveness = .alive }
        origins[heartbeat.server] = origin
        return wasSilent ? .returned : hasMoved ? .moved : .renewed
    }

    /// Looks who has been silent for too long. Call it about once a second.
    package mutating func watch(at now: Instant) -> [SilenceOutcome] {
        var outcomes: [SilenceOutcome] = []
        for (id, origin) in origins {
            switch origin.liveness {
            case .fixed: continue
            case .alive, .silent:
                if now >= origin.rhythm.last + BeatRhythm.longestSilence {
                    origins[id] = nil
                    outcomes.append(.forgotten(origin))
                } else if origin.liveness == .alive, now >= origin.rhythm.deadline {
                    origins[id]?.liveness = .silent
                    outcomes.append(.silent(origin))
                }
            }
        }
        return outcomes
    }
}
