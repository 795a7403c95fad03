import Bytes
import Media
import Reactor
import Redis
import Synchronization

/// What is taken over from others.
extension SharedSync {
    func take(_ piece: SharedIntake.Piece) {
        switch piece {
        case .notice(let notice, let moment):
            begun(notice.table, at: notice.version)
            if let value = notice.value {
                put(notice.member, value, in: notice.table, at: moment)
            } else {
                remove(notice.member, from: notice.table)
            }
            if notice.table == .drained { drainedVersion = notice.version }
        case .begin(let changes, let table): begun(table, at: changes.version)
        case .put(let member, let value, let table, let moment): put(member, value, in: table, at: moment)
        case .remove(let member, let table): remove(member, from: table)
        case .end(let changes, let table):
            if changes.isComplete { keepOnly(changes, in: table) }
            if table == .drained { drainedVersion = changes.version }
            tellTaken(table)
        }
    }

    private func put(_ member: String, _ value: String, in table: SharedTable, at moment: SharedMoment) {
        switch table {
        case .origins: put(member, value, at: moment)
        case .drained: putDrained(OriginID(member), true)
        case .claims:
            guard let key = try? StreamKey(parsing: member), let claim = StreamClaim(key, shared: value) else {
                return
            }
            put(claim, in: table, at: moment)
        case .routes(let kind, _):
            guard let key = RouteKey(kind, member), let route = Route(key, shared: value) else { return }
            put(route, in: table)
        }
    }

    private func remove(_ member: String, from table: SharedTable) {
        switch table {
        case .origins:
            let id = OriginID(member)
            origins.forget(member)
            // One that this proxy hears may have beaten since: Redis says whether it has.
            if !tellAgain(id) { forget(id) }
        case .drained: putDrained(OriginID(member), false)
        case .claims: if let key = try? StreamKey(parsing: member) { remove(key, from: table) }
        case .routes(let kind, _): if let key = RouteKey(kind, member) { remove(key, from: table) }
        }
    }

    /// What is not among all there is is gone. Origins are judged by their beats, unless they were taken out.
    private func keepOnly(_ changes: SharedChanges, in table: SharedTable) {
        let present = Set(changes.changed.map(\.member))
        switch table {
        case .origins: origins.keepOnly(present)
        case .drained: keepOnlyDrained(present, changes)
        case .claims:
            for key in streams[table, default: []] where !present.contains(key.description) {
                remove(key, from: table)
            }
        case .routes: keepOnly(present, gone: Set(changes.gone), ofRoutes: table)
        }
    }

    /// Whether an operator has ordered something here that Redis does not know yet.
    private func isOrdered(_ member: String, in table: SharedTable) -> Bool {
        registry.ledger.withLock { $0.orders.hides(OriginID(member), in: table) }
    }

    // MARK: - Drained origins

    private func putDrained(_ id: OriginID, _ isDrained: Bool) {
        lostDrains.remove(id)
        if !isOrdered(id.text, in: .drained) { registry.local.adoptDrain(id, isDrained, at: loop.now) }
    }

    private func keepOnlyDrained(_ present: Set<String>, _ changes: SharedChanges) {
        let gone = Set(changes.gone)
        // What the table held before it was written for the first time, the server has lost.
        let isLost = changes.version == 0 || changes.born > drainedVersion
        for id in registry.local.drained where !present.contains(id.text) {
            if !gone.contains(id.text), isLost || lostDrains.contains(id) {
                lostDrains.insert(id)
            } else {
                putDrained(id, false)
            }
        }
        if isLost { tellLostDrains() }
    }

    // MARK: - Origins

    private func put(_ member: String, _ value: String, at moment: SharedMoment) {
        guard let lines = SharedOriginLines(value), !isOrdered(member, in: .origins) else { return }
        let isThere = registry.local.origins[OriginID(member)]?.instance == lines.instance
        if isThere, origins.hasRead(lines, of: member) { return }
        guard let origin = origins.read(lines, of: member) else { return }
        let beaten = moment.here + (.zero - origin.age(at: moment.server))
        guard let outcome = registry.local.adopt(origin.heartbeat, at: beaten, origin.past) else { return }
        if outcome != .renewed { tell(origin.heartbeat.server, outcome) }
    }

    /// It is no more, unless it is fixed here: that one stays with all it has, and others are told of it again in its
    /// time. Who has taken it out may not have heard of the claims that were granted here.
    func forget(_ id: OriginID) {
        guard registry.local.origins[id]?.liveness != .fixed else { return }
        release(registry.takeOwn(registry.local.claims(of: id)))
        if registry.local.forget(id, at: loop.now) != nil { tell(id, .left) }
        registry.ledger.withLock { $0.forget(id) }
    }

    private func tell(_ id: OriginID, _ outcome: OriginTable.BeatOutcome) {
        registry.ledger.withLock { $0.news[id] = OriginNews(origin: id, outcome: outcome) }
    }

    // MARK: - Claims

    private func put(_ claim: StreamClaim, in table: SharedTable, at moment: SharedMoment) {
        let isOlder = registry.ledger.withLock { ledger in
            guard let own = ledger.own[claim.key]?.claim, own != claim else { return false }
            if own.epoch < claim.epoch { ledger.own[claim.key] = nil }
            return own.epoch > claim.epoch
        }
        if isOlder { return }
        streams[table, default: []].insert(claim.key)
        registry.local.adopt(claim, granted: moment.instant(at: claim.epoch))
    }

    private func remove(_ key: StreamKey, from table: SharedTable) {
        streams[table]?.remove(key)
        // One of ours is missed by its keeper, which asks for it again, unless it has not asked for as long as a lease.
        let now = loop.now
        let isKept = registry.ledger.withLock { ledger in
            guard let own = ledger.own[key] else { return false }
            if own.renewed + registry.lease > now { return true }
            ledger.own[key] = nil
            return false
        }
        if !isKept { registry.local.forget(key) }
    }
}
