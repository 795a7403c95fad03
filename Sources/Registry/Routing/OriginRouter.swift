package import Balancing
package import Bytes
package import Media

/// What a session wants of an origin.
package enum SessionPurpose: Sendable, Hashable {
    case publish
    /// To see what somebody publishes, now or later.
    case view
}

/// Where a stream goes that nobody has. Pure: who asks with the same snapshot and draw gets the same answer.
///
/// - A publisher goes where the policy says, among the origins that take streams and have the service: those of the
///   proxy's own zone before others, and before that, those whose processors are not busy before those whose are.
/// - Who comes to view waits where every proxy sends them, whatever its zone, its policy and the loads that it knows:
///   by names and weights alone. The publisher decides with its claim, and they follow. Where nobody can be told of a
///   claim, publishers go there as well (`StreamRouting`).
/// - Origins that connections have failed to reach are left out, unless there are no others: then trying beats
///   refusing. Those that have just said that they are full come after all others.
///
/// An origin fixed by the configuration is one like any other. Load is how many streams an origin has in the registry,
/// and a part of the connections that it reports, so that viewers count as well; the first is known at once, the second
/// with the next heartbeat. Weights are those that heartbeats give: how many processors a machine has says little of
/// what a server makes of them.
package struct OriginRouter: Sendable {
    /// How many reported connections count as one stream.
    package var connectionsPerStream = 10
    /// From which on an origin's processors are busy.
    package var busyPercent = 90
    /// Of publishers.
    package var policy: any PlacementPolicy = BoundedRendezvous()
    /// Where the proxy stands; nil where it does not matter.
    package var zone: OriginZone?
    package var slowStart = SlowStart()

    private static let waiting = BoundedRendezvous()

    package init() {}

    /// The origin to try; nil where there is none but those that were `tried`. `condition` says what is known of each;
    /// nil where that is nothing.
    package func place(
        _ key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, among origins: OriginSnapshot,
        tried: [OriginID] = [], at now: Instant, draw: UInt64, condition: ((OriginID) -> ServiceCondition?)? = nil
    ) -> Origin? {
        let offers = origins.offers
        let ownZone = purpose == .publish ? zone.map { NameHash($0.text) } : nil
        var best = OriginRank.last
        var candidates: [Candidate] = []
        candidates.reserveCapacity(offers.count)
        var places: [Int] = []
        places.reserveCapacity(offers.count)
        // Those out are nobody's choice while others are there, even where these were tried in vain.
        var isAnyReached = false
        for (place, offer) in offers.enumerated() {
            guard offer.takesStreams, offer.has(service) else { continue }
            var isOut = false
            var isFull = false
            var recovered: Instant?
            if let condition, let known = condition(origins.all[place].id) {
                isOut = known.isOut(at: now)
                isFull = known.isFull(at: now)
                recovered = known.recovered
            }
            if !isOut { isAnyReached = true }
            let rank = OriginRank(
                isOut: isOut, isFull: isFull,
                isBusy: purpose == .publish && offer.processorPercent >= busyPercent,
                isElsewhere: ownZone != nil && ownZone != offer.zone)
            guard rank <= best, tried.isEmpty || !tried.contains(origins.all[place].id) else { continue }
            if rank < best {
                best = rank
                places.removeAll(keepingCapacity: true)
                candidates.removeAll(keepingCapacity: true)
            }
            places.append(place)
            candidates.append(candidate(offer, to: purpose, among: origins, recovered: recovered, at: now))
        }
        if best.isOut, isAnyReached { return nil }
        let name = NameHash(key)
        let winner =
            switch purpose {
            case .publish: policy.pick(for: name, among: candidates, draw: draw)
            case .view: Self.waiting.pick(for: name, among: candidates, draw: draw)
            }
        return winner.map { origins.all[places[$0]] }
    }

    private func candidate(
        _ offer: OriginOffer, to purpose: SessionPurpose, among origins: OriginSnapshot, recovered: Instant?,
        at now: Instant
    ) -> Candidate {
        switch purpose {
        case .view: return Candidate(offer.name, weight: offer.weight)
        case .publish:
            let part = min(
                slowStart.part(since: offer.presentSince, at: now),
                slowStart.part(since: recovered, at: now))
            return Candidate(offer.name, weight: offer.weight * part, load: load(of: offer, in: origins))
        }
    }

    /// In streams.
    package func load(of offer: OriginOffer, in origins: OriginSnapshot) -> Int {
        origins.streams(of: offer.name) + offer.connections / max(connectionsPerStream, 1)
    }
}

/// Who comes before whom, whatever the policy: what counts most stands highest.
private struct OriginRank: Comparable {
    private let value: UInt8

    /// Nobody comes after it.
    static let last = OriginRank(isOut: true, isFull: true, isBusy: true, isElsewhere: true)

    init(isOut: Bool, isFull: Bool, isBusy: Bool, isElsewhere: Bool) {
        value = (isOut ? 8 : 0) | (isFull ? 4 : 0) | (isBusy ? 2 : 0) | (isElsewhere ? 1 : 0)
    }

    var isOut: Bool { value & 8 != 0 }

    static func < (left: OriginRank, right: OriginRank) -> Bool { left.value < right.value }
}

extension NameHash {
    /// That of the key's text, without making it.
    init(_ key: StreamKey) {
        self.init(key.vhost)
        append("/")
        append(key.app)
        append("/")
        append(key.stream)
    }
}
