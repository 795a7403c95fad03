/// The sentinels that one client knows: those of its settings, and those that these have told of.
final class SentinelDirectory {
    /// Sentinels known at most; the rest of what they tell is dropped.
    static let maximum = 64

    let master: String
    private let seeds: [RedisEndpoint]
    /// The one that answered last comes first.
    private(set) var known: [RedisEndpoint]

    init(_ seeds: [RedisEndpoint], master: String) {
        self.master = master
        self.seeds = seeds
        known = Array(seeds.prefix(Self.maximum))
    }

    /// One has answered, and knows of these others.
    func answered(_ sentinel: RedisEndpoint, others: [RedisEndpoint]) {
        var seen: Set<RedisEndpoint> = []
        let all = ([sentinel] + seeds + others).filter { seen.insert($0).inserted }
        known = Array(all.prefix(Self.maximum))
    }
}
