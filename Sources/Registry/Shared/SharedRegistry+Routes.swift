package import Bytes
import Reactor
import Redis
import Synchronization

extension SharedRegistry {
    package func remember(_ route: Route, at now: Instant) throws(RouteRefusal) {
        let kind = route.key.kind
        guard isKnown(route.origin, route.instance) else {
            ledger.withLock { $0.routes[kind].refuse() }
            throw .unknownOrigin
        }
        ledger.withLock { $0.routes[kind].remember(route, at: now) }
        local.adopt(route, at: now)
        if !onSync({ $0.tell([route.key]) }) { owe([route.key]) }
    }

    package func origin(of key: RouteKey, at now: Instant) -> Origin? { local.origin(of: key, at: now) }

    package func forget(_ route: Route, at now: Instant) {
        ledger.withLock { ledger in
            if ledger.routes[route.key.kind].route(of: route.key, at: now) == route {
                ledger.routes[route.key.kind].forget(route.key)
            }
        }
        local.forget(route, at: now)
        onSync { $0.tellForgotten(route) }
    }

    package var routeCounts: [RouteKind: RouteCounts] {
        let present = local.routeCounts
        return ledger.withLock { ledger in
            var all = ledger.routes.counts
            for kind in RouteKind.allCases {
                all[kind]?.present = present[kind]?.present ?? 0
                all[kind]?.evicted = ledger.evictedRoutes[kind] ?? 0
            }
            return all
        }
    }

    /// Redis could not be told of these. All are told when it is back; those beyond the bound, when they are remembered
    /// again.
    func owe(_ routes: [RouteKey]) {
        ledger.withLock { ledger in
            ledger.owedRoutes.formUnion(routes.prefix(max(limits.maximumOwed - ledger.owedRoutes.count, 0)))
        }
    }

    func evicted(_ count: UInt64, of kind: RouteKind) {
        if count > 0 { ledger.withLock { $0.evictedRoutes[kind, default: 0] += count } }
    }

    /// Those that this proxy had remembered: of what Redis was told it is Redis that says when it ends.
    func expireRoutes(at now: Instant) {
        let unshared = ledger.withLock { ledger in
            ledger.routes.expire(at: now).filter { ledger.owedRoutes.remove($0) != nil || ledger.isDetached }
        }
        for key in unshared { local.forget(key) }
    }
}

extension SharedSync {
    /// Tells of routes that this proxy has remembered, as far as their time is not over.
    func tell(_ keys: [RouteKey]) {
        let now = loop.now
        tell(registry.ledger.withLock { ledger in keys.compactMap { ledger.routes[$0.kind].left($0, at: now) } })
    }

    /// Each with what is left of its time.
    func tell(_ routes: [(route: Route, left: Duration)]) {
        let maximum = RedisWord(max(registry.maximumRoutes / SharedTable.routeParts, 1))
        link.run(SharedScripts.remember, on: routes, in: \.route.sharedTable, first: [maximum]) {
            [
                RedisWord($0.route.key.text), RedisWord($0.route.sharedOwner),
                RedisWord($0.left.nanoseconds / 1_000_000),
            ]
        } then: { part, result in
            switch result {
            case .success(let reply): self.registry.evicted(reply.number ?? 0, of: part[0].route.key.kind)
            case .failure: self.registry.owe(part.map(\.route.key))
            }
        }
    }

    /// Nobody waits for it: were it lost, the route's time would end it.
    func tellForgotten(_ route: Route) {
        link.run(
            SharedScripts.forget, on: route.sharedTable,
            [RedisWord(route.key.text), RedisWord(route.sharedOwner)])
    }

    // MARK: - What others tell

    func put(_ route: Route, in table: SharedTable) {
        routes[table, default: []].insert(route.key)
        registry.ledger.withLock { ledger in
            let own = ledger.routes[route.key.kind].route(of: route.key, at: loop.now)
            if let own, own != route { ledger.routes[route.key.kind].forget(route.key) }
        }
        registry.local.adopt(route, at: loop.now)
    }

    func remove(_ key: RouteKey, from table: SharedTable) {
        routes[table]?.remove(key)
        registry.ledger.withLock { $0.routes[key.kind].forget(key) }
        registry.local.forget(key)
    }

    /// What is not there any more is gone; what was never told, or was lost, is told again.
    func keepOnly(_ present: Set<String>, gone: Set<String>, ofRoutes table: SharedTable) {
        let now = loop.now
        for key in routes[table, default: []] where !present.contains(key.text) {
            let isOwn = registry.ledger.withLock { $0.routes[key.kind].route(of: key, at: now) != nil }
            if isOwn, !gone.contains(key.text) { registry.owe([key]) } else { remove(key, from: table) }
        }
    }
}
