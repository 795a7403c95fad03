import Bytes
import LoopKit
import Reactor
import TestKit
import Testing

@testable import Registry

@Suite("An origin that is fixed at one of the proxies that share a registry", .timeLimit(.minutes(5)))
struct FixedOriginTests {
    private typealias S = Samples
    private let id = OriginID("f")

    /// Runs `body` when the first proxy has the origin fixed, and the second one knows it.
    private func withFixed(
        _ origins: [String] = [], vouching: Duration = .seconds(10),
        _ body: @escaping @Sendable (isolated LoopActor, StoreRig) async throws -> Void
    ) async throws {
        try await StoreRig.with(.redis, origins: origins, vouching: vouching) { actor, rig in
            rig.stores[0].fix(S.heartbeat(id.text), at: actor.loop.now)
            try await actor.wait(for: "the origin") { rig.stores[1].origins[id] != nil }
            try await body(actor, rig)
        }
    }

    @Test("is an origin like any at the others: with its addresses, its rhythm and its whole share")
    func known() async throws {
        try await withFixed { actor, rig in
            let here = try #require(rig.stores[0].origins[id])
            let there = try #require(rig.stores[1].origins[id])
            #expect(here.liveness == .fixed && there.liveness == .alive)
            #expect(there.profile == here.profile && there.weight == here.weight)
            #expect(there.rhythm.interval == .seconds(10))
            let part = SlowStart(time: .seconds(3_600)).part(since: there.presentSince, at: actor.loop.now)
            #expect(part == SlowStart.whole && there.takesStreams)
            #expect(rig.stores[0].watch(at: actor.loop.now + .seconds(3_600)).isEmpty, "it is never silent here")
            // The first one hears nothing of what it tells itself.
            #expect(rig.stores[0].news() == [])
            #expect(throws: HeartbeatRefusal.taken(id)) {
                try rig.stores[0].beat(S.heartbeat(id.text, service: "s2"), at: actor.loop.now)
            }
        }
    }

    @Test("that was fixed before there was a link is told when there is one")
    func before() async throws {
        try await StoreRig.with(.redis, vouching: .seconds(600)) { actor, rig in
            try await rig.killServer(on: actor)
            rig.stores[0].fix(S.heartbeat(id.text), at: actor.loop.now)
            try rig.server?.restart()
            try await actor.wait(for: "the origin") { rig.stores[1].origins[id] != nil }
        }
    }

    @Test("is told again when Redis comes back empty, and its streams are still its")
    func restart() async throws {
        try await withFixed(["o"], vouching: .seconds(600)) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", id.text), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            try await rig.killServer(on: actor)
            try rig.server?.restart()
            try await actor.wait(for: "fresh") { rig.areFresh(at: actor.loop.now) }
            let server = try #require(rig.server)
            try await actor.wait(for: "Redis") {
                (try? server.ask(["HEXISTS", "test:1:{origins}:values", id.text])) == ":1\r\n"
            }
            try await rig.wait(for: claim, of: "a", on: actor)
            #expect(await rig.stores[1].claim(S.request("a", "o"), on: actor) == .failure(.held(claim)))
        }
    }

    @Test("has the streams that are claimed for it, whichever proxy asks", arguments: [0, 1])
    func claims(proxy: Int) async throws {
        try await withFixed(["o"]) { actor, rig in
            let (store, other) = (rig.stores[proxy], rig.stores[1 - proxy])
            let claim = try await store.claim(S.request("a", id.text), on: actor).get()
            #expect(await other.claim(S.request("a", "o"), on: actor) == .failure(.held(claim)))
            #expect(await other.claim(S.request("a", id.text, .resume), on: actor) == .failure(.held(claim)))
            try await rig.wait(for: claim, of: "a", on: actor)
            #expect(try await store.renewAtLast([claim], on: actor) == [])
        }
    }

    @Test("that two of them have fixed is one, and two of different names are two")
    func both() async throws {
        try await withFixed { actor, rig in
            rig.stores[1].fix(S.heartbeat(id.text), at: actor.loop.now)
            rig.stores[1].fix(S.heartbeat("g"), at: actor.loop.now)
            try await actor.wait(for: "the other one") { rig.stores[0].origins[OriginID("g")] != nil }
            let claim = try await rig.stores[0].claim(S.request("a", id.text), on: actor).get()
            #expect(await rig.stores[1].claim(S.request("a", "g"), on: actor) == .failure(.held(claim)))
            try await rig.wait(for: claim, of: "a", on: actor)
            #expect(rig.stores.map { $0.origins[id]?.liveness } == [.fixed, .fixed])
        }
    }

    @Test("is told of at a steady pace, and missed by the others when the last who has it fixed has gone")
    func end() async throws {
        try await withFixed(vouching: .seconds(2)) { actor, rig in
            let store = rig.stores[1]
            let first = try #require(store.origins[id]?.rhythm.last)
            try await actor.wait(for: "beats") {
                store.origins[id].map { $0.rhythm.last - first > .seconds(3) } == true
            }
            try await rig.end(0)
            let left = actor.loop.now
            try await actor.wait(for: "silence") {
                !store.watch(at: actor.loop.now).isEmpty && store.origins[id]?.liveness == .silent
            }
            #expect(store.origins[id]?.takesStreams == false && actor.loop.now - left > .seconds(2))
            // Nobody of either proxy has it fixed: it ends as any.
            let local = (store as? SharedRegistry)?.local
            #expect(local?.watch(at: actor.loop.now + BeatRhythm.longestSilence).count == 1)
            #expect(store.origins[id] == nil && store.owner(of: S.key("a"), at: actor.loop.now) == nil)
        }
    }
}

extension FixedOriginTests {
    @Test(
        "that was taken out elsewhere, or is said to have left, stays with what it has, and is back there with its next beat",
        arguments: [true, false])
    func takenOut(isOrdered: Bool) async throws {
        try await withFixed(["o"], vouching: .seconds(2)) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", id.text), on: actor).get()
            try await rig.wait(for: claim, of: "a", on: actor)
            #expect(throws: OrderRefusal.fixed(id)) { try rig.stores[0].deregister(id, at: actor.loop.now) }
            if isOrdered {
                try rig.stores[1].deregister(id, at: actor.loop.now)
            } else {
                #expect(try rig.stores[1].beat(S.heartbeat(id.text, state: .gone), at: actor.loop.now) == .left)
            }
            #expect(rig.stores[1].origins[id] == nil)
            while rig.stores[1].origins[id] == nil {
                let owner = rig.stores[0].owner(of: S.key("a"), at: actor.loop.now)
                try #require(owner?.claim == claim && owner?.origin.liveness == .fixed)
                await actor.pause(for: .milliseconds(1))
            }
            // Its holder takes the claim again.
            #expect(
                try await rig.stores[0].renewAtLast([claim], on: actor) == [LostClaim(claim: claim, holder: nil)])
            let again = try await rig.stores[0].claim(S.request("a", id.text, .resume), on: actor).get()
            try await rig.wait(for: again, of: "a", on: actor)
        }
    }

    @Test("is drained and undrained by any of them")
    func drain() async throws {
        try await withFixed { actor, rig in
            for isDrained in [true, false] {
                try rig.stores[1].drain(id, isDrained, at: actor.loop.now)
                try await actor.wait(for: "the order") {
                    rig.stores.allSatisfy { $0.origins[id]?.isDrained == isDrained }
                }
            }
        }
    }

    @Test("is what others hear of in place of whoever has beaten under its name")
    func impostor() async throws {
        try await withFixed(vouching: .seconds(1)) { actor, rig in
            _ = try rig.stores[1].beat(S.heartbeat(id.text, service: "s2"), at: actor.loop.now)
            #expect(rig.stores[0].origins[id]?.instance == S.instance())
            try await actor.wait(for: "the fixed one") { rig.stores[1].origins[id]?.instance == S.instance() }
            #expect(rig.stores[0].origins[id]?.liveness == .fixed)
        }
    }
}
