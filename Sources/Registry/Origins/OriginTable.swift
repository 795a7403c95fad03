package import Bytes

/// Every origin there is, and what heartbeats and their absence do to them. Pure: times come in, changes come out.
///
///     unknown ──beat──► alive, leaving ──3 beats missed──► silent ──300 s since the last beat──► forgotten
///                         ▲        │                         │
///                         │        └──farewell──► unknown    │
///                         └──────────── beat ────────────────┘
///
/// A beat of another instance of the same origin replaces the record at once, unless that instance is going itself, or
/// was replaced by the one that is there and has shown that it beats on.
package struct OriginTable: Sendable {
    package struct Limits: Sendable {
        /// Origins; a heartbeat of one more is refused.
        package var maximumOrigins = 10_000
        /// How long it is remembered that an origin which is no more shall be drained; of more than `maximumOrigins` of
        /// them the rest is forgotten at once.
        package var drainMemory = Duration.seconds(86_400)

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
        /// It was silent or leaving before.
        case returned
        /// It is leaving from now on.
        case leaving
        /// It has said farewell, and is no more.
        case left
        /// Nothing: an instance that goes has spoken of itself, and is not the one that is there.
        case outdated
        /// Nothing: this start was replaced by another one, and goes on beating. Two origins have one name.
        case contested(with: OriginInstance)
    }

    /// What silence has changed.
    package enum SilenceOutcome: Sendable, Equatable {
        case silent(Origin)
        case forgotten(Origin)
    }

    /// For so long a heartbeat may be on its way.
    private static let longestWay = Duration.seconds(5)

    package private(set) var origins = OriginList()
    /// Origins that are drained and no more, until when that is remembered.
    private var drained: [OriginID: Instant] = [:]
    private let limits: Limits
    private var lastEra: UInt64 = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    package subscript(id: OriginID) -> Origin? { origins[id] }

    /// Keeps an origin for ever; heartbeats under its name are refused.
    package mutating func fix(_ heartbeat: Heartbeat, at now: Instant) {
        origins[heartbeat.server] = begin(heartbeat, .fixed, at: now)
    }

    /// What is known of an origin from now on.
    private mutating func begin(_ heartbeat: Heartbeat, _ liveness: Origin.Liveness, at now: Instant) -> Origin {
        var origin = Origin(heartbeat, liveness, at: now)
        origin.era = nextEra()
        return origin
    }

    private mutating func nextEra() -> UInt64 {
        lastEra += 1
        return lastEra
    }

    package mutating func beat(_ heartbeat: Heartbeat, at now: Instant) throws(HeartbeatRefusal) -> BeatOutcome {
        guard var origin = origins[heartbeat.server] else {
            if heartbeat.state == .gone { return .outdated }
            guard origins.all.count < limits.maximumOrigins else { throw .full(maximum: limits.maximumOrigins) }
            var origin = begin(heartbeat, heartbeat.state.liveness, at: now)
            origin.isDrained = drained.removeValue(forKey: origin.id).map { $0 > now } ?? false
            origins[origin.id] = origin
            return .registered
        }
        // What an operator has said is not for others to change.
        guard origin.liveness != .fixed else { throw .taken(heartbeat.server) }
        if origin.instance != heartbeat.instance {
            guard heartbeat.state == .serving else { return .outdated }
            let returns = heartbeat.instance == origin.replaced
            if returns, now < origin.contestEnd {
                // At first it may have been under way.
                if let since = origin.presentSince, now - since < Self.longestWay { return .outdated }
                // One stray beat of somebody takes nobody's place for long.
                if origin.beatsOn { return .contested(with: origin.instance) }
            }
            var successor = begin(heartbeat, .alive, at: now)
            successor.isDrained = origin.isDrained
            successor.replaced = origin.instance
            successor.hasReturned = returns
            origins[origin.id] = successor
            return .restarted(from: origin.instance)
        }
        if heartbeat.state == .gone {
            remove(origin, at: now)
            return .left
        }
        let hasMoved = origin.host != heartbeat.host || origin.endpoints != heartbeat.endpoints
        let before = origin.liveness
        if hasMoved { origin.era = nextEra() }
        origin.update(heartbeat)
        origin.rhythm.beat(at: now)
        if before == .silent { origin.presentSince = now }
        origin.liveness = heartbeat.state.liveness
        origins[heartbeat.server] = origin
        if origin.liveness != before { return origin.liveness == .leaving ? .leaving : .returned }
        return hasMoved ? .moved : .renewed
    }

    /// Looks who has been silent for too long; those that are not `heard` here are left as they are. Call it about once
    /// a second.
    package mutating func watch(at now: Instant, heard: (OriginID) -> Bool = { _ in true }) -> [SilenceOutcome] {
        var outcomes: [SilenceOutcome] = []
        for origin in origins.all where heard(origin.id) {
            switch origin.liveness {
            case .fixed: continue
            case .alive, .leaving, .silent:
                if now >= origin.rhythm.last + BeatRhythm.longestSilence {
                    remove(origin, at: now)
                    outcomes.append(.forgotten(origin))
                } else if origin.liveness != .silent, now >= origin.rhythm.deadline {
                    origins[origin.id]?.liveness = .silent
                    outcomes.append(.silent(origin))
                }
            }
        }
        drained = drained.filter { $0.value > now }
        return outcomes
    }

    // MARK: - What others have heard

    /// Takes a heartbeat that another proxy was sent at `time`; nil where it says nothing new. `past` is what is known
    /// of the origin there.
    package mutating func adopt(_ heartbeat: Heartbeat, at time: Instant, _ past: OriginPast) -> BeatOutcome? {
        let known = origins[heartbeat.server]
        if let known {
            // That another one has begun is news however long nobody could hear it.
            let isSame = known.instance == heartbeat.instance
            let last = isSame ? known.rhythm.last : known.rhythm.heard
            if known.liveness == .fixed || time <= last { return nil }
        }
        guard let outcome = try? beat(heartbeat, at: time) else { return nil }
        switch outcome {
        case .registered, .restarted:
            origins[heartbeat.server]?.rhythm = BeatRhythm(first: time, interval: past.interval)
            origins[heartbeat.server]?.presentSince = time + (.zero - past.presence)
        case .contested: return nil
        case .renewed, .moved, .returned, .leaving, .left, .outdated: break
        }
        return outcome
    }

    /// Another proxy says that the origin is no more.
    package mutating func forget(_ id: OriginID, at now: Instant) -> Origin? {
        guard let origin = origins[id], origin.liveness != .fixed else { return nil }
        remove(origin, at: now)
        return origin
    }

    /// Nobody was heard until now: silence counts from here.
    package mutating func forgive(at now: Instant) {
        for origin in origins.all { origins[origin.id]?.rhythm.forgive(at: now) }
    }

    /// Those that are drained, also such as are not there.
    package var allDrained: Set<OriginID> {
        Set(drained.keys).union(origins.all.filter(\.isDrained).map(\.id))
    }

    /// As `drain`, of an origin that need not be there.
    package mutating func adoptDrain(_ id: OriginID, _ isDrained: Bool, at now: Instant) {
        if origins[id] != nil {
            origins[id]?.isDrained = isDrained
        } else if !isDrained {
            drained[id] = nil
        } else if drained.count < limits.maximumOrigins {
            drained[id] = now + limits.drainMemory
        }
    }

    // MARK: - What operators order

    /// Has an origin keep the streams that it has and get no other, or get streams again. It holds for its later starts
    /// as well, however it goes in between.
    package mutating func drain(_ id: OriginID, _ isDrained: Bool) throws(OrderRefusal) {
        guard origins[id] != nil else { throw .unknown(id) }
        origins[id]?.isDrained = isDrained
    }

    /// Takes an origin out. One that beats on comes back with its next beat.
    package mutating func deregister(_ id: OriginID, at now: Instant) throws(OrderRefusal) {
        guard let origin = origins[id] else { throw .unknown(id) }
        guard origin.liveness != .fixed else { throw .fixed(id) }
        remove(origin, at: now)
    }

    private mutating func remove(_ origin: Origin, at now: Instant) {
        origins[origin.id] = nil
        if origin.isDrained, drained.count < limits.maximumOrigins { drained[origin.id] = now + limits.drainMemory }
    }
}

/// What a proxy that has just heard of an origin cannot know by itself.
package struct OriginPast: Sendable, Equatable {
    /// How often it beats.
    package var interval: Duration?
    /// How long it had been there without a gap at its last beat.
    package var presence: Duration

    package init(interval: Duration?, presence: Duration) {
        self.interval = interval
        self.presence = presence
    }
}

/// Why an operator's order is not followed.
package enum OrderRefusal: Error, Equatable, CustomStringConvertible {
    case unknown(OriginID)
    /// The configuration says that it is there.
    case fixed(OriginID)

    package var description: String {
        switch self {
        case .unknown(let id): "no origin \(id) is registered"
        case .fixed(let id): "origin \(id) is fixed by the configuration"
        }
    }
}

extension Origin {
    /// Whether it is more than a beat that somebody has sent once.
    fileprivate var beatsOn: Bool { hasReturned || rhythm.interval != nil }

    /// Until then a start that this one has replaced is left out: as long as it is not missed. Before its rhythm is
    /// known that is as long as most origins take for three beats.
    fileprivate var contestEnd: Instant { rhythm.interval == nil ? rhythm.last + .seconds(30) : rhythm.deadline }
}

extension Heartbeat.State {
    /// What an origin in this state is while it beats.
    fileprivate var liveness: Origin.Liveness {
        switch self {
        case .serving: .alive
        case .leaving, .gone: .leaving
        }
    }
}
