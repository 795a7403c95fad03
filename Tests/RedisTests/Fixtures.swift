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

extension RedisSettings {
    /// A server on a port of this machine, and a client without a name that does not wait long before it comes back.
    static func local(_ port: UInt16, _ change: (inout RedisSession) -> Void = { _ in }) -> RedisSettings {
        var session = RedisSession()
        session.name = ""
        session.limits.commandTimeout = .seconds(20)
        session.limits.pingInterval = .seconds(60)
        session.limits.backoff.longest = .milliseconds(100)
        change(&session)
        return RedisSettings(.single(RedisEndpoint(HostName("127.0.0.1")!, port: port)), session: session)
    }
}

/// Runs `body` on a loop, with a client that is started before and stopped behind it.
func withClient<R: Sendable>(
    _ settings: RedisSettings, log: Logger = .silent,
    _ body: @escaping @Sendable (Stage, isolated LoopActor) async throws -> R
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
        let client = RedisClient(settings, on: actor.loop, resolver: resolver, log: log, meter: meter)
        let listener = Listener()
        client.observer = listener
        client.start()
        defer { client.stop() }
        return try await body(
            Stage(actor: actor, loop: actor.loop, client: client, listener: listener, metrics: metrics), actor)
    }.value
}

/// Runs what blocks, while the loop goes on.
func offLoop<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { caller in
        DispatchQueue(label: "off the loop").async { caller.resume(with: Result { try body() }) }
    }
}
