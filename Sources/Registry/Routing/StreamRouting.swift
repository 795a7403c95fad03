package import Bytes
package import Media
import Synchronization

/// An origin to try, and where it is reached.
package struct RoutedOrigin: Sendable, Equatable {
    package let origin: Origin
    /// To be tried in this order where one cannot be connected to; never empty.
    package let addresses: [OriginAddress]
    /// It has the stream.
    package let isOwner: Bool

    fileprivate init?(_ origin: Origin, _ service: OriginService, isOwner: Bool) {
        addresses = origin.addresses(of: service)
        guard !addresses.isEmpty else { return nil }
        self.origin = origin
        self.isOwner = isOwner
    }
}

/// A service of an origin that failed, to be tried without a session.
package struct OriginTrial: Sendable, Equatable {
    package let origin: OriginID
    package let service: OriginService
    /// One that answers will do.
    package let addresses: [OriginAddress]
}

/// Which origin a session goes to next, for all loops of the process: the registry, the router, and what this proxy has
/// seen of each origin's services.
///
/// A lock is held for a look-up, when a session begins or a connection to an origin fails. Where somebody has the
/// stream nothing is allocated. Conditions are kept of services with which not all is well, and only of origins that
/// there are. Each is of an era of its origin, and says nothing in a later one, which begins with the record that says
/// so: nobody has to be told.
package final class StreamRouting: Sendable {
    private typealias Conditions = [OriginService: [OriginID: Seen]]

    /// A condition, and the era of its origin that it is of.
    private struct Seen {
        let era: UInt64
        var condition: ServiceCondition
    }

    package let store: any RegistryStore
    package let router: OriginRouter
    /// For operators; nothing is decided by it.
    package let records: OriginRecords
    private let pauses: OriginHealth.Pauses
    private let conditions = Mutex<Conditions>([:])

    /// Others that are asked where somebody else has just begun the trial of an origin.
    private static let maximumRaces = 3

    package init(
        _ store: any RegistryStore, router: OriginRouter = OriginRouter(),
        pauses: OriginHealth.Pauses = OriginHealth.Pauses()
    ) {
        self.store = store
        records = OriginRecords(store)
        self.router = router
        self.pauses = pauses
    }

    /// The next origin to try for a session, after those that it has `tried` in vain; nil where there is none left.
    ///
    /// Every answer is as fresh as the registry: a stream that is claimed meanwhile is followed, and nothing is
    /// remembered of the answers before. The caller bounds its tries, and tells `accepted`, `rejected`, `reached` or
    /// `failed` of each.
    package func next(
        for key: StreamKey, _ service: OriginService, to purpose: SessionPurpose = .publish, tried: [OriginID] = [],
        at now: Instant
    ) -> RoutedOrigin? {
        if let owner = store.originOfOwner(of: key, at: now) {
            if !tried.contains(owner.id) { return RoutedOrigin(owner, service, isOwner: true) }
            // Its streams are nowhere else, so nobody else can serve them this way.
            guard owner.has(service) else { return nil }
        }
        var passed = tried
        var first: Origin?
        for _ in 0..<Self.maximumRaces {
            guard let origin = place(key, service, to: purpose, tried: passed, at: now) else { break }
            if first == nil { first = origin }
            if admits(origin, service, at: now) { return RoutedOrigin(origin, service, isOwner: false) }
            passed.append(origin.id)
        }
        return first.flatMap { RoutedOrigin($0, service, isOwner: false) }
    }

    /// Whether there are other origins to try than `origin`.
    package func hasOthers(
        for key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, than origin: OriginID, at now: Instant
    ) -> Bool {
        if let owner = store.originOfOwner(of: key, at: now) {
            guard owner.has(service) else { return false }
            if owner.id != origin { return true }
        }
        return place(key, service, to: purpose, tried: [origin], at: now) != nil
    }

    /// Where other proxies cannot be told of a stream, its publisher goes where they look for it: to the origin that
    /// they take for its owner, or to the place of viewers among the origins that they know.
    private func place(
        _ key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, tried: [OriginID], at now: Instant
    ) -> Origin? {
        guard let others = store.beliefs(of: key) else {
            return pick(key, service, to: purpose, tried: tried, at: now)
        }
        if let id = others.owner, !tried.contains(id), let owner = store.origins[id], owner.takesStreams,
            owner.has(service), !isOut(owner, service, at: now)
        {
            return owner
        }
        return pick(key, service, to: .view, tried: tried + others.unknown, at: now)
            ?? pick(key, service, to: .view, tried: tried, at: now)
    }

    private func isOut(_ origin: Origin, _ service: OriginService, at now: Instant) -> Bool {
        conditions.withLock { conditions in
            guard let seen = conditions[service]?[origin.id], seen.era >= origin.era else { return false }
            return seen.condition.isOut(at: now)
        }
    }

    private func pick(
        _ key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, tried: [OriginID], at now: Instant
    ) -> Origin? {
        let conditions = conditions.withLock { $0[service] } ?? [:]
        let origins = store.origins
        let condition = { (id: OriginID) -> ServiceCondition? in
            guard let seen = conditions[id], seen.era >= origins.era(of: id) else { return nil }
            return seen.condition
        }
        return router.place(
            key, service, to: purpose, among: origins, tried: tried, at: now, draw: .random(in: 0 ... .max),
            condition: conditions.isEmpty ? nil : condition)
    }

    /// Whether the stream has an owner, and that is not this start of this origin.
    package func isElsewhere(_ key: StreamKey, than origin: Origin, at now: Instant) -> Bool {
        guard let claim = store.owner(of: key, at: now)?.claim else { return false }
        return claim.origin != origin.id || claim.instance != origin.instance
    }

    /// Services of `services` that are due for a trial, each given to one caller, who tells how it went.
    package func takeTrials(of services: [OriginService], at now: Instant, atMost maximum: Int) -> [OriginTrial] {
        let due = conditions.withLock { conditions in
            services.flatMap { service in
                (conditions[service] ?? [:]).filter { $0.value.condition.health.wantsTrial(at: now) }
                    .map { (origin: $0.key, service: service) }
            }
        }
        guard !due.isEmpty else { return [] }
        let origins = store.origins
        var trials: [OriginTrial] = []
        for (id, service) in due {
            guard trials.count < maximum, let origin = origins[id], origin.has(service),
                beginTrial(of: origin, service, at: now)
            else { continue }
            trials.append(OriginTrial(origin: id, service: service, addresses: origin.addresses(of: service)))
        }
        return trials
    }

    private func beginTrial(of origin: Origin, _ service: OriginService, at now: Instant) -> Bool {
        conditions.withLock { conditions in
            guard let seen = conditions[service]?[origin.id], seen.era >= origin.era else { return false }
            return conditions[service]?[origin.id]?.condition.beginTrial(at: now) ?? false
        }
    }

    // MARK: - What connections have shown

    /// A connection was taken and answered.
    package func reached(_ origin: OriginID, _ service: OriginService, at now: Instant) {
        // Nearly always there is nothing to change.
        conditions.withLock { $0[service]?[origin]?.condition.reached(at: now) }
    }

    /// A session was taken.
    package func accepted(_ origin: OriginID, _ service: OriginService, at now: Instant) {
        conditions.withLock { $0[service]?[origin]?.condition.accepted(at: now) }
    }

    /// A session was not taken, for the origin has as many as it may have.
    package func rejected(_ origin: OriginID, _ service: OriginService, at now: Instant) {
        let draw = UInt64.random(in: 0 ... .max)
        change(origin, service) { $0.rejected(at: now, draw: draw) }
    }

    /// A connection was refused, or nobody answered in time. True where the service goes out with it, to be logged;
    /// others that were under way say nothing new.
    @discardableResult
    package func failed(
        _ origin: OriginID, _ service: OriginService, _ fault: ServiceFault, at now: Instant
    ) -> Bool {
        let draw = UInt64.random(in: 0 ... .max)
        return change(origin, service) { $0.failed(fault, at: now, draw: draw) }
    }

    /// A connection was taken and not answered, which is also how an origin waits for a publisher. It is out when a
    /// trial fails.
    package func doubted(_ origin: OriginID, _ service: OriginService) {
        change(origin, service) { $0.doubted() }
    }

    private func change<Result>(
        _ origin: OriginID, _ service: OriginService, _ body: (inout ServiceCondition) -> Result
    ) -> Result {
        let fresh = Seen(era: store.origins.era(of: origin), condition: ServiceCondition(pauses: pauses))
        return conditions.withLock { conditions in
            if let seen = conditions[service]?[origin], seen.era < fresh.era { conditions[service]?[origin] = fresh }
            return body(&conditions[service, default: [:]][origin, default: fresh].condition)
        }
    }

    /// Lets go of origins that are no more, and of conditions that are over or past. Call it about once a second.
    package func prune(at now: Instant) {
        let origins = store.origins
        conditions.withLock { conditions in
            for (service, kept) in conditions {
                conditions[service] = kept.filter { id, seen in
                    guard let origin = origins[id], seen.era >= origin.era else { return false }
                    return !seen.condition.isUnremarkable(at: now, router.slowStart)
                }
            }
        }
        records.prune(to: origins)
    }

    /// The services of an origin that have failed and not worked since.
    package func failingServices(of origin: OriginID) -> [OriginService] {
        services(of: origin) { $0.isFailing }
    }

    /// Why they have, and when they are tried again.
    package func failures(of origin: OriginID) -> [(service: OriginService, failure: ServiceFailure)] {
        seen(of: origin).compactMap { service, condition in condition.failure.map { (service, $0) } }
    }

    /// Those by which it has just said that it takes no more.
    package func fullServices(of origin: OriginID, at now: Instant) -> [OriginService] {
        services(of: origin) { $0.isFull(at: now) }
    }

    private func services(of origin: OriginID, _ isMeant: (ServiceCondition) -> Bool) -> [OriginService] {
        seen(of: origin).filter { isMeant($0.condition) }.map(\.service)
    }

    /// What there is of the origin in its era, in the order of the services.
    private func seen(of origin: OriginID) -> [(service: OriginService, condition: ServiceCondition)] {
        let era = store.origins.era(of: origin)
        return conditions.withLock { conditions in
            OriginService.allCases.compactMap { service in
                guard let seen = conditions[service]?[origin], seen.era >= era else { return nil }
                return (service, seen.condition)
            }
        }
    }

    private func admits(_ origin: Origin, _ service: OriginService, at now: Instant) -> Bool {
        conditions.withLock { conditions in
            guard let seen = conditions[service]?[origin.id], seen.era >= origin.era else { return true }
            return conditions[service]?[origin.id]?.condition.admit(at: now) ?? true
        }
    }
}
