import Bytes
import LoopKit
import Media
import Reactor
import TestKit
import Testing

@testable import Registry

@Suite("A registry whose Redis is there and takes nothing", .timeLimit(.minutes(5)))
struct SharedRefusalTests {
    private typealias S = Samples

    enum Cause: CaseIterable, Sendable {
        case memory, replicas, rights, notices, role

        var begin: String {
            switch self {
            case .memory: "CONFIG SET maxmemory 1"
            case .replicas: "CONFIG SET min-replicas-to-write 1"
            case .rights: "ACL SETUSER default -hset"
            case .notices: "ACL SETUSER default -publish"
            case .role: "REPLICAOF 127.0.0.1 1"
            }
        }

        var end: String {
            switch self {
            case .memory: "CONFIG SET maxmemory 0"
            case .replicas: "CONFIG SET min-replicas-to-write 0"
            case .rights: "ACL SETUSER default +hset"
            case .notices: "ACL SETUSER default +publish"
            case .role: "REPLICAOF NO ONE"
            }
        }
    }

    @Test(
        "is alone, and shares again by itself what it has granted meanwhile",
        arguments: StoreKind.available.filter(\.hasOneServer), Cause.allCases)
    func alone(kind: StoreKind, cause: Cause) async throws {
        try await StoreRig.with(kind) { actor, rig in
            try await rig.register(["o1", "o2"], on: actor)
            let first = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            try await rig.wait(for: first, of: "a", on: actor)
            let server = try #require(rig.server)
            try #require(try server.ask(cause.begin) == "+OK\r\n")
            // What is read publishes nothing.
            for store in rig.stores { try store.drain(OriginID("o2"), true, at: actor.loop.now) }
            try await actor.wait(for: "detached") { rig.areDetached(at: actor.loop.now) }
            let second = try await rig.stores[1].claim(S.request("b", "o2"), on: actor).get()
            #expect(rig.stores[1].claimCounts.alone == 1)
            #expect(await rig.stores[1].claim(S.request("a", "o2"), on: actor) == .failure(.held(first)))
            _ = try rig.stores[0].beat(S.heartbeat("o3"), at: actor.loop.now)
            try #require(try server.ask(cause.end) == "+OK\r\n")
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await rig.wait(for: first, of: "a", on: actor)
            try await rig.wait(for: second, of: "b", on: actor)
            #expect(try await rig.stores[1].renewAtLast([second], on: actor) == [])
            try await actor.wait(for: "the origin") { rig.stores[1].origins[OriginID("o3")] != nil }
        }
    }

    @Test("origins that only others hear are not judged meanwhile, and their streams are theirs afterwards")
    func unheard() async throws {
        try await StoreRig.with(.redis) { actor, rig in
            let id = try await rig.registerBeating("o", on: actor)
            let claim = try await rig.stores[0].claim(S.request("a", "o"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            let server = try #require(rig.server)
            _ = try server.ask("CONFIG SET maxmemory 1")
            try await actor.wait(for: "detached") { rig.areDetached(at: actor.loop.now) }
            // As if it were ten minutes later.
            let later = actor.loop.now + .seconds(600)
            #expect(rig.stores[1].watch(at: later).isEmpty)
            _ = try server.ask("CONFIG SET maxmemory 0")
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            #expect(rig.stores[1].origins[id]?.liveness == .alive)
            try await rig.wait(for: claim, of: "a", on: actor)
        }
    }

    @Test("what members are gone is remembered of so many, and who has not asked since is given everything")
    func gone() async throws {
        try await StoreRig.with(.redis) { actor, rig in
            try await rig.register(["o"], on: actor)
            let id = OriginID("o")
            try rig.stores[0].drain(id, true, at: actor.loop.now)
            try await actor.wait(for: "drained") { rig.stores.allSatisfy { $0.origins[id]?.isDrained == true } }
            let server = try #require(rig.server)
            let fill =
                "local now = redis.call('TIME')[1] * 1000000 for index = 1, 20000 do "
                + "redis.call('ZADD', KEYS[1], string.format('%.0f', now - 20000 + index), 'x'..index) end return 1"
            #expect(try server.ask(["EVAL", fill, "1", "test:1:{drained}:gone"]) == ":1\r\n")
            try rig.stores[1].drain(id, false, at: actor.loop.now)
            try await actor.wait(for: "undrained") { rig.stores.allSatisfy { $0.origins[id]?.isDrained == false } }
            #expect(try server.ask(["ZCARD", "test:1:{drained}:gone"]) == ":19001\r\n")
            #expect(try server.ask(["HEXISTS", "test:1:{drained}:meta", "floor"]) == ":1\r\n")
            #expect(try server.ask(["ZSCORE", "test:1:{drained}:gone", "x1000"]) == "$-1\r\n")
            #expect(try server.ask(["ZSCORE", "test:1:{drained}:gone", "x1001"]) != "$-1\r\n")
        }
    }

    @Test("what others believe of a stream is known for as long as they are not told, though links come up meanwhile")
    func beliefs() async throws {
        try await StoreRig.with(.redis, origins: ["o1"]) { actor, rig in
            let server = try #require(rig.server)
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            for line in ["CONFIG SET maxmemory 1", "CONFIG REWRITE"] { #expect(try server.ask(line) == "+OK\r\n") }
            try await actor.wait(for: "detached") { rig.areDetached(at: actor.loop.now) }
            rig.stores[0].release(claim, on: actor.loop)
            let belief = OthersBeliefs(owner: OriginID("o1"), unknown: [])
            try await actor.wait(for: "the belief") { rig.stores[0].beliefs(of: S.key("a")) == belief }
            try server.restart()
            await actor.pause(for: .seconds(3))
            try await actor.wait(for: "the belief again") { rig.stores[0].beliefs(of: S.key("a")) == belief }
            #expect(try server.ask("CONFIG SET maxmemory 0") == "+OK\r\n")
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            #expect(rig.stores[0].beliefs(of: S.key("a")) == nil)
            try await rig.wait(for: nil, of: "a", on: actor)
        }
    }

    @Test("numbers that no script counts to are nobody's, and end nothing")
    func numbers() async throws {
        try await StoreRig.with(.redis) { actor, rig in
            try await rig.register(["o1"], on: actor)
            let server = try #require(rig.server)
            let key = S.key("a")
            let table = SharedTable(claimOf: key).name
            let owner = StreamClaim.sharedOwner(OriginID("o1"), S.instance())
            for epoch in ["18446744073709551615", "9007199254740992"] {
                let notice = "\(table) 0 \(epoch) +\(key.description.utf8.count) \(key)\(epoch) \(owner)"
                _ = try server.ask(["PUBLISH", "test:1:notices", notice])
                _ = try server.ask(["HSET", "test:1:{\(table)}:values", "\(key)", "\(epoch) \(owner)"])
            }
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            server.kill()
            try await actor.wait(for: "detached") { rig.areDetached(at: actor.loop.now) }
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            #expect(claim.epoch < 1 << 53)
        }
    }

    @Test(
        "what is noted of a table and makes no sense is noted anew, and the table goes on",
        arguments: ["9000000000000000000000", "-1", "nan", "inf", "x", ""])
    func notes(text: String) async throws {
        try await StoreRig.with(.redis, origins: ["o1"]) { actor, rig in
            let server = try #require(rig.server)
            let table = SharedTable(claimOf: S.key("a")).name
            _ = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            for field in ["last", "born", "floor", "seen"] {
                _ = try server.ask(["HSET", "test:1:{\(table)}:meta", field, text])
            }
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            #expect(claim.epoch > 0 && claim.epoch < 1 << 53)
            try await rig.wait(for: claim, of: "a", on: actor)
            rig.stores[0].release(claim, on: actor.loop)
            try await rig.wait(for: nil, of: "a", on: actor)
        }
    }
}
