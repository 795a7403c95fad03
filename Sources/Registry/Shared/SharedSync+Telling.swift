import Bytes
import Media
import Reactor
import Redis
import Synchronization

/// What others are told.
extension SharedSync {
    /// After which without a beat an origin is no more.
    private var originLease: RedisWord { RedisWord(BeatRhythm.longestSilence.nanoseconds / 1_000_000) }

    /// `time` is when it was heard, if that was before Redis could be told. It counts as a second earlier: what was
    /// told at once comes as late as messages are.
    func tell(_ heartbeat: Heartbeat, _ past: OriginPast, isNews: Bool, since time: Instant? = nil) {
        let age = time.map { (loop.now - $0 + .seconds(1)).nanoseconds / 1_000_000 } ?? 0
        let words = [
            RedisWord(heartbeat.server.text), RedisWord(heartbeat.instance.shared),
            RedisWord(heartbeat.state.rawValue), RedisWord(SharedOrigin.text(heartbeat, past)),
            originLease, isNews ? "1" : "0", RedisWord(age),
        ]
        link.run(SharedScripts.beat, on: .origins, words) { result in
            // Somebody has taken it out, and it has not beaten since.
            let isLast = self.registry.ledger.withLock { $0.beats[heartbeat.server]?.time == time }
            if result == .success(.integer(-1)), isLast { self.forget(heartbeat.server) }
        }
    }

    /// Tells of the last beat of an origin that this proxy has heard; false where it has heard none, or the origin has
    /// begun anew elsewhere.
    @discardableResult
    func tellAgain(_ id: OriginID) -> Bool {
        guard let beat = registry.ledger.withLock({ $0.beats[id] }), let origin = registry.local.origins[id],
            origin.instance == beat.heartbeat.instance
        else { return false }
        tell(beat.heartbeat, origin.past, isNews: true, since: beat.time)
        return true
    }

    func release(_ claims: [StreamClaim]) {
        link.release(claims) { self.registry.owe($0) }
    }

    // MARK: - What is owed

    /// Tells whatever Redis has not heard of, and what it has refused.
    func tellOwed() {
        tellOrders()
        tellLostDrains()
        let (releases, routes) = registry.ledger.withLock { ledger in
            defer { (ledger.owed, ledger.owedRoutes) = ([], []) }
            return (ledger.owed, ledger.owedRoutes)
        }
        release(releases)
        tell(Array(routes))
    }

    /// Tells those orders that nobody is telling.
    func tellOrders() {
        for order in registry.ledger.withLock({ $0.orders.begin() }) {
            tell(order) { result in
                guard case .success(let reply) = result else {
                    return self.registry.ledger.withLock { $0.orders.failed(order) }
                }
                let version = reply.number.flatMap { $0 > 0 ? $0 : nil }
                let hasLeft = self.registry.ledger.withLock { $0.orders.confirmed(order, at: version) }
                if hasLeft { self.readAll(of: order.table) }
                self.settle(order.table)
            }
        }
    }

    private func tell(_ order: OwedOrder, then: @escaping SharedLink.Answer) {
        let origin = RedisWord(order.origin.text)
        switch order.kind {
        case .drain:
            link.run(
                SharedScripts.set, on: .drained, [origin, "1", RedisWord(SharedTable.drained.keep), "0"], then: then)
        case .undrain: link.run(SharedScripts.remove, on: .drained, [origin], then: then)
        case .deregister: link.run(SharedScripts.deregister, on: .origins, [origin, age(of: order), ""], then: then)
        case .farewell(let instance):
            link.run(
                SharedScripts.deregister, on: .origins, [origin, age(of: order), RedisWord(instance.shared)], then: then
            )
        }
    }

    /// At first none: a beat that was here just before may be there just after.
    private func age(of order: OwedOrder) -> RedisWord {
        RedisWord(order.hasFailed ? (loop.now - order.given).nanoseconds / 1_000_000 : 0)
    }

    /// Of what a server has lost it is told again, unless somebody else has ordered otherwise meanwhile.
    func tellLostDrains() {
        for id in lostDrains {
            let words = [RedisWord(id.text), "1", RedisWord(SharedTable.drained.keep), "1"]
            link.run(SharedScripts.set, on: .drained, words) { result in
                if case .success = result { self.lostDrains.remove(id) }
            }
        }
    }

    /// Redis is back, and may have lost what it knew: it is told again what is this proxy's to tell. Orders and claims
    /// are told before anybody looks; beats follow in parts, for a table that lacks them takes no origin out.
    func restore() {
        registry.ledger.withLock { $0.orders.restart() }
        tellOwed()
        let now = loop.now
        let (own, beaten, routes) = registry.ledger.withLock { ledger in
            let routes = RouteKind.allCases.flatMap { ledger.routes[$0].all(at: now) }
            return (ledger.own.values.map(\.claim), Array(ledger.beats.keys), routes)
        }
        link.renew(own, lease: registry.lease) { part, result in
            guard case .success(let lost) = result else { return }
            // Those that are lost, their keepers find out; the others end no more by themselves.
            for claim in part where !lost.contains(where: { $0.claim == claim }) { self.restored(claim) }
        }
        tell(routes)
        untold = beaten
        vouch()
    }

    private func restored(_ claim: StreamClaim) {
        let isOwn = registry.ledger.withLock { ledger in
            guard ledger.own[claim.key]?.claim == claim else { return false }
            ledger.own[claim.key]?.isTold = true
            return true
        }
        if isOwn { registry.local.adopt(claim, granted: loop.now) }
    }
}
