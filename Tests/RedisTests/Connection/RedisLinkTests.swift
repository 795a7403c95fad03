import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A link")
struct RedisLinkTests {
    /// Says what the test has it say, when the test wants it.
    private final class Guide: RedisLocator {
        var asked: [(Result<RedisEndpoint, RedisDisconnect>) -> Void] = []
        var cancels = 0

        func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void) { asked.append(then) }
        func cancel() { cancels += 1 }
    }

    /// Tells other threads.
    private final class Teller: RedisObserver, Sendable {
        private let downs: EventLog<RedisDisconnect>

        init(_ downs: EventLog<RedisDisconnect>) { self.downs = downs }

        func redisIsUp() {}
        func redisIsDown(_ reason: RedisDisconnect) { downs.append(reason) }
    }

    private static func withLink(
        _ body: @escaping @Sendable (RedisLink, Guide, Listener, isolated LoopActor) async throws -> Void
    ) async throws {
        try await withLoop { around, actor in
            let guide = Guide()
            let link = RedisLink(
                guide, session: RedisSettings.local(1).session, on: actor.loop, resolver: around.resolver, log: .silent,
                meter: around.meter)
            let listener = Listener()
            link.observer = listener
            link.start()
            defer {
                link.stop()
                // They keep the link, which keeps them.
                guide.asked = []
            }
            try await body(link, guide, listener, actor)
        }
    }

    @Test("asks where to go before each attempt, and goes elsewhere when it is told to")
    func locating() async throws {
        let first = try ScriptedServer([.outlast])
        let second = try ScriptedServer([.outlast])
        try await Self.withLink { link, guide, listener, actor in
            #expect(guide.asked.count == 1 && !link.isUp && link.endpoint == nil)
            guide.asked[0](.failure(.nowhere(.address)))
            try await actor.wait(for: "another question") { guide.asked.count == 2 }
            guide.asked[1](.success(.local(first.port)))
            // A second answer to one question is for nobody.
            guide.asked[1](.success(.local(second.port)))
            try await actor.wait(for: "the first server") { link.isUp }
            #expect(link.endpoint == .local(first.port))
            link.drop(.refused(RedisError("READONLY")))
            try await actor.wait(for: "a third question") { guide.asked.count == 3 }
            guide.asked[2](.success(.local(second.port)))
            try await actor.wait(for: "the second server") { link.isUp }
            #expect(link.endpoint == .local(second.port))
            #expect(listener.heard == [.down(.nowhere(.address)), .up, .down(.refused(RedisError("READONLY"))), .up])
        }
    }

    @Test("that was stopped hears no answer of before, and can be started again")
    func stopping() async throws {
        let server = try ScriptedServer([.outlast])
        try await Self.withLink { link, guide, listener, actor in
            link.stop()
            #expect(guide.cancels == 1)
            guide.asked[0](.success(.local(server.port)))
            #expect(link.endpoint == nil)
            link.start()
            link.start()
            #expect(guide.asked.count == 2)
            guide.asked[0](.failure(.nowhere(.address)))
            guide.asked[1](.success(.local(server.port)))
            try await actor.wait(for: "the server") { link.isUp }
            #expect(listener.heard == [.up])
        }
    }

    @Test("ends with its loop: commands that wait hear of it, and nothing begins anew")
    func loopEnd() async throws {
        let server = try ScriptedServer([.outlast])
        let group = try LoopGroup(count: 1)
        let resolver = try Resolver()
        defer { resolver.shutdown() }
        let answers = EventLog<RedisFailure?>()
        let downs = EventLog<RedisDisconnect>()
        let teller = Teller(downs)
        try await group.loops[0].run { actor in
            let meter = RedisMeter(RedisMetrics(in: MetricsRegistry(shards: 1)), shard: MetricsShard(0))
            let client = RedisClient(
                .local(server.port), on: actor.loop, resolver: resolver, log: .silent, meter: meter)
            client.start()
            try await actor.wait(for: "redis") { client.isUp }
            client.observer = teller
            client.send(RedisCommand("PING")) { result in
                if case .failure(let failure) = result { answers.append(failure) } else { answers.append(nil) }
            }
        }.value
        group.shutdown()
        withExtendedLifetime(teller) {}
        #expect(answers.events == [.unanswered] && downs.events.isEmpty)
        try await server.events.wait(for: "over")
        #expect(server.events.events == ["accepted", "over"])
    }
}
