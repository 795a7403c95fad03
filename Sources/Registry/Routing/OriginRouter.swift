package import Balancing
package import Media

/// What a session wants of an origin.
package enum SessionPurpose: Sendable, Hashable {
    case publish
    /// To see what somebody publishes, now or later.
    case view
}

/// Where a stream is, or where it shall go. Pure: who asks with the same snapshot gets the same answer.
///
/// - A stream that somebody has is at its owner, whatever the owner's state: nobody else has it. Where the owner is not
///   reached the others follow, for that is where its publisher will come back to.
/// - One that nobody has goes where `BoundedRendezvous` says, among the origins that take streams and have the service;
///   origins whose processors are busy come after those whose are not.
/// - Who comes to view one that nobody has is sent where its publisher goes as long as that origin has room: by names and weights
///   alone. Loads are not the same for everybody: each proxy knows its own claims first. The two have to meet.
/// - Origins that connections have failed to reach are left out, unless there are no others: then trying beats
///   refusing.
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
    package var balancer = BoundedRendezvous()

    package init() {}

    /// The origins in the order in which to try them; empty where there is none.
    package func candidates(
        for key: StreamKey, _ service: OriginService, to purpose: SessionPurpose = .publish, owner: StreamOwner?,
        among origins: OriginSnapshot, isOut: (OriginID) -> Bool
    ) -> [Origin] {
        if let owner {
            // Its streams are nowhere else, so nobody else can serve them this way.
            guard owner.origin.has(service) else { return [] }
            let others = placing(key, service, purpose, among: origins, isOut: isOut)
                .filter { $0.id != owner.origin.id }
            return [owner.origin] + others
        }
        return placing(key, service, purpose, among: origins, isOut: isOut)
    }

    private func placing(
        _ key: StreamKey, _ service: OriginService, _ purpose: SessionPurpose, among origins: OriginSnapshot,
        isOut: (OriginID) -> Bool
    ) -> [Origin] {
        let all = origins.all.filter { $0.takesStreams && $0.has(service) }
        let reached = all.filter { !isOut($0.id) }
        let usable = reached.isEmpty ? all : reached
        let name = key.description
        switch purpose {
        case .view: return ranked(name, usable) { _ in 0 }
        case .publish:
            return [false, true].flatMap { wanted in
                ranked(name, usable.filter { isBusy($0) == wanted }) { load(of: $0, in: origins) }
            }
        }
    }

    private func ranked(_ name: String, _ group: [Origin], _ load: (Origin) -> Int) -> [Origin] {
        guard group.count > 1 else { return group }
        let candidates = group.map { Candidate(name: $0.id.text, weight: $0.weight.value, load: load($0)) }
        return balancer.ranking(of: name, among: candidates).map { group[$0] }
    }

    /// In streams.
    package func load(of origin: Origin, in origins: OriginSnapshot) -> Int {
        origins.streams(of: origin.id) + (origin.load.connections ?? 0) / max(connectionsPerStream, 1)
    }

    private func isBusy(_ origin: Origin) -> Bool { (origin.load.processorPercent ?? 0) >= busyPercent }
}
