import Reactor

/// Finds a node of a cluster that answers, any of them: what is published at one is published at all.
final class ClusterLocator: RedisLocator {
    private let seeds: [RedisEndpoint]
    /// Those that the last answer named, in any order.
    private var learnt: [RedisEndpoint] = []
    private let session: RedisSession
    private let loop: EventLoop
    private let resolver: Resolver
    private var inquiry: RedisInquiry?

    init(_ seeds: [RedisEndpoint], session: RedisSession, on loop: EventLoop, resolver: Resolver) {
        self.seeds = seeds
        self.session = session
        self.loop = loop
        self.resolver = resolver
    }

    func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void) {
        var seen: Set<RedisEndpoint> = []
        let nodes = (learnt.shuffled() + seeds.shuffled()).filter { seen.insert($0).inserted }
        ask(nodes[...], .nowhere(.address), then)
    }

    func cancel() {
        inquiry?.cancel()
        inquiry = nil
    }

    /// `last` is why the one before does not do.
    private func ask(
        _ nodes: ArraySlice<RedisEndpoint>, _ last: RedisDisconnect,
        _ then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void
    ) {
        guard let node = nodes.first, !last.isShutdown else { return then(.failure(last)) }
        inquiry = RedisInquiry([ClusterRefresh.command], of: node, session: session, on: loop, resolver: resolver) {
            [self] result in
            inquiry = nil
            switch result {
            case .success(let replies):
                // A node without slots in its map belongs to nobody, and hears of nothing.
                guard let map = try? RedisSlotMap(slots: replies[0], asked: node), !map.primaries.isEmpty else {
                    var reason = RedisDisconnect.nowhere(.slots)
                    if case .error(let error) = replies[0] { reason = .refused(error) }
                    return ask(nodes.dropFirst(), reason, then)
                }
                learnt = map.nodes
                then(.success(node))
            case .failure(let reason): ask(nodes.dropFirst(), reason, then)
            }
        }
    }
}
