package import Bytes
package import Media
package import Reactor
package import Redis
import Synchronization
package import Telemetry

/// The registry that proxies share through Redis.
///
/// What is read is `local`, a copy in memory that `SharedSync` keeps: so the death of Redis is no session's concern.
/// What is agreed on, the claims, is asked of Redis; where Redis cannot be reached claims are granted here, from the
/// copy, and of two that were granted for one stream meanwhile the later one stays.
///
///     beat ──► local ──► sync ──► Redis ──► other proxies' syncs ──► their copies
///     claim ──► link of its loop ──► Redis ──► local
package final class SharedRegistry: RegistryStore {
    package struct Limits: Sendable {
        /// How long a claim waits for servers that cannot be reached before it is granted here.
        package var patience = Duration.seconds(1)
        /// How long it waits where the servers can be reached, but not by this loop.
        package var longestPatience = Duration.seconds(3)
        /// After which Redis grants no more what it was asked for: what it finds when it has stood still, nobody waits
        /// for.
        package var validity = Duration.seconds(2)
        /// After which without having read everything what is known counts as stale.
        package var freshness = Duration.seconds(15)
        /// How often Redis is told of the origins that are fixed here.
        package var vouching = Duration.seconds(10)
        /// Releases that Redis has not heard of; of more the leases have to take care. Orders of operators as well; of
        /// more the first is told no more. Routes as well; of more the rest is told when Redis is back, or they are
        /// remembered again.
        package var maximumOwed = 10_000

        package init() {}
    }

    struct Own {
        let claim: StreamClaim
        /// When its keeper has last asked for it.
        var renewed: Instant
        /// Redis knows it, and so do others.
        var isTold: Bool
    }

    struct Beat {
        let heartbeat: Heartbeat
        let time: Instant
    }

    /// What loops share of it.
    struct Ledger {
        /// Claims that were granted through this process and not given back.
        var own: [StreamKey: Own] = [:]
        /// Those that were given back, and Redis does not know.
        var owed: [StreamClaim] = []
        /// Since Redis is away: the owners of streams that were given back, as others still know them, and the origins
        /// that have registered here.
        var believed: [StreamKey: OriginID] = [:]
        var unheard: Set<OriginID> = []
        /// What operators have ordered here, and origins of themselves, and Redis does not know.
        var orders: OwedOrders
        /// The last beats that this proxy was sent.
        var beats: [OriginID: Beat] = [:]
        /// Origins that are fixed here, which send no beats: this proxy beats for them.
        var fixed: [OriginID: Heartbeat] = [:]
        /// Routes that this proxy has remembered, and how long they last without it.
        var routes: RouteTables
        /// Those of them of which Redis could not be told.
        var owedRoutes: Set<RouteKey> = []
        /// How many have given way in Redis to some of this proxy.
        var evictedRoutes: [RouteKind: UInt64] = [:]
        var news: [OriginID: OriginNews] = [:]
        var counts = ClaimCounts()
        /// The server's microseconds at the zero of our clock.
        var epochBase: UInt64
        /// It is what the server has said.
        var knowsTime = false
        var isDetached = true
        /// Until then what is known is fresh.
        var freshUntil: Instant?
        /// All of it has been read once.
        var hasBeenRead = false
        /// When something was read of it last.
        var lastRead: Instant?

        /// The origin is no more.
        mutating func forget(_ origin: OriginID) {
            beats[origin] = nil
            unheard.remove(origin)
        }
    }

    let local: MemoryRegistry
    let names: SharedNames
    let limits: Limits
    let maximumOrigins: Int
    /// Of each kind, at all proxies together.
    let maximumRoutes: Int
    let ledger: Mutex<Ledger>
    private let links = Mutex<[Int: LoopBound<SharedLink>]>([:])
    private let sync = Mutex<LoopBound<SharedSync>?>(nil)

    /// `wallClock` is the time since 1970 at the zero of the monotonic clock, which counts until a server has told its
    /// own.
    package init(
        prefix: String, limits: Limits = Limits(), origins: OriginTable.Limits = OriginTable.Limits(),
        claims: ClaimTable.Limits = ClaimTable.Limits(), routes: RouteTable.Limits = RouteTable.Limits(),
        wallClock: Duration
    ) {
        // What gives way in Redis gives way here when Redis says so, which is a little later.
        var routesHere = routes
        routesHere.maximumRoutes += limits.maximumOwed
        local = MemoryRegistry(origins: origins, claims: claims, routes: routesHere)
        maximumRoutes = routes.maximumRoutes
        names = SharedNames(prefix: prefix)
        self.limits = limits
        maximumOrigins = origins.maximumOrigins
        ledger = Mutex(
            Ledger(
                orders: OwedOrders(maximum: limits.maximumOwed), routes: RouteTables(limits: routesHere),
                epochBase: UInt64(max(wallClock.nanoseconds / 1_000, 0))))
    }

    /// Gives the loop its link. Call it on each loop, before any session begins there.
    package func attach(
        to loop: EventLoop, _ settings: RedisSettings, resolver: Resolver, log: Logger, meter: RedisMeter
    ) {
        let client = RedisClient(settings, on: loop, resolver: resolver, log: log, meter: meter)
        client.start()
        let link = LoopBound(SharedLink(client, names), of: loop)
        links.withLock { $0[loop.handle.index] = link }
    }

    /// Keeps the copy from now on, on a loop that has its link.
    package func synchronise(
        on loop: EventLoop, _ settings: RedisSettings, resolver: Resolver, log: Logger, meter: RedisMeter
    ) {
        let subscriber = RedisSubscriber(
            [names.channel], settings, on: loop, resolver: resolver, log: log, meter: meter)
        let keeper = SharedSync(self, on: loop, link: link(of: loop), subscriber: subscriber, log: log)
        sync.withLock { $0 = LoopBound(keeper, of: loop) }
        keeper.start()
    }

    /// Ends what the loop has of it. Call it on the loop.
    package func detach(from loop: EventLoop) {
        links.withLock { $0.removeValue(forKey: loop.handle.index) }?.here.client.stop()
        let keeper = sync.withLock { sync in
            guard sync?.isHere == true else { return nil as LoopBound<SharedSync>? }
            return sync.take()
        }
        keeper?.here.stop()
    }

    func link(of loop: EventLoop) -> SharedLink {
        guard let link = links.withLock({ $0[loop.handle.index] }) else {
            preconditionFailure("the loop has no link to the registry")
        }
        return link.here
    }

    /// False where that loop cannot be told.
    @discardableResult
    func onSync(_ work: @escaping @Sendable (SharedSync) -> Void) -> Bool {
        sync.withLock { $0 }?.submit(work) ?? false
    }

    // MARK: - Origins

    package var origins: OriginSnapshot { local.origins }

    package func fix(_ heartbeat: Heartbeat, at now: Instant) {
        local.fix(heartbeat, at: now)
        ledger.withLock { $0.fixed[heartbeat.server] = heartbeat }
        // Where nobody can be told yet, it is told when the link comes up.
        onSync { $0.vouch() }
    }

    package func beat(
        _ heartbeat: Heartbeat, at now: Instant
    ) throws(HeartbeatRefusal) -> OriginTable.BeatOutcome {
        let id = heartbeat.server
        let ending = endsInstance(heartbeat) ? local.claims(of: id) : []
        let outcome = try local.beat(heartbeat, at: now)
        switch outcome {
        case .outdated, .contested: return outcome
        case .left:
            ledger.withLock { ledger in
                ledger.forget(id)
                ledger.orders.owe(.farewell(heartbeat.instance), of: id, at: now)
            }
        case .registered, .renewed, .moved, .restarted, .returned, .leaving:
            ledger.withLock { ledger in
                ledger.beats[id] = Beat(heartbeat: heartbeat, time: now)
                ledger.orders.voidRemoval(of: id)
                if outcome == .registered, ledger.isDetached { ledger.unheard.insert(id) }
            }
        }
        let past = local.origins[id]?.past ?? OriginPast(interval: nil, presence: .zero)
        let ended = outcome.endsClaims ? ending : []
        let isTold = onSync { sync in
            if outcome == .left {
                sync.tellOrders()
            } else {
                sync.tell(heartbeat, past, isNews: outcome != .renewed)
            }
            sync.release(ended)
        }
        if !isTold { owe(ended) }
        return outcome
    }

    /// Whether the start of the origin that is known ends with it.
    private func endsInstance(_ heartbeat: Heartbeat) -> Bool {
        guard let origin = local.origins[heartbeat.server] else { return false }
        return origin.instance != heartbeat.instance || heartbeat.state == .gone
    }

    package func watch(at now: Instant) -> [OriginTable.SilenceOutcome] {
        let isFresh = state(at: now) == .fresh
        let beats = ledger.withLock(\.beats)
        // Whom others hear is not silent because others are not heard.
        let outcomes = local.watch(at: now) { isFresh || beats[$0] != nil }
        ledger.withLock { ledger in
            for case .forgotten(let origin) in outcomes { ledger.forget(origin.id) }
        }
        expireRoutes(at: now)
        return outcomes
    }

    package func news() -> [OriginNews] {
        ledger.withLock { ledger in
            defer { ledger.news = [:] }
            return Array(ledger.news.values)
        }
    }

    var isDetached: Bool { ledger.withLock(\.isDetached) }

    /// Whether what others know was known here once, however old that is by now.
    package var hasBeenRead: Bool { ledger.withLock(\.hasBeenRead) }

    package func state(at now: Instant) -> StoreState {
        ledger.withLock { ledger in
            if ledger.isDetached { return .detached }
            return ledger.freshUntil.map { $0 > now } == true ? .fresh : .stale
        }
    }

    package func beliefs(of key: StreamKey) -> OthersBeliefs? {
        ledger.withLock { ledger in
            guard ledger.isDetached else { return nil }
            return OthersBeliefs(owner: ledger.believed[key], unknown: ledger.unheard)
        }
    }

    // MARK: - What operators order

    package func drain(_ origin: OriginID, _ isDrained: Bool, at now: Instant) throws(OrderRefusal) {
        try local.drain(origin, isDrained, at: now)
        ledger.withLock { $0.orders.owe(isDrained ? .drain : .undrain, of: origin, at: now) }
        onSync { $0.tellOrders() }
    }

    package func deregister(_ origin: OriginID, at now: Instant) throws(OrderRefusal) {
        let ending = local.claims(of: origin)
        try local.deregister(origin, at: now)
        ledger.withLock { ledger in
            ledger.forget(origin)
            ledger.orders.owe(.deregister, of: origin, at: now)
        }
        let isTold = onSync { sync in
            sync.tellOrders()
            sync.release(ending)
        }
        if !isTold { owe(ending) }
    }

    // MARK: - For operators

    package var claimCounts: ClaimCounts {
        let present = local.claimCounts.present
        var counts = ledger.withLock(\.counts)
        counts.present = present
        return counts
    }

    package func claims(from start: Int, count: Int, at now: Instant) -> ClaimPage {
        let page = local.claims(from: start, count: count, at: now)
        // When those of other proxies end is theirs to say.
        let items = ledger.withLock { ledger in
            page.items.map { item in
                guard item.leaseLeft == nil, let own = ledger.own[item.claim.key], own.claim == item.claim else {
                    return item
                }
                let left = max(own.renewed + lease - now, .zero)
                return ClaimPage.Item(claim: item.claim, age: item.age, leaseLeft: left)
            }
        }
        return ClaimPage(total: page.total, items: items, next: page.next)
    }
}

extension OriginTable.BeatOutcome {
    /// Whether an instance has ended with it.
    fileprivate var endsClaims: Bool {
        switch self {
        case .restarted, .left: true
        case .registered, .renewed, .moved, .returned, .leaving, .outdated, .contested: false
        }
    }
}
