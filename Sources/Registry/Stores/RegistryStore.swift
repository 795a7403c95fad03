package import Balancing
package import Bytes
package import Media
package import Reactor

/// Which origins there are and which of them has which stream and which session: the contract of all stores. Every loop
/// of a process calls the same one.
///
/// What is read is always at hand, in the memory of the process, so that no session waits for it; a store that others
/// share keeps a copy. What is agreed on with others, the claims, is asked for and answered on the asking loop: `then`
/// runs there, once, and never inside the call.
package protocol RegistryStore: AnyObject, Sendable {
    // MARK: Origins

    /// All of them, with how many streams each has.
    var origins: OriginSnapshot { get }

    /// Keeps an origin for ever; heartbeats under its name are refused. Where others share the store, they hear of it
    /// for as long as this process lives, as if it had beaten here.
    func fix(_ heartbeat: Heartbeat, at now: Instant)

    /// Takes a heartbeat. One of another instance, or a farewell, ends the claims of the instance that was there.
    func beat(_ heartbeat: Heartbeat, at now: Instant) throws(HeartbeatRefusal) -> OriginTable.BeatOutcome

    /// Looks who has been silent, and which leases have run out. Call it about once a second.
    func watch(at now: Instant) -> [OriginTable.SilenceOutcome]

    /// What other proxies have told of origins since the last call, the last of each.
    func news() -> [OriginNews]

    /// How far what is read can be relied on.
    func state(at now: Instant) -> StoreState

    /// What others believe of a stream and of origins, while they cannot be told otherwise; nil where they can.
    func beliefs(of key: StreamKey) -> OthersBeliefs?

    // MARK: What operators order

    /// Has an origin keep the streams that it has and get no other, or get streams again.
    func drain(_ origin: OriginID, _ isDrained: Bool, at now: Instant) throws(OrderRefusal)

    /// Takes an origin out, and its claims; one that beats on is registered anew.
    func deregister(_ origin: OriginID, at now: Instant) throws(OrderRefusal)

    // MARK: Claims

    /// How long a claim lasts without being renewed.
    var lease: Duration { get }

    /// Who has a stream, and the record of that origin; nil where nobody does.
    func owner(of key: StreamKey, at now: Instant) -> StreamOwner?

    /// The record of that origin alone: what every session asks, and copies nothing else for.
    func originOfOwner(of key: StreamKey, at now: Instant) -> Origin?

    /// Ties a stream to an origin, or says who has it: of all that ask for one stream, everywhere, one is granted it.
    func claim(
        _ request: ClaimRequest, on loop: EventLoop, then: @escaping (Result<StreamClaim, ClaimError>) -> Void)

    /// Begins the leases anew; `then` is told of those that were lost. Where the store is not available nothing is
    /// known, and the holders go on.
    func renew(
        _ claims: [StreamClaim], on loop: EventLoop,
        then: @escaping (Result<[LostClaim], StoreUnavailable>) -> Void)

    /// Claims with the same number are renewed together in one step, which costs little more than for one of them.
    func renewalGroup(of key: StreamKey) -> Int

    /// Ends a claim, where it is still this one. Nobody waits for it: were it lost, the lease would end it.
    func release(_ claim: StreamClaim, on loop: EventLoop)

    // MARK: Routes

    /// Remembers for the lifetime of its kind where a session's packets belong, or begins that time anew.
    func remember(_ route: Route, at now: Instant) throws(RouteRefusal)

    /// The record of the origin that has the session, while the start of it that the route names is there. Nobody waits
    /// for it: what another proxy has remembered is here within moments, and whoever has sent a packet sends it again.
    func origin(of key: RouteKey, at now: Instant) -> Origin?

    /// Ends a route, where it is still this one. Were it lost, the route's time would end it.
    func forget(_ route: Route, at now: Instant)

    // MARK: For operators

    var routeCounts: [RouteKind: RouteCounts] { get }

    var claimCounts: ClaimCounts { get }

    /// See `ClaimTable.page`.
    func claims(from start: Int, count: Int, at now: Instant) -> ClaimPage
}

/// A change of an origin that another proxy has told.
package struct OriginNews: Sendable, Equatable {
    package let origin: OriginID
    package let outcome: OriginTable.BeatOutcome

    package init(origin: OriginID, outcome: OriginTable.BeatOutcome) {
        self.origin = origin
        self.outcome = outcome
    }
}

/// What this proxy knows better than others, who are where they were when they were told last.
package struct OthersBeliefs: Sendable, Equatable {
    /// Who has a stream for all they know, though it was given back here since.
    package let owner: OriginID?
    /// Origins of which they know nothing.
    package let unknown: Set<OriginID>
}

/// How a store stands to what it shares with other proxies.
package enum StoreState: String, Sendable, CaseIterable {
    /// What is read is what there is, but for moments.
    case fresh
    /// It is connected, and has not seen everything for a while.
    case stale
    /// It is alone: it goes on with what it knows.
    case detached
}

extension RegistryStore {
    package func originOfOwner(of key: StreamKey, at now: Instant) -> Origin? { owner(of: key, at: now)?.origin }

    package func renewalGroup(of key: StreamKey) -> Int { 0 }
}

/// Who has a stream.
package struct StreamOwner: Sendable, Equatable {
    package let claim: StreamClaim
    /// Of the instance that the claim names.
    package let origin: Origin

    package init(claim: StreamClaim, origin: Origin) {
        self.claim = claim
        self.origin = origin
    }
}

/// The origins at one moment. Taking one costs nothing; it shares the store's memory until either changes.
package struct OriginSnapshot: Sendable {
    private let list: OriginList
    private let streams: [NameHash: Int]

    package init(_ origins: OriginList, streams: [NameHash: Int]) {
        list = origins
        self.streams = streams
    }

    package var count: Int { list.all.count }

    /// In no order.
    package var all: [Origin] { list.all }

    /// In the order of `all`.
    var offers: [OriginOffer] { list.offers }

    package subscript(id: OriginID) -> Origin? { list[id] }

    /// See `Origin.era`; 0 for one that is not there.
    func era(of id: OriginID) -> UInt64 { list[id]?.era ?? 0 }

    /// How many streams the origin has.
    package func streams(of id: OriginID) -> Int { streams(of: id.nameHash) }

    func streams(of name: NameHash) -> Int { streams[name] ?? 0 }
}
