import Bytes
import LoopKit
import Media
import Reactor
import Registry
import Synchronization
import Testing

@Suite("ClaimKeeper", .timeLimit(.minutes(5)))
struct ClaimKeeperTests {
    private enum Told: Equatable {
        case granted(StreamClaim)
        case delayed
        case refused(ClaimError)
        case lost(StreamClaim?)
    }

    private final class Owner: ClaimOwner {
        var told: [Told] = []
        func claimGranted(_ claim: StreamClaim) { told.append(.granted(claim)) }
        func claimDelayed() { told.append(.delayed) }
        func claimRefused(_ error: ClaimError) { told.append(.refused(error)) }
        func claimLost(to holder: StreamClaim?) { told.append(.lost(holder)) }

        var claim: StreamClaim? {
            guard case .granted(let claim)? = told.first else { return nil }
            return claim
        }
    }

    private static func store(_ clock: TurningClock, maximumClaims: Int = 1_000) -> MemoryRegistry {
        var limits = ClaimTable.Limits()
        limits.maximumClaims = maximumClaims
        limits.lease = .milliseconds(300)
        let store = MemoryRegistry(claims: limits) { _ in clock.now }
        for name in ["o1", "o2"] { store.fix(Samples.heartbeat(name), at: clock.now) }
        return store
    }

    private static func take(_ keeper: ClaimKeeper, _ key: String, _ origin: String, _ owner: Owner) -> HeldClaim {
        keeper.take(Samples.key(key), for: OriginID(origin), Samples.instance(), owner: owner)
    }

    @Test("many claims are kept far beyond their lease, and end at once when they are released")
    func kept() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = Self.store(clock)
                let keeper = ClaimKeeper(store, on: actor.loop)
                let owners = (0..<600).map { _ in Owner() }
                let held = owners.enumerated().map { Self.take(keeper, "s\($0)", "o1", $1) }
                #expect(owners.allSatisfy { $0.told.isEmpty }, "never inside the call")
                try await actor.wait(for: "grants") { keeper.count == 600 }
                for _ in 0..<12 {
                    try await actor.pass(.milliseconds(100), on: clock)
                    _ = store.watch(at: clock.now)
                }
                #expect(store.claimCounts.present == 600 && store.claimCounts.expired == 0)
                #expect(owners.allSatisfy { $0.told.count == 1 })
                for claim in held { claim.release() }
                #expect(store.claimCounts.present == 0 && store.claimCounts.released == 600 && keeper.count == 0)
                for claim in held { claim.release() }
                #expect(actor.loop.armedTimers <= 2, "nothing is left but the clock and, perhaps, a pause of this test")
            }
        }
    }

    @Test("claims that their store renews together are in as few parts of a sweep as may be")
    func together() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = AbsentStore(Self.store(clock))
                let keeper = ClaimKeeper(store, on: actor.loop)
                let held = (0..<600).map { Self.take(keeper, "s\($0)", "o1", Owner()) }
                try await actor.wait(for: "a sweep") { store.renewed.withLock { $0.joined().count } >= 600 }
                let parts = store.renewed.withLock { $0 }.prefix(3)
                #expect(parts.map(\.count) == [256, 256, 88], "a sweep goes in parts")
                #expect(Set(parts.joined()).count == 600)
                let groups = parts.map { Set($0.map { store.renewalGroup(of: $0.key) }).count }
                #expect(groups.reduce(0, +) <= AbsentStore.groups + 2)
                for claim in held { claim.release() }
            }
        }
    }

    @Test("another origin's stream is refused, and a claim that is granted after its release is given back")
    func refusedAndReleased() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = Self.store(clock)
                let keeper = ClaimKeeper(store, on: actor.loop)
                let (first, second, third, gone) = (Owner(), Owner(), Owner(), Owner())
                let held = Self.take(keeper, "a", "o1", first)
                let refused = Self.take(keeper, "a", "o2", second)
                _ = Self.take(keeper, "b", "nobody", third)
                Self.take(keeper, "c", "o1", gone).release()
                try await actor.wait(for: "answers") { second.told.count == 1 && third.told.count == 1 }
                let winner = try #require(first.claim)
                #expect(second.told == [.refused(.held(winner))])
                #expect(third.told == [.refused(.unknownOrigin)])
                #expect(gone.told.isEmpty && store.claimCounts.present == 1)
                #expect(held.claim == first.claim && refused.claim == nil)
                refused.release()
                #expect(store.claimCounts.present == 1)
                held.release()
            }
        }
    }

    @Test("a later publisher of the same instance takes the claim over, and the owner of the first is told")
    func takenOver() async throws {
        try await withLoops(2) { group in
            let clock = try await TurningClock(group)
            let store = Self.store(clock)
            // Two loops: as two publishers through one proxy, or two proxies with one store.
            let first = Task {
                try await group.on(0) { actor in
                    let keeper = ClaimKeeper(store, on: actor.loop)
                    let owner = Owner()
                    let held = Self.take(keeper, "a", "o1", owner)
                    try await actor.wait(for: "the loss") { owner.told.count == 2 }
                    held.release()
                    return owner.told
                }
            }
            let second = try await group.on(1) { actor in
                let keeper = ClaimKeeper(store, on: actor.loop)
                let owner = Owner()
                try await actor.wait(for: "the first") { store.claimCounts.present == 1 }
                let held = Self.take(keeper, "a", "o1", owner)
                try await actor.wait(for: "the claim") { owner.claim != nil }
                try await actor.pass(.milliseconds(800), on: clock)
                #expect(held.claim == owner.claim && owner.told.count == 1, "the first does not take it back")
                let claim = owner.claim
                held.release()
                return claim
            }
            let told = try await first.value
            #expect(told.last == .lost(second) && store.claimCounts.present == 0)
        }
    }

    @Test("a claim that has ended by itself is taken again, unless another has the stream by then")
    func lapsed() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = Self.store(clock)
                let keeper = ClaimKeeper(store, on: actor.loop)
                let (one, two) = (Owner(), Owner())
                let resumed = Self.take(keeper, "a", "o1", one)
                let lost = Self.take(keeper, "b", "o1", two)
                try await actor.wait(for: "grants") { two.claim != nil }
                let first = try #require(one.claim)
                // As after a long stop of the process.
                store.release(first, on: actor.loop)
                store.release(try #require(two.claim), on: actor.loop)
                let other = try await store.claim(Samples.request("b", "o2"), on: actor).get()
                try await actor.wait(for: "the loss") { two.told.count == 2 }
                #expect(two.told.last == .lost(other))
                try await actor.wait(for: "the claim") { resumed.claim.map { $0 != first } ?? false }
                #expect(one.told.count == 1 && store.owner(of: first.key, at: clock.now)?.claim == resumed.claim)
                lost.release()
                resumed.release()
                #expect(store.owner(of: other.key, at: clock.now)?.claim == other)
            }
        }
    }

    @Test("with the origin's restart its claims are lost to nobody")
    func restarted() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = Self.store(clock)
                _ = try store.beat(Samples.heartbeat("o3"), at: clock.now)
                let keeper = ClaimKeeper(store, on: actor.loop)
                let owner = Owner()
                let held = Self.take(keeper, "a", "o3", owner)
                try await actor.wait(for: "the grant") { owner.claim != nil }
                _ = try store.beat(Samples.heartbeat("o3", service: "s2"), at: clock.now)
                #expect(store.owner(of: Samples.key("a"), at: clock.now) == nil)
                try await actor.wait(for: "the loss") { owner.told.count == 2 }
                #expect(owner.told.last == .lost(nil) && held.claim == nil && keeper.count == 0)
            }
        }
    }

    @Test("while the store is away claims are kept, and asked for again when it is back")
    func unavailable() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = AbsentStore(Self.store(clock))
                let keeper = ClaimKeeper(store, on: actor.loop)
                let (owner, delayed, overtaken, left) = (Owner(), Owner(), Owner(), Owner())
                let held = Self.take(keeper, "a", "o1", owner)
                try await actor.wait(for: "the grant") { owner.claim != nil }
                store.isAway.withLock { $0 = true }
                let late = Self.take(keeper, "b", "o1", delayed)
                _ = Self.take(keeper, "c", "o1", overtaken)
                let released = Self.take(keeper, "d", "o1", left)
                try await actor.wait(for: "answers") { left.told == [.delayed] }
                released.release()
                let (another, winner) = (ClaimKeeper(store.base, on: actor.loop), Owner())
                let other = Self.take(another, "c", "o2", winner)
                try await actor.wait(for: "the other claim") { other.claim != nil }
                // The store forgets while it is away.
                store.base.release(try #require(owner.claim), on: actor.loop)
                try await actor.pass(.milliseconds(400), on: clock)
                #expect(delayed.told == [.delayed] && overtaken.told == [.delayed] && late.claim == nil)
                #expect(held.claim == owner.claim && owner.told.count == 1)
                // Back for renewals first.
                store.isAwayForClaims.withLock { $0 = true }
                store.isAway.withLock { $0 = false }
                try await actor.pass(.milliseconds(400), on: clock)
                #expect(held.claim == owner.claim && owner.told.count == 1)
                store.isAwayForClaims.withLock { $0 = false }
                try await actor.wait(for: "the new claim") { held.claim.map { $0 != owner.claim } ?? false }
                #expect(owner.told.count == 1)
                try await actor.wait(for: "what was not asked for") { late.claim != nil && overtaken.told.count == 2 }
                #expect(overtaken.told == [.delayed, .lost(winner.claim)] && delayed.told == [.delayed])
                #expect(left.told == [.delayed] && store.owner(of: Samples.key("d"), at: clock.now) == nil)
                #expect(keeper.count == 2)
                for claim in [held, late, other] { claim.release() }
            }
        }
    }

    @Test("a claim that could not be asked for, and finds no room, is asked for until there is some")
    func full() async throws {
        try await withLoops(1) { group in
            let clock = try await TurningClock(group)
            try await group.on { actor in
                let store = AbsentStore(Self.store(clock, maximumClaims: 1))
                let keeper = ClaimKeeper(store, on: actor.loop)
                let (first, owner) = (Owner(), Owner())
                let other = Self.take(keeper, "a", "o1", first)
                try await actor.wait(for: "the first") { first.claim != nil }
                store.isAwayForClaims.withLock { $0 = true }
                let held = Self.take(keeper, "b", "o1", owner)
                try await actor.wait(for: "the delay") { owner.told == [.delayed] }
                store.isAwayForClaims.withLock { $0 = false }
                try await actor.wait(for: "refusals") { store.claimCounts.refused > 1 }
                #expect(owner.told == [.delayed] && held.claim == nil)
                other.release()
                try await actor.wait(for: "room") { held.claim != nil }
                #expect(owner.told == [.delayed])
                held.release()
            }
        }
    }
}

/// A store that can be away, as one behind a network.
private final class AbsentStore: RegistryStore {
    let base: MemoryRegistry
    let isAway = Mutex(false)
    let isAwayForClaims = Mutex(false)
    /// What it was asked to renew.
    let renewed = Mutex<[[StreamClaim]]>([])

    static let groups = 40

    init(_ base: MemoryRegistry) { self.base = base }

    var origins: OriginSnapshot { base.origins }
    var lease: Duration { base.lease }
    var claimCounts: ClaimCounts { base.claimCounts }
    func fix(_ heartbeat: Heartbeat, at now: Instant) { base.fix(heartbeat, at: now) }
    func beliefs(of key: StreamKey) -> OthersBeliefs? { base.beliefs(of: key) }
    func beat(_ heartbeat: Heartbeat, at now: Instant) throws(HeartbeatRefusal) -> OriginTable.BeatOutcome {
        try base.beat(heartbeat, at: now)
    }
    func watch(at now: Instant) -> [OriginTable.SilenceOutcome] { base.watch(at: now) }
    func owner(of key: StreamKey, at now: Instant) -> StreamOwner? { base.owner(of: key, at: now) }
    func claims(from start: Int, count: Int, at now: Instant) -> ClaimPage {
        base.claims(from: start, count: count, at: now)
    }
    func news() -> [OriginNews] { base.news() }
    func state(at now: Instant) -> StoreState { base.state(at: now) }
    func drain(_ origin: OriginID, _ isDrained: Bool, at now: Instant) throws(OrderRefusal) {
        try base.drain(origin, isDrained, at: now)
    }
    func deregister(_ origin: OriginID, at now: Instant) throws(OrderRefusal) {
        try base.deregister(origin, at: now)
    }
    func renewalGroup(of key: StreamKey) -> Int { key.description.utf8.reduce(0) { $0 + Int($1) } % Self.groups }
    func release(_ claim: StreamClaim, on loop: EventLoop) { base.release(claim, on: loop) }
    var routeCounts: [RouteKind: RouteCounts] { base.routeCounts }
    func remember(_ route: Route, at now: Instant) throws(RouteRefusal) { try base.remember(route, at: now) }
    func origin(of key: RouteKey, at now: Instant) -> Origin? { base.origin(of: key, at: now) }
    func forget(_ route: Route, at now: Instant) { base.forget(route, at: now) }

    func claim(
        _ request: ClaimRequest, on loop: EventLoop, then: @escaping (Result<StreamClaim, ClaimError>) -> Void
    ) {
        guard !isAway.withLock({ $0 }), !isAwayForClaims.withLock({ $0 }) else {
            return loop.afterRound { then(.failure(.unavailable)) }
        }
        base.claim(request, on: loop, then: then)
    }

    func renew(
        _ claims: [StreamClaim], on loop: EventLoop,
        then: @escaping (Result<[LostClaim], StoreUnavailable>) -> Void
    ) {
        renewed.withLock { $0.append(claims) }
        guard !isAway.withLock({ $0 }) else { return loop.afterRound { then(.failure(StoreUnavailable())) } }
        base.renew(claims, on: loop, then: then)
    }
}
