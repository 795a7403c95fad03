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
/// A lock is held for a look-up, when a session begins or a connection to an origin fails. Health is kept of services
/// that have failed alone, and only of origins that there are.
package final class StreamRouting: Sendable {
    private struct Service: Hashable {
        let origin: OriginID
        let service: OriginService
    }

    package let store: any RegistryStore
    package let router: OriginRouter
    /// For operators; nothing is decided by it.
    package let records = OriginRecords()
    private let pauses: OriginHealth.Pauses
    private let failing = Mutex<[Service: OriginHealth]>([:])

    package init(
        _ store: any RegistryStore, router: OriginRouter = OriginRouter(),
        pauses: OriginHealth.Pauses = OriginHealth.Pauses()
    ) {
        self.store = store
        self.router = router
        self.pauses = pauses
    }

    /// The next origin to try for a session, after those that it has `tried` in vain; nil where there is none left.
    ///
    /// Every answer is as fresh as the registry: a stream that is claimed meanwhile is followed. The caller bounds its
    /// tries, and tells `reached` or `failed` of each.
    package func next(
        for key: StreamKey, _ service: OriginService, to purpose: SessionPurpose = .publish, tried: [OriginID] = [],
        at now: Instant
    ) -> RoutedOrigin? {
        let owner = store.owner(of: key, at: now)
        if let owner, !tried.contains(owner.origin.id) {
            return RoutedOrigin(owner.origin, service, isOwner: true)
        }
        let left = candidates(for: key, service, to: purpose, owner, at: now).filter { !tried.contains($0.id) }
        let admitted = left.first { admits($0.id, service, at: now) } ?? left.first
        return admitted.flatMap { RoutedOrigin($0, service, isOwner: false) }
    }

    /// Whether there are other origins to try than `origin`.
    package func hasOthers(
        for key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, than origin: OriginID, at now: Instant
    ) -> Bool {
        candidates(for: key, service, to: purpose, store.owner(of: key, at: now), at: now).contains { $0.id != origin }
    }

    private func candidates(
        for key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, _ owner: StreamOwner?, at now: Instant
    ) -> [Origin] {
        let failing = self.failing.withLock { $0 }
        return router.candidates(for: key, service, to: purpose, owner: owner, among: store.origins) {
            failing[Service(origin: $0, service: service)]?.standing(at: now) == .out
        }
    }

    /// Whether the stream has an owner, and that is not this start of this origin.
    package func isElsewhere(_ key: StreamKey, than origin: Origin, at now: Instant) -> Bool {
        guard let claim = store.owner(of: key, at: now)?.claim else { return false }
        return claim.origin != origin.id || claim.instance != origin.instance
    }

    /// Services of `services` that are due for a trial, each given to one caller, who tells how it went.
    package func takeTrials(of services: [OriginService], at now: Instant, atMost maximum: Int) -> [OriginTrial] {
        let due = failing.withLock { failing in
            failing.filter { services.contains($0.key.service) && $0.value.wantsTrial(at: now) }.keys
        }
        guard !due.isEmpty else { return [] }
        let origins = store.origins
        var trials: [OriginTrial] = []
        for place in due {
            guard trials.count < maximum, let origin = origins[place.origin], origin.has(place.service),
                failing.withLock({ $0[place]?.beginTrial(at: now) }) == true
            else { continue }
            trials.append(
                OriginTrial(
                    origin: place.origin, service: place.service, addresses: origin.addresses(of: place.service)))
        }
        return trials
    }

    // MARK: - What connections have shown

    /// A connection was taken and answered.
    package func reached(_ origin: OriginID, _ service: OriginService) {
        failing.withLock { _ = $0.removeValue(forKey: Service(origin: origin, service: service)) }
    }

    /// A connection was refused, or nobody answered in time. True where the service goes out with it, to be logged;
    /// others that were under way say nothing new.
    @discardableResult
    package func failed(_ origin: OriginID, _ service: OriginService, at now: Instant) -> Bool {
        let draw = UInt64.random(in: 0 ... .max)
        return failing.withLock { failing in
            var health = failing[Service(origin: origin, service: service)] ?? OriginHealth(pauses: pauses)
            let wasGood = health.standing(at: now) == .good
            health.failed(at: now, draw: draw)
            failing[Service(origin: origin, service: service)] = health
            return wasGood
        }
    }

    /// A connection was taken and not answered, which is also how an origin waits for a publisher. It is out when a trial
    /// fails.
    package func doubted(_ origin: OriginID, _ service: OriginService) {
        failing.withLock {
            $0[Service(origin: origin, service: service), default: OriginHealth(pauses: pauses)].doubted()
        }
    }

    /// Another instance, or other addresses: nothing is known of it any more.
    package func forget(_ origin: OriginID) {
        failing.withLock { failing in
            for service in OriginService.allCases {
                failing[Service(origin: origin, service: service)] = nil
            }
        }
        records.restart(origin)
    }

    /// Lets go of origins that are no more. Call it about once a second.
    package func prune() {
        let origins = store.origins
        failing.withLock { failing in failing = failing.filter { origins[$0.key.origin] != nil } }
        records.prune(to: origins)
    }

    /// The services of an origin that have failed and not worked since.
    package func failingServices(of origin: OriginID) -> [OriginService] {
        failing.withLock { failing in
            OriginService.allCases.filter {
                failing[Service(origin: origin, service: $0)].map { !$0.isDoubted } == true
            }
        }
    }

    private func admits(_ origin: OriginID, _ service: OriginService, at now: Instant) -> Bool {
        failing.withLock { $0[Service(origin: origin, service: service)]?.admit(at: now) ?? true }
    }
}
