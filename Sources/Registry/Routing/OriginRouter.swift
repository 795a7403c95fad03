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

    /// The origin to try; nil where there is none but those that were `tried`. `condition` is asked for each.
    package func place(
        _ key: StreamKey, _ service: OriginService, to purpose: SessionPurpose, among origins: OriginSnapshot,
        tried: [OriginID] = [], at now: Instant, draw: UInt64, condition: (OriginID) -> ServiceCondition?
    ) -> Origin? {
        let all = origins.all
        var best = OriginRank.last
        var candidates: [Candidate] = []
        candidates.reserveCapacity(origins.count)
        var places = [all.startIndex]
        places.removeAll(keepingCapacity: true)
        places.reserveCapacity(origins.count)
        // Those out are nobody's choice while others are there, even where these were tried in vain.
        var isAnyReached = false
        var index = all.startIndex
        while index != all.endIndex {
            defer { all.formIndex(after: &index) }
            let origin = all[index]
            guard origin.takesStreams, origin.has(service) else { continue }
            let condition = condition(origin.id)
            let isOut = condition?.isOut(at: now) ?? false
            if !isOut { isAnyReached = true }
            let rank = OriginRank(
                isOut: isOut, isFull: condition?.isFull(at: now) ?? false,
                isBusy: purpose == .publish && isBusy(origin),
                isElsewhere: purpose == .publish && zone != nil && zone != origin.zone)
            guard rank <= best, !tried.contains(origin.id) else { continue }
            if rank < best {
                best = rank
                places.removeAll(keepingCapacity: true)
                candidates.removeAll(keepingCapacity: true)
            }
            places.append(index)
            candidates.append(candidate(origin, to: purpose, among: origins, condition, at: now))
        }
        if best.isOut, isAnyReached { return nil }
        let name = NameHash(key)
        let winner =
            switch purpose {
            case .publish: policy.pick(for: name, among: candidates, draw: draw)
            case .view: Self.waiting.pick(for: name, among: candidates, draw: draw)
            }
        return winner.map { all[places[$0]] }
    }

    private func candidate(
        _ origin: Origin, to purpose: SessionPurpose, among origins: OriginSnapshot, _ condition: ServiceCondition?,
        at now: Instant
    ) -> Candidate {
        let name = origin.profile.name
        switch purpose {
        case .view: return Candidate(name, weight: origin.weight.value)
        case .publish:
            let part = min(
                slowStart.part(since: origin.presentSince, at: now),
                slowStart.part(since: condition?.recovered, at: now))
            return Candidate(name, weight: origin.weight.value * part, load: load(of: origin, in: origins))
        }
    }

    /// In streams.
    package func load(of origin: Origin, in origins: OriginSnapshot) -> Int {
        origins.streams(of: origin.id) + (origin.load.connections ?? 0) / max(connectionsPerStream, 1)
    }

    private func isBusy(_ origin: Origin) -> Bool { (origin.load.processorPercent ?? 0) >= busyPercent }
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
