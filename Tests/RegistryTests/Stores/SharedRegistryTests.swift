import Bytes
import LoopKit
import Media
import Reactor
import TestKit
import Testing

@testable import Registry

@Suite("A shared registry whose Redis goes and comes back", .timeLimit(.minutes(5)))
struct SharedRegistryTests {
    private typealias S = Samples

    @Test("goes on from what it knows, grants claims alone, and everybody agrees when Redis is back, empty")
    func restart() async throws {
        try await StoreRig.with(.redis, origins: ["o1", "o2"]) { actor, rig in
            let before = try await rig.stores[0].claim(S.request("before", "o1"), on: actor).get()
            let given = try await rig.stores[0].claim(S.request("given", "o1"), on: actor).get()
            try await rig.wait(for: before, of: "before", on: actor)
            try await rig.wait(for: given, of: "given", on: actor)
            try await rig.killServer(on: actor)
            try await rig.wait(for: before, of: "before", on: actor)
            let during = try await rig.stores[1].claim(S.request("during", "o2"), on: actor).get()
            #expect(await rig.stores[1].claim(S.request("before", "o2"), on: actor) == .failure(.held(before)))
            rig.stores[0].release(given, on: actor.loop)
            _ = try rig.stores[1].beat(S.heartbeat("o3"), at: actor.loop.now)
            #expect(rig.stores[1].origins[OriginID("o3")] != nil)
            #expect(await rig.stores[1].renew([during], on: actor) == .failure(StoreUnavailable()))
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await rig.wait(for: before, of: "before", on: actor)
            try await rig.wait(for: during, of: "during", on: actor)
            try await rig.wait(for: nil, of: "given", on: actor)
            try await actor.wait(for: "o3") { rig.stores[0].origins[OriginID("o3")] != nil }
            #expect(try await rig.stores[0].renewAtLast([before], on: actor) == [])
            #expect(try await rig.stores[1].renewAtLast([during], on: actor) == [])
            #expect(await rig.stores[0].claim(S.request("during", "o1"), on: actor) == .failure(.held(during)))
        }
    }

    @Test("of two claims that were granted apart the later one stays, and the other's holder is told")
    func conflict() async throws {
        try await StoreRig.with(.redis, origins: ["o1", "o2"]) { actor, rig in
            try await rig.killServer(on: actor)
            let first = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            let second = try await rig.stores[1].claim(S.request("a", "o2"), on: actor).get()
            #expect(second.epoch > first.epoch)
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await rig.wait(for: second, of: "a", on: actor)
            #expect(
                try await rig.stores[0].renewAtLast([first], on: actor) == [LostClaim(claim: first, holder: second)])
            rig.stores[0].release(first, on: actor.loop)
            #expect(try await rig.stores[1].renewAtLast([second], on: actor) == [])
        }
    }

    @Test("when a claim ends is known where it was granted, and renewed, and nowhere else")
    func leaseLeft() async throws {
        try await StoreRig.with(.redis, origins: ["o1"]) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            let granted = actor.loop.now
            try await rig.wait(for: claim, of: "a", on: actor)
            func left(at number: Int, after time: Duration) -> [Duration?] {
                rig.stores[number].claims(from: 0, count: 9, at: granted + time).items.map(\.leaseLeft)
            }
            let first = try #require(left(at: 0, after: .seconds(4)).first ?? nil)
            #expect(first > .zero && first <= .seconds(26), "\(first)")
            #expect(left(at: 1, after: .seconds(4)) == [nil], "it is another proxy's")
            await actor.pause(for: .milliseconds(50))
            #expect(try await rig.stores[0].renewAtLast([claim], on: actor) == [])
            let renewed = try #require(left(at: 0, after: .seconds(4)).first ?? nil)
            #expect(renewed >= first + .milliseconds(50))
            #expect(left(at: 0, after: .seconds(300)) == [.zero], "its keeper has not asked for it in time")
        }
    }

    @Test("no lease runs while Redis stands still, however long that is")
    func frozen() async throws {
        try await StoreRig.with(.redis, origins: ["o1", "o2"], lease: .seconds(2)) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            rig.server?.freeze()
            try await actor.wait(for: "detached") { rig.areDetached(at: actor.loop.now) }
            // More than the scripts take for a pause.
            await actor.pause(for: .seconds(13))
            #expect(rig.stores.allSatisfy { $0.owner(of: S.key("a"), at: actor.loop.now)?.claim == claim })
            rig.server?.thaw()
            try await actor.wait(for: "attached") { !rig.areDetached(at: actor.loop.now) }
            #expect(await rig.stores[1].claim(S.request("a", "o2"), on: actor) == .failure(.held(claim)))
            #expect(try await rig.stores[0].renewAtLast([claim], on: actor) == [])
        }
    }

    @Test(
        "a claim that Redis is asked for as it stands still is not granted later, beside the one that was granted alone"
    )
    func belated() async throws {
        try await StoreRig.with(.redis, origins: ["o1", "o2"]) { actor, rig in
            // Redis has the script.
            _ = try await rig.stores[0].claim(S.request("first", "o1"), on: actor).get()
            rig.server?.freeze()
            let given = Answer<Result<StreamClaim, ClaimError>>()
            rig.stores[0].claim(S.request("b", "o1"), on: actor.loop) { given.value = $0 }
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            rig.stores[0].release(try #require(given.value).get(), on: actor.loop)
            await actor.pause(for: .milliseconds(500))
            rig.server?.thaw()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await rig.wait(for: claim, of: "a", on: actor)
            try await rig.wait(for: nil, of: "b", on: actor)
            #expect(try await rig.stores[0].renewAtLast([claim], on: actor) == [])
            try await rig.wait(for: claim, of: "a", on: actor)
        }
    }

    @Test(
        "the stream of an origin that cannot be reached is granted elsewhere when nobody can have renewed it, or it is silent"
    )
    func unreachable() async throws {
        try await StoreRig.with(.redis, origins: ["o1", "o2"], lease: .seconds(10)) { actor, rig in
            _ = try await rig.registerBeating("o3", on: actor)
            let (mine, other) = (rig.stores[0], rig.stores[1])
            let claim = try await other.claim(S.request("a", "o1"), on: actor).get()
            let silent = try await other.claim(S.request("b", "o3"), on: actor).get()
            for claim in [claim, silent] { try await rig.wait(for: claim, of: claim.key.stream, on: actor) }
            try await rig.killServer(on: actor)
            let began = actor.loop.now
            #expect(await mine.claim(S.request("b", "o2", absent: "o3"), on: actor) == .failure(.held(silent)))
            _ = mine.watch(at: actor.loop.now + .seconds(8))
            #expect(await mine.claim(S.request("b", "o2"), on: actor) == .failure(.held(silent)))
            var taken = [try await mine.claim(S.request("b", "o2", absent: "o3"), on: actor).get()]
            while case .failure(let error) = await mine.claim(S.request("a", "o2", absent: "o1"), on: actor) {
                #expect(error == .held(claim))
                #expect(await mine.claim(S.request("a", "o2", absent: "o3"), on: actor) == .failure(.held(claim)))
                try #require(actor.loop.now - began < .seconds(20))
            }
            // What was read last may have been read a second before.
            #expect(actor.loop.now - began >= .seconds(2))
            taken.append(try #require(mine.owner(of: S.key("a"), at: actor.loop.now)?.claim))
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            for claim in taken { try await rig.wait(for: claim, of: claim.key.stream, on: actor) }
        }
    }

    @Test("publishers whose claims nobody hears of go where the viewers of other proxies wait")
    func agreement() async throws {
        try await StoreRig.with(.redis, origins: ["o1", "o2", "o3"]) { actor, rig in
            let routing = rig.stores.map { StreamRouting($0) }
            /// How many of fifty streams are published at one proxy where the other's viewers wait.
            func agreed(at now: Instant) -> Int {
                (0..<50).count { number in
                    let key = S.key("s\(number)")
                    let place = routing[0].next(for: key, .rtmp, to: .publish, at: now)?.origin.id
                    return place != nil && place == routing[1].next(for: key, .rtmp, to: .view, at: now)?.origin.id
                }
            }
            // All that there is, is at one origin.
            for number in 0..<20 { _ = try await rig.stores[0].claim(S.request("a\(number)", "o1"), on: actor).get() }
            #expect(agreed(at: actor.loop.now) < 50)
            // One that has an owner who is not where viewers would wait for it.
            let lonely = try #require(
                (0..<50).map { S.key("l\($0)") }.first { key in
                    routing[1].next(for: key, .rtmp, to: .view, at: actor.loop.now)?.origin.id != OriginID("o1")
                })
            let claim = try await rig.stores[0].claim(S.request(lonely.stream, "o1"), on: actor).get()
            try await rig.wait(for: claim, of: lonely.stream, on: actor)
            try await rig.killServer(on: actor)
            #expect(agreed(at: actor.loop.now) == 50)
            // What others do not know takes nothing of theirs away.
            _ = try rig.stores[0].beat(S.heartbeat("new"), at: actor.loop.now)
            #expect(agreed(at: actor.loop.now) == 50)
            for _ in 0..<2 {
                let owned = rig.stores[0].owner(of: lonely, at: actor.loop.now)?.claim
                if let owned { rig.stores[0].release(owned, on: actor.loop) }
                try await actor.wait(for: "its owner, as others know him") {
                    routing[0].next(for: lonely, .rtmp, to: .publish, at: actor.loop.now)?.origin.id == OriginID("o1")
                }
                _ = try await rig.stores[0].claim(S.request(lonely.stream, "o1"), on: actor).get()
            }
            try rig.stores[0].drain(OriginID("o1"), true, at: actor.loop.now)
            rig.stores[0].release(
                try #require(rig.stores[0].owner(of: lonely, at: actor.loop.now)).claim, on: actor.loop)
            #expect(routing[0].next(for: lonely, .rtmp, to: .publish, at: actor.loop.now)?.origin.id != OriginID("o1"))
            try rig.stores[0].drain(OriginID("o1"), false, at: actor.loop.now)
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            #expect(agreed(at: actor.loop.now) < 50)
        }
    }

    @Test("origins that beat at other proxies are not silent because nobody tells of them")
    func silence() async throws {
        try await StoreRig.with(.redis) { actor, rig in
            let id = try await rig.registerBeating("o", on: actor)
            try await rig.killServer(on: actor)
            await actor.pause(for: .seconds(7))
            #expect(rig.stores[0].watch(at: actor.loop.now).count == 1, "it hears for itself")
            #expect(rig.stores[1].watch(at: actor.loop.now).isEmpty)
            #expect(rig.stores[1].origins[id]?.liveness == .alive)
        }
    }

    @Test(
        "of more origins than are taken over at once none is missed, nor what they say later, nor what is told meanwhile"
    )
    func many() async throws {
        try await StoreRig.with(.redis) { actor, rig in
            let crowd = Crowd(names: (0..<200).map { "o\($0)" })
            try await crowd.say(0, until: "all", in: rig, on: actor)
            try await crowd.say(1_000, until: "what they say later", in: rig, on: actor)
            let claim = try await rig.stores[0].claim(S.request("a", "o7"), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            try await rig.killServer(on: actor)
            try rig.server?.restart()
            try await crowd.say(2_000, until: "what they say when it is back", in: rig, on: actor)
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            try await rig.wait(for: claim, of: "a", on: actor)
        }
    }

    @Test("what is read is corrected where notices are missed")
    func missedNotices() async throws {
        try await StoreRig.with(.redis, origins: ["o1"]) { actor, rig in
            // A claim that another proxy has made and nobody was told of.
            let claim = StreamClaim(key: S.key("a"), origin: OriginID("o1"), instance: S.instance(), epoch: 7)
            let name = SharedTable(claimOf: claim.key).name
            let server = try #require(rig.server)
            let script =
                "redis.call('HSET', KEYS[1], ARGV[1], '7 '..ARGV[2]) redis.call('ZADD', KEYS[2], 'inf', ARGV[1]) "
                + "local v = tonumber(redis.call('HGET', KEYS[4], 'last') or 0) + 1 "
                + "redis.call('ZADD', KEYS[3], v, ARGV[1]) redis.call('HSET', KEYS[4], 'last', v) return 1"
            let keys = ["values", "leases", "versions", "meta"].map { "test:1:{\(name)}:\($0)" }
            #expect(
                try server.ask(["EVAL", script, "4"] + keys + [claim.key.description, claim.sharedOwner]) == ":1\r\n")
            try await rig.wait(for: claim, of: "a", on: actor)
        }
    }

    @Test("nothing is left in Redis when its time is over")
    func keys() async throws {
        try await StoreRig.with(.redis, origins: ["o1"]) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            try rig.stores[0].drain(OriginID("o1"), true, at: actor.loop.now)
            rig.stores[0].release(claim, on: actor.loop)
            try await rig.wait(for: nil, of: "a", on: actor)
            let server = try #require(rig.server)
            let lasting =
                "local n = 0 for _, key in ipairs(redis.call('KEYS', '*')) do "
                + "if redis.call('PTTL', key) < 0 then n = n + 1 end end return n"
            #expect(try server.ask(["EVAL", lasting, "0"]) == ":0\r\n")
        }
    }
}

/// Origins that beat at the first proxy, each with a load of its own.
private struct Crowd {
    let names: [String]

    /// Until the second proxy knows it of all. Beats within a moment may be taken for one, so that it is said again.
    func say(_ connections: Int, until what: String, in rig: StoreRig, on actor: isolated LoopActor) async throws {
        var next = actor.loop.now
        try await actor.wait(for: what) {
            if actor.loop.now >= next {
                next = actor.loop.now + .seconds(2)
                for (number, name) in names.enumerated() {
                    let load = OriginLoad(connections: connections + number)
                    _ = try? rig.stores[0].beat(Samples.heartbeat(name, load: load), at: actor.loop.now)
                }
            }
            let origins = rig.stores[1].origins
            return names.enumerated().allSatisfy { number, name in
                origins[OriginID(name)]?.load.connections == connections + number
            }
        }
    }
}

extension RegistryStore {
    /// As `renew`, again until every loop has its link back.
    func renewAtLast(_ claims: [StreamClaim], on actor: isolated LoopActor) async throws -> [LostClaim] {
        for _ in 0..<1_000 {
            if case .success(let lost) = await renew(claims, on: actor) { return lost }
            await actor.pause(for: .milliseconds(10))
        }
        throw NeverCame(description: "an answer")
    }
}
