import Bytes
import Dispatch
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit

/// What an observer has heard.
enum Heard: Equatable, Sendable {
    case up
    case down(RedisDisconnect)
    case subscribed
    case lost(RedisDisconnect)
    case message(String, String)
}

/// Writes down what it hears.
final class Listener: RedisObserver, RedisSubscriberObserver {
    private(set) var heard: [Heard] = []

    func redisIsUp() { heard.append(.up) }
    func redisIsDown(_ reason: RedisDisconnect) { heard.append(.down(reason)) }
    func subscribed() { heard.append(.subscribed) }
    func lost(_ reason: RedisDisconnect) { heard.append(.lost(reason)) }
    func received(_ message: RedisMessage) {
        heard.append(.message(message.channel, String(copying: message.payload.bytes)))
    }

    var ups: Int { heard.count { $0 == .up } }

    /// Why it went down first.
    var firstReason: RedisDisconnect? {
        for case .down(let reason) in heard { return reason }
        return nil
    }
}

typealias Outcome = Result<RedisReply, RedisFailure>

/// One client on one loop.
struct Stage {
    let actor: LoopActor
    let loop: EventLoop
    let client: RedisClient
    let listener: Listener
    let metrics: MetricsRegistry

    /// Waits until the client can send.
    func waitUntilUp(times count: Int = 1, isolation: isolated LoopActor) async throws {
        try await isolation.wait(for: "redis") { client.isUp && listener.ups >= count }
    }

    func ask(_ command: RedisCommand, isolation: isolated LoopActor) async -> Outcome {
        await isolation.wait { _, finished in
            client.send(command, then: finished)
            return {}
        }
    }

    func ask(_ text: String, isolation: isolated LoopActor) async -> Outcome {
        await ask(RedisCommand(text.split(separator: " ").map { RedisWord(String($0)) }), isolation: isolation)
    }

    func text(of metric: String) -> String {
        String(copying: metrics.exposition().bytes).split(separator: "\n").filter { $0.hasPrefix(metric) }.joined(
            separator: "\n")
    }
}

extension RedisEndpoint {
    static func local(_ port: UInt16) -> RedisEndpoint { RedisEndpoint(HostName("127.0.0.1")!, port: port) }
}

extension RedisSettings {
    /// A server on a port of this machine, and a client without a name that does not wait long before it comes back.
    static func local(_ port: UInt16, _ change: (inout RedisSession) -> Void = { _ in }) -> RedisSettings {
        local(.single(.local(port)), change)
    }

    /// Sentinels on ports of this machine, and a client that soon sees who does not answer.
    static func sentinels(_ ports: [UInt16], _ change: (inout RedisSession) -> Void = { _ in }) -> RedisSettings {
        watchful(.sentinel(ports.map(RedisEndpoint.local), master: RedisSentinels.name), change)
    }

    /// Nodes of a cluster on ports of this machine, and a client that soon sees who does not answer.
    static func cluster(_ ports: [UInt16], _ change: (inout RedisSession) -> Void = { _ in }) -> RedisSettings {
        watchful(.cluster(ports.map(RedisEndpoint.local)), change)
    }

    private static func watchful(
        _ deployment: RedisDeployment, _ change: (inout RedisSession) -> Void
    ) -> RedisSettings {
        local(deployment) { session in
            session.limits.pingInterval = .milliseconds(200)
            change(&session)
        }
    }

    private static func local(
        _ deployment: RedisDeployment, _ change: (inout RedisSession) -> Void
    ) -> RedisSettings {
        var session = RedisSession()
        session.name = ""
        session.limits.commandTimeout = .seconds(20)
        session.limits.pingInterval = .seconds(60)
        session.limits.backoff.longest = .milliseconds(100)
        change(&session)
        return RedisSettings(deployment, session: session)
    }
}

/// What clients on one loop are made with.
struct Surroundings {
    let resolver: Resolver
    let metrics: MetricsRegistry
    let meter: RedisMeter
}

/// Runs `body` on a loop that ends with it.
func withLoop<R: Sendable>(
    _ body: @escaping @Sendable (Surroundings, isolated LoopActor) async throws -> R
) async throws -> R {
    let group = try LoopGroup(count: 1)
    let resolver = try Resolver()
    defer {
        group.shutdown()
        resolver.shutdown()
    }
    return try await group.loops[0].run { actor in
        let metrics = MetricsRegistry(shards: 1)
        let meter = RedisMeter(RedisMetrics(in: metrics), shard: MetricsShard(0))
        return try await body(Surroundings(resolver: resolver, metrics: metrics, meter: meter), actor)
    }.value
}

/// Runs `body` on a loop, with a client that is started before and stopped behind it.
func withClient<R: Sendable>(
    _ settings: RedisSettings, log: Logger = .silent,
    _ body: @escaping @Sendable (Stage, isolated LoopActor) async throws -> R
) async throws -> R {
    try await withLoop { around, actor in
        let client = RedisClient(
            settings, on: actor.loop, resolver: around.resolver, log: log, meter: around.meter)
        let listener = Listener()
        client.observer = listener
        client.start()
        defer { client.stop() }
        return try await body(
            Stage(actor: actor, loop: actor.loop, client: client, listener: listener, metrics: around.metrics), actor)
    }
}

/// Runs what blocks, while the loop goes on.
func offLoop<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { caller in
        DispatchQueue(label: "off the loop").async { caller.resume(with: Result { try body() }) }
    }
}
