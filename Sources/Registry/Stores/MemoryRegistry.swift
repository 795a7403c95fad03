package import Bytes
package import Media
package import Reactor
import Synchronization

/// The registry of one process, in its memory; another proxy knows nothing of it.
///
/// One lock covers origins, claims and routes, so that an instance and what it has go together. It is held for a
/// look-up or a change in a table; heartbeats, beginning and ending sessions and renewals in parts take it, of packets
/// only those that nobody knows yet.
package final class MemoryRegistry: RegistryStore {
    private struct State {
        var origins: OriginTable
        var claims: ClaimTable
        var routes: RouteTables
    }

    package let lease: Duration
    private let state: Mutex<State>
    private let clock: @Sendable (EventLoop) -> Instant

    /// `clock` is the time of a loop that asks; tests have one that stands still where the machine does.
    package init(
        origins: OriginTable.Limits = OriginTable.Limits(), claims: ClaimTable.Limits = ClaimTable.Limits(),
        routes: RouteTable.Limits = RouteTable.Limits(),
        clock: @escaping @Sendable (EventLoop) -> Instant = { $0.now }
    ) {
        lease = claims.lease
        self.clock = clock
        state = Mutex(
            State(
                origins: OriginTable(limits: origins), claims: ClaimTable(limits: claims),
                routes: RouteTables(limits: routes)))
    }

    // MARK: - Origins

    package var origins: OriginSnapshot {
        state.withLock { OriginSnapshot($0.origins.origins, streams: $0.claims.streams) }
    }

    package func fix(_ heartbeat: Heartbeat, at now: Instant) {
        state.withLock { $0.origins.fix(heartbeat, at: now) }
    }

    package func beat(
        _ heartbeat: Heartbeat, at now: Instant
    ) throws(HeartbeatRefusal) -> OriginTable.BeatOutcome {
        try state.withLock { (state) throws(HeartbeatRefusal) in
            let outcome = try state.origins.beat(heartbeat, at: now)
            switch outcome {
            case .restarted, .left: state.claims.drop(heartbeat.server)
            case .registered, .renewed, .moved, .returned, .leaving, .outdated, .contested: break
            }
            return outcome
        }
    }

    package func watch(at now: Instant) -> [OriginTable.SilenceOutcome] { watch(at: now) { _ in true } }

    /// Those that are not `heard` here are left as they are.
    func watch(at now: Instant, heard: (OriginID) -> Bool) -> [OriginTable.SilenceOutcome] {
        state.withLock { state in
            let outcomes = state.origins.watch(at: now, heard: heard)
            for case .forgotten(let origin) in outcomes { state.claims.drop(origin.id) }
            state.claims.expire(at: now)
            _ = state.routes.expire(at: now)
            return outcomes
        }
    }

    /// There is nobody else.
    package func news() -> [OriginNews] { [] }

    package func state(at now: Instant) -> StoreState { .fresh }

    package func beliefs(of key: StreamKey) -> OthersBeliefs? { nil }

    // MARK: - What operators order

    package func drain(_ origin: OriginID, _ isDrained: Bool, at now: Instant) throws(OrderRefusal) {
        try state.withLock { (state) throws(OrderRefusal) in try state.origins.drain(origin, isDrained) }
    }

    package func deregister(_ origin: OriginID, at now: Instant) throws(OrderRefusal) {
        try state.withLock { (state) throws(OrderRefusal) in
            try state.origins.deregister(origin, at: now)
            state.claims.drop(origin)
        }
    }

    // MARK: - Claims

    package func owner(of key: StreamKey, at now: Instant) -> StreamOwner? {
        state.withLock { state in
            guard let claim = state.claims.claim(of: key, at: now), let origin = state.origins[claim.origin] else {
                return nil
            }
            return StreamOwner(claim: claim, origin: origin)
        }
    }

    package func originOfOwner(of key: StreamKey, at now: Instant) -> Origin? {
        state.withLock { state in state.claims.origin(of: key, at: now).flatMap { state.origins[$0] } }
    }

    package func claim(
        _ request: ClaimRequest, on loop: EventLoop, then: @escaping (Result<StreamClaim, ClaimError>) -> Void
    ) {
        let result = claim(request, at: clock(loop))
        loop.afterRound { then(result) }
    }

    /// As the other one, at once; `epoch` is one that others have reached, and until `known` they have told of theirs.
    func claim(
        _ request: ClaimRequest, at now: Instant, after epoch: UInt64 = 0, known: Instant? = nil
    ) -> Result<StreamClaim, ClaimError> {
        state.withLock { state in
            guard state.origins[request.origin]?.instance == request.instance else { return .failure(.unknownOrigin) }
            do throws(ClaimError) {
                let absence = request.absent.flatMap { state.origins[$0]?.liveness }
                return .success(
                    try state.claims.claim(request, at: now, after: epoch, absence: absence, known: known))
            } catch {
                return .failure(error)
            }
        }
    }

    package func renew(
        _ claims: [StreamClaim], on loop: EventLoop,
        then: @escaping (Result<[LostClaim], StoreUnavailable>) -> Void
    ) {
        let lost = renew(claims, at: clock(loop))
        loop.afterRound { then(.success(lost)) }
    }

    func renew(_ claims: [StreamClaim], at now: Instant) -> [LostClaim] {
        state.withLock { state in claims.compactMap { state.claims.renew($0, at: now) } }
    }

    package func release(_ claim: StreamClaim, on loop: EventLoop) {
        release(claim, at: clock(loop))
    }

    func release(_ claim: StreamClaim, at now: Instant) {
        _ = state.withLock { $0.claims.release(claim, at: now) }
    }

    // MARK: - Routes

    package func remember(_ route: Route, at now: Instant) throws(RouteRefusal) {
        try state.withLock { (state) throws(RouteRefusal) in
            guard state.origins[route.origin]?.instance == route.instance else {
                state.routes[route.key.kind].refuse()
                throw .unknownOrigin
            }
            state.routes[route.key.kind].remember(route, at: now)
        }
    }

    package func origin(of key: RouteKey, at now: Instant) -> Origin? {
        state.withLock { state in
            guard let route = state.routes[key.kind].route(of: key, at: now),
                let origin = state.origins[route.origin], origin.instance == route.instance
            else { return nil }
            return origin
        }
    }

    package func forget(_ route: Route, at now: Instant) {
        state.withLock { state in
            guard state.routes[route.key.kind].route(of: route.key, at: now) == route else { return }
            state.routes[route.key.kind].forget(route.key)
        }
    }

    package var routeCounts: [RouteKind: RouteCounts] { state.withLock(\.routes.counts) }

    // MARK: - What others have

    /// See `OriginTable.adopt`.
    func adopt(_ heartbeat: Heartbeat, at time: Instant, _ past: OriginPast) -> OriginTable.BeatOutcome? {
        state.withLock { state in
            let outcome = state.origins.adopt(heartbeat, at: time, past)
            if case .restarted? = outcome { state.claims.drop(heartbeat.server) }
            return outcome
        }
    }

    /// Another proxy says that the origin is no more, and its claims are not.
    func forget(_ origin: OriginID, at now: Instant) -> Origin? {
        state.withLock { state in
            guard let forgotten = state.origins.forget(origin, at: now) else { return nil }
            state.claims.drop(origin)
            return forgotten
        }
    }

    func forgive(at now: Instant) { state.withLock { $0.origins.forgive(at: now) } }

    var drained: Set<OriginID> { state.withLock(\.origins.allDrained) }

    func adoptDrain(_ origin: OriginID, _ isDrained: Bool, at now: Instant) {
        state.withLock { $0.origins.adoptDrain(origin, isDrained, at: now) }
    }

    func adopt(_ claim: StreamClaim, granted: Instant) {
        state.withLock { $0.claims.adopt(claim, granted: granted) }
    }

    func forget(_ key: StreamKey) { state.withLock { $0.claims.forget(key) } }

    func claims(of origin: OriginID) -> [StreamClaim] { state.withLock { $0.claims.claims(of: origin) } }

    func adopt(_ route: Route, at now: Instant) { state.withLock { $0.routes[route.key.kind].adopt(route, at: now) } }

    func forget(_ key: RouteKey) { state.withLock { $0.routes[key.kind].forget(key) } }

    /// The claim on a stream, whether its origin is known or not.
    func claim(of key: StreamKey, at now: Instant) -> StreamClaim? {
        state.withLock { $0.claims.claim(of: key, at: now) }
    }

    // MARK: - For operators

    package var claimCounts: ClaimCounts { state.withLock(\.claims.counts) }

    package func claims(from start: Int, count: Int, at now: Instant) -> ClaimPage {
        state.withLock { $0.claims.page(from: start, count: count, at: now) }
    }
}
