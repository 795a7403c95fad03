import Bytes
import LoopKit
import Reactor
import Redis
import Registry
import Telemetry
import TestKit
import Testing

/// What a registry is kept in.
enum StoreKind: String, CaseIterable, Sendable, CustomStringConvertible {
    case memory, redis, sentinel, cluster
    case oldRedis = "Redis 6"
    case valkey = "Valkey"

    var description: String { rawValue }

    /// Those that run on this machine.
    static var available: [StoreKind] { allCases.filter { $0.program.path != nil } }

    /// Whether everybody asks the same server.
    var hasOneServer: Bool { self == .redis || self == .oldRedis || self == .valkey }

    fileprivate var program: RedisProgram {
        switch self {
        case .memory, .redis, .sentinel, .cluster: .redis7
        case .oldRedis: .redis6
        case .valkey: .valkey
        }
    }
}

/// What runs behind a store.
enum StoreServers: Sendable {
    case none
    case single(RedisServer)
    case sentinels(RedisSentinels)
    case cluster(RedisCluster)

    /// Blocks until they are there; `lines` are added to the configuration of each.
    fileprivate static func start(for kind: StoreKind, _ lines: [String]) throws -> StoreServers {
        switch kind {
        case .memory: .none
        case .redis, .oldRedis, .valkey: .single(try RedisServer(lines, program: try #require(kind.program.path)))
        case .sentinel: .sentinels(try RedisSentinels(lines))
        case .cluster: .cluster(try RedisCluster(lines))
        }
    }

    /// Those that keep what is shared, sentinels left out.
    var withData: [RedisServer] {
        switch self {
        case .none: []
        case .single(let server): [server]
        case .sentinels(let set): set.servers
        case .cluster(let cluster): cluster.nodes
        }
    }

    fileprivate var deployment: RedisDeployment? {
        switch self {
        case .none: nil
        case .single(let server): .single(Self.endpoint(server))
        case .sentinels(let set): .sentinel(set.sentinels.map(Self.endpoint), master: RedisSentinels.name)
        case .cluster(let cluster): .cluster(cluster.nodes.map(Self.endpoint))
        }
    }

    private static func endpoint(_ server: RedisServer) -> RedisEndpoint {
        RedisEndpoint(.address(.v4(0x7F00_0001)), port: server.port)
    }
}

/// Proxies of one deployment, each with its store, all on the loops of one group.
final class StoreRig: Sendable {
    let group: LoopGroup
    /// Of memory there is one store, whatever the number of proxies.
    let stores: [any RegistryStore]
    let servers: StoreServers
    private let shared: [SharedRegistry]

    /// The single server.
    var server: RedisServer? { if case .single(let server) = servers { server } else { nil } }

    private init(
        _ group: LoopGroup, _ stores: [any RegistryStore], _ shared: [SharedRegistry], _ servers: StoreServers
    ) {
        self.group = group
        self.stores = stores
        self.shared = shared
        self.servers = servers
    }

    /// Runs `body` when every store is fresh and knows `origins`, on the first of the loops. Without an `account`
    /// everybody may do everything; `keepsData` is of a single server. Where none is stopped, `wait` for answers may be
    /// as long as sanitizers need.
    static func with(
        _ kind: StoreKind, origins: [String] = [], proxies: Int = 2, loops: Int = 2, lease: Duration = .seconds(30),
        patience: Duration = .milliseconds(300), wait: Duration = .seconds(2), prefix: String = "test:",
        account: StoreAccount? = nil,
        keepsData: Bool = false, vouching: Duration = .seconds(10), routes: RouteTable.Limits = RouteTable.Limits(),
        _ body: @escaping @Sendable (isolated LoopActor, StoreRig) async throws -> Void
    ) async throws {
        let lines = keepsData ? ["appendonly yes", "appendfsync always"] : []
        let servers = try StoreServers.start(for: kind, lines + (account?.configuration ?? []))
        try await withLoops(loops) { group in
            var claims = ClaimTable.Limits()
            claims.lease = lease
            guard let deployment = servers.deployment else {
                let store = MemoryRegistry(claims: claims, routes: routes)
                let rig = StoreRig(group, Array(repeating: store, count: proxies), [], .none)
                return try await group.on { actor in
                    try await rig.register(origins, on: actor)
                    try await body(actor, rig)
                }
            }
            var limits = SharedRegistry.Limits()
            limits.patience = patience
            limits.validity = wait
            limits.vouching = vouching
            let shared = (0..<proxies).map { _ in
                SharedRegistry(prefix: prefix, limits: limits, claims: claims, routes: routes, wallClock: .zero)
            }
            let rig = StoreRig(group, shared, shared, servers)
            var settings = RedisSettings(deployment)
            settings.session.credentials = account?.credentials
            settings.session.limits.commandTimeout = wait
            try await rig.attach(settings)
            do {
                try await group.on { actor in
                    try await actor.wait(for: "fresh stores") { rig.areFresh(at: actor.loop.now) }
                    try await rig.register(origins, on: actor)
                    try await body(actor, rig)
                }
            } catch {
                try await rig.detach()
                throw error
            }
            try await rig.detach()
        }
    }

    private func attach(_ settings: RedisSettings) async throws {
        let (group, shared) = (self.group, self.shared)
        let resolver = try Resolver()
        for index in group.loops.indices {
            let metrics = RedisMetrics(in: MetricsRegistry(shards: group.loops.count))
            try await group.on(index) { actor in
                let meter = RedisMeter(metrics, shard: MetricsShard(index))
                for registry in shared {
                    registry.attach(to: actor.loop, settings, resolver: resolver, log: .silent, meter: meter)
                }
                for (number, registry) in shared.enumerated() where number % group.loops.count == index {
                    registry.synchronise(on: actor.loop, settings, resolver: resolver, log: .silent, meter: meter)
                }
            }
        }
    }

    private func detach() async throws {
        let (group, shared) = (self.group, self.shared)
        for index in group.loops.indices {
            try await group.on(index) { actor in for registry in shared { registry.detach(from: actor.loop) } }
        }
    }

    /// Ends one of the proxies.
    func end(_ number: Int) async throws {
        let registry = shared[number]
        for index in group.loops.indices {
            try await group.on(index) { actor in registry.detach(from: actor.loop) }
        }
    }

    func areFresh(at now: Instant) -> Bool { stores.allSatisfy { $0.state(at: now) == .fresh } }

    func areDetached(at now: Instant) -> Bool { stores.allSatisfy { $0.state(at: now) == .detached } }

    /// Kills the single server, and waits until every store knows.
    func killServer(on actor: isolated LoopActor) async throws {
        server?.kill()
        try await actor.wait(for: "detached") { self.areDetached(at: actor.loop.now) }
    }

    /// Registers origins at the first proxy, and waits until all know them.
    func register(_ names: [String], on actor: isolated LoopActor) async throws {
        for name in names { _ = try stores[0].beat(Samples.heartbeat(name), at: actor.loop.now) }
        try await actor.wait(for: "origins everywhere") {
            self.stores.allSatisfy { store in names.allSatisfy { store.origins[OriginID($0)] != nil } }
        }
    }

    /// Registers an origin at the first proxy as one that has beaten every two seconds up to now, and waits until the
    /// second one knows it.
    func registerBeating(_ name: String, on actor: isolated LoopActor) async throws -> OriginID {
        let (id, now) = (OriginID(name), actor.loop.now)
        for age: UInt64 in [8, 6, 4, 2, 0] {
            let then = Instant(nanoseconds: now.nanoseconds - age * 1_000_000_000)
            _ = try stores[0].beat(Samples.heartbeat(name), at: then)
        }
        try await actor.wait(for: "origin") { self.stores[1].origins[id] != nil }
        return id
    }

    /// Waits until every proxy says the same of a stream.
    func wait(
        for owner: StreamClaim?, of key: String, on actor: isolated LoopActor
    ) async throws {
        try await actor.wait(for: "\(key) at \(owner?.origin.text ?? "nobody")") {
            self.stores.allSatisfy { store in
                let found = store.owner(of: Samples.key(key), at: actor.loop.now)
                // What sessions go by.
                let origin = store.originOfOwner(of: Samples.key(key), at: actor.loop.now)
                return found?.claim == owner && origin == found?.origin
            }
        }
    }
}

extension RegistryStore {
    /// As `renew`, for tests that go on with the answer.
    func renew(
        _ claims: [StreamClaim], on actor: isolated LoopActor
    ) async -> Result<[LostClaim], StoreUnavailable> {
        let answer = Answer<Result<[LostClaim], StoreUnavailable>>()
        renew(claims, on: actor.loop) { answer.value = $0 }
        while answer.value == nil { await actor.pause(for: .milliseconds(1)) }
        return answer.value!
    }
}

extension RedisServer {
    /// As `ask`, of words that may hold anything.
    func ask(_ words: [String]) throws -> String {
        try ask((["*\(words.count)"] + words.flatMap { ["$\($0.utf8.count)", $0] }).joined(separator: "\r\n"))
    }
}
