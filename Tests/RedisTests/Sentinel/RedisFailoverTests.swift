import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A client under sentinels", .ownThread)
struct RedisFailoverTests {
    enum Accident: CaseIterable { case killed, frozen, demoted }

    @Test("goes on with the next primary, and no command waits without end", arguments: Accident.allCases)
    func failover(accident: Accident) async throws {
        let servers = try RedisSentinels()
        try await withClient(RedisSettings.sentinels(servers.sentinels.map(\.port))) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            let traffic = Traffic(on: actor.loop, lanes: 8) { lane, then in
                stage.client.send(RedisCommand("INCR", RedisWord("n\(lane)")), then: then)
            }
            try await actor.wait(for: "traffic") { traffic.answered > 100 }
            let (old, new) = try await offLoop {
                let old: RedisServer
                switch accident {
                case .killed: old = try servers.killPrimary()
                case .frozen: old = try servers.pausePrimary()
                case .demoted:
                    old = try #require(servers.primary)
                    _ = try servers.sentinels[0].words("SENTINEL FAILOVER \(RedisSentinels.name)")
                }
                return (old, try servers.waitForAnother(than: old))
            }
            old.thaw()
            try await stage.waitUntilUp(times: 2, isolation: actor)
            let before = traffic.answered
            try await actor.wait(for: "traffic at the new primary") { traffic.answered > before + 100 }
            traffic.stop()
            try await actor.wait(for: "the end of all commands") { traffic.underWay == 0 }
            #expect(traffic.failedAsMayBe, "\(traffic.failures)")
            #expect(await stage.ask("SET last word", isolation: actor) == .success(.status("OK")))
            #expect(try await offLoop { try new.words("GET last") } == ["word"])
        }
    }

    @Test("finds the primary by the sentinel that answers, and has a password for each kind of server")
    func access() async throws {
        let servers = try RedisSentinels(password: "hidden", sentinelPassword: "other")
        let nobody = try TakenPort(.refusing)
        defer { nobody.close() }
        var settings = RedisSettings.sentinels([nobody.port, servers.sentinels[1].port]) { session in
            session.credentials = RedisCredentials(password: Secret("hidden"))
        }
        settings.sentinelCredentials = RedisCredentials(password: Secret("other"))
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            #expect(await stage.ask("SET key value", isolation: actor) == .success(.status("OK")))
            // The one that it was told of is gone; the others are known by now.
            try await offLoop { servers.sentinels[1].kill() }
            let old = try await offLoop { try servers.killPrimary() }
            _ = try await offLoop { try servers.waitForAnother(than: old) }
            try await stage.waitUntilUp(times: 2, isolation: actor)
            #expect(await stage.ask("GET key", isolation: actor) == .success(.bytes(SharedBytes("value"))))
        }
        settings.sentinelCredentials = RedisCredentials(password: Secret("wrong"))
        try await withClient(settings) { stage, actor in
            try await actor.wait(for: "a refusal") { stage.listener.firstReason != nil }
            #expect(!stage.client.isUp)
        }
    }

    @Test("leaves a server that is a primary no longer, even where nobody else says so")
    func demoted() async throws {
        let servers = try RedisSentinels()
        let primary = servers.servers[0]
        try await withClient(RedisSettings.sentinels(servers.sentinels.map(\.port))) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            try await offLoop {
                for sentinel in servers.sentinels { sentinel.freeze() }
                _ = try primary.words("REPLICAOF 127.0.0.1 \(servers.servers[1].port)")
            }
            #expect(await stage.ask("SET key value", isolation: actor) == .failure(.unavailable))
            try await actor.wait(for: "the end") { !stage.client.isUp }
            #expect(stage.listener.firstReason == .notPrimary)
            // It is what sentinels still say, and is not believed.
            try await offLoop {
                for sentinel in servers.sentinels { sentinel.kill() }
                try servers.sentinels[0].restart()
            }
            let count = stage.listener.heard.count
            try await actor.wait(for: "another attempt") {
                stage.listener.heard[count...].contains(.down(.notPrimary)) || stage.listener.ups > 1
            }
        }
    }

    @Test("hears what is published after a failover as well")
    func subscriber() async throws {
        let servers = try RedisSentinels()
        let settings = RedisSettings.sentinels(servers.sentinels.map(\.port))
        try await RedisSubscriberTests.withSubscriber(["news"], settings) { subscriber, listener, actor in
            try await actor.wait(for: "the subscription") { subscriber.isSubscribed }
            let old = try await offLoop { try servers.killPrimary() }
            let new = try await offLoop { try servers.waitForAnother(than: old) }
            try await actor.wait(for: "the subscription anew") { listener.heard.count { $0 == .subscribed } > 1 }
            _ = try await offLoop { try new.words("PUBLISH news hello") }
            try await actor.wait(for: "the message") { listener.heard.contains(.message("news", "hello")) }
        }
    }
}
