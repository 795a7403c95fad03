import Bytes
import LoopKit
import Media
import Reactor
import Registry
import TestKit
import Testing

@Suite("What every store promises", .ownThread, .timeLimit(.minutes(5)))
struct StoreContractTests {
    private typealias S = Samples

    @Test("a stream is one origin's, everywhere; whoever else asks is told whose", arguments: StoreKind.available)
    func exclusive(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o1", "o2"]) { actor, rig in
            let claim = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            #expect(await rig.stores[1].claim(S.request("a", "o2"), on: actor) == .failure(.held(claim)))
            #expect(await rig.stores[1].claim(S.request("a", "o1", .resume), on: actor) == .failure(.held(claim)))
            try await rig.wait(for: claim, of: "a", on: actor)
            #expect(rig.stores.allSatisfy { $0.origins.streams(of: OriginID("o1")) == 1 })
        }
    }

    @Test("a claim of a start that is not there is refused", arguments: StoreKind.available)
    func unknown(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o1"]) { actor, rig in
            let store = rig.stores[1]
            #expect(await store.claim(S.request("a", "o2"), on: actor) == .failure(.unknownOrigin))
            #expect(await store.claim(S.request("a", "o1", service: "x"), on: actor) == .failure(.unknownOrigin))
        }
    }

    @Test(
        "only its holder ends a claim, and a late release does no harm to a later one", arguments: StoreKind.available)
    func release(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o1", "o2"]) { actor, rig in
            let first = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            let second = try await rig.stores[1].claim(S.request("a", "o1"), on: actor).get()
            #expect(second.epoch > first.epoch, "an origin decides between its own publishers")
            rig.stores[0].release(first, on: actor.loop)
            #expect(
                try await rig.stores[0].renew([first], on: actor).get() == [LostClaim(claim: first, holder: second)])
            #expect(await rig.stores[0].claim(S.request("a", "o2"), on: actor) == .failure(.held(second)))
            try await rig.wait(for: second, of: "a", on: actor)
            rig.stores[1].release(second, on: actor.loop)
            try await rig.wait(for: nil, of: "a", on: actor)
            let third = try await rig.stores[0].claim(S.request("a", "o2"), on: actor).get()
            #expect(third.epoch > second.epoch)
            rig.stores[1].release(second, on: actor.loop)
            try await rig.wait(for: third, of: "a", on: actor)
            #expect(try await rig.stores[0].renew([third], on: actor).get() == [])
        }
    }

    @Test("a claim that is renewed goes on; one that is not ends by itself", arguments: StoreKind.available)
    func lease(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o1", "o2"], lease: .seconds(5)) { actor, rig in
            let kept = try await rig.stores[0].claim(S.request("kept", "o1"), on: actor).get()
            let left = try await rig.stores[0].claim(S.request("left", "o1"), on: actor).get()
            // It is seen everywhere before it ends.
            try await rig.wait(for: left, of: "left", on: actor)
            let deadline = actor.loop.now + .seconds(20)
            var next = await rig.stores[1].claim(S.request("left", "o2"), on: actor)
            while case .failure = next, actor.loop.now < deadline {
                #expect(next == .failure(.held(left)))
                #expect(try await rig.stores[0].renew([kept], on: actor).get() == [])
                await actor.pause(for: .milliseconds(100))
                _ = rig.stores.map { $0.watch(at: actor.loop.now) }
                next = await rig.stores[1].claim(S.request("left", "o2"), on: actor)
            }
            let claim = try next.get()
            #expect(claim.epoch > left.epoch)
            #expect(
                try await rig.stores[0].renew([left, kept], on: actor).get() == [LostClaim(claim: left, holder: claim)])
            #expect(await rig.stores[1].claim(S.request("kept", "o2"), on: actor) == .failure(.held(kept)))
        }
    }

    @Test("a lease that has run out is seen to be over by everybody", arguments: StoreKind.available)
    func expiry(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o1"], lease: .milliseconds(500)) { actor, rig in
            _ = try await rig.stores[0].claim(S.request("a", "o1"), on: actor).get()
            try await rig.wait(for: nil, of: "a", on: actor)
        }
    }

    @Test("claims go with their origin: restarted, gone, deregistered", arguments: StoreKind.available)
    func origins(kind: StoreKind) async throws {
        let names = ["a", "b", "c", "d"]
        try await StoreRig.with(kind, origins: names) { actor, rig in
            var claims: [String: StreamClaim] = [:]
            for name in names {
                claims[name] = try await rig.stores[0].claim(S.request("s-\(name)", name), on: actor).get()
                try await rig.wait(for: claims[name], of: "s-\(name)", on: actor)
            }
            let now = actor.loop.now
            #expect(try rig.stores[1].beat(S.heartbeat("a", service: "s2"), at: now) == .restarted(from: S.instance()))
            _ = try rig.stores[1].beat(S.heartbeat("b", state: .gone), at: now)
            try rig.stores[1].deregister(OriginID("c"), at: now)
            for name in ["a", "b", "c"] { try await rig.wait(for: nil, of: "s-\(name)", on: actor) }
            try await actor.wait(for: "origins that have gone") {
                rig.stores.allSatisfy { store in
                    store.origins.count == 2 && store.origins[OriginID("a")]?.instance == S.instance("s2")
                }
            }
            for name in ["a", "b", "c"] {
                #expect(
                    try await rig.stores[0].renew([claims[name]!], on: actor).get()
                        == [LostClaim(claim: claims[name]!, holder: nil)])
            }
            let again = try await rig.stores[0].claim(S.request("s-a", "a", service: "s2"), on: actor).get()
            try await rig.wait(for: again, of: "s-a", on: actor)
            let other = try await rig.stores[1].claim(S.request("s-b", "d"), on: actor).get()
            try await rig.wait(for: other, of: "s-b", on: actor)
            #expect(try await rig.stores[0].renew([claims["d"]!], on: actor).get() == [])
        }
    }

    @Test(
        "a claim of an origin that cannot be reached is replaced when nobody renews it any more, and not before",
        arguments: StoreKind.available)
    func absent(kind: StoreKind) async throws {
        try await StoreRig.with(kind, lease: .seconds(20), wait: .seconds(30)) { actor, rig in
            try await rig.register(["o1", "o2"], on: actor)
            let (first, second) = (rig.stores[0], rig.stores[1])
            let left = try await first.claim(S.request("left", "o1"), on: actor).get()
            let kept = try await first.claim(S.request("kept", "o1"), on: actor).get()
            for claim in [left, kept] { try await rig.wait(for: claim, of: claim.key.stream, on: actor) }
            let began = actor.loop.now
            var answer = await second.claim(S.request("left", "o2", absent: "o1"), on: actor)
            #expect(answer == .failure(.held(left)))
            while case .failure = answer, actor.loop.now - began < .seconds(16) {
                #expect(try await first.renew([kept], on: actor).get() == [])
                #expect(await second.claim(S.request("kept", "o2", absent: "o1"), on: actor) == .failure(.held(kept)))
                #expect(await second.claim(S.request("left", "o2"), on: actor) == .failure(.held(left)))
                #expect(await second.claim(S.request("left", "o2", absent: "o3"), on: actor) == .failure(.held(left)))
                await actor.pause(for: .milliseconds(500))
                answer = await second.claim(S.request("left", "o2", absent: "o1"), on: actor)
            }
            #expect(actor.loop.now - began >= .seconds(7))
            let taken = try answer.get()
            try await rig.wait(for: taken, of: "left", on: actor)
            #expect(try await first.renew([left], on: actor).get() == [LostClaim(claim: left, holder: taken)])
            #expect(try await first.renew([kept], on: actor).get() == [])
        }
    }

    @Test(
        "a claim of an origin that cannot be reached and is silent is replaced, however it is kept",
        arguments: StoreKind.available)
    func silent(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o2"], wait: .seconds(30)) { actor, rig in
            // The origin beats at the second one.
            let (first, second) = (rig.stores[1], rig.stores[0])
            _ = try await rig.registerBeating("o1", on: actor)
            let claim = try await first.claim(S.request("s", "o1"), on: actor).get()
            try await rig.wait(for: claim, of: "s", on: actor)
            #expect(await second.claim(S.request("s", "o2", absent: "o1"), on: actor) == .failure(.held(claim)))
            _ = second.watch(at: actor.loop.now + .seconds(8))
            #expect(try await first.renew([claim], on: actor).get() == [])
            #expect(await second.claim(S.request("s", "o2"), on: actor) == .failure(.held(claim)))
            let taken = try await second.claim(S.request("s", "o2", absent: "o1"), on: actor).get()
            try await rig.wait(for: taken, of: "s", on: actor)
            #expect(try await first.renew([claim], on: actor).get() == [LostClaim(claim: claim, holder: taken)])
        }
    }

    @Test("beats that reach any proxy keep an origin alive at all of them", arguments: StoreKind.available)
    func beats(kind: StoreKind) async throws {
        try await StoreRig.with(kind, origins: ["o"]) { actor, rig in
            let id = OriginID("o")
            // A rhythm of a second: after three of silence it is silent.
            let end = actor.loop.now + .seconds(6)
            var turn = 0
            while actor.loop.now < end {
                await actor.pause(for: .milliseconds(1_100))
                turn += 1
                _ = try rig.stores[turn % 2].beat(S.heartbeat("o"), at: actor.loop.now)
            }
            try await actor.wait(for: "the rhythm") { rig.stores.allSatisfy { $0.origins[id]?.rhythm.interval != nil } }
            let last = rig.stores.map { $0.origins[id]!.rhythm.last }
            #expect(last.allSatisfy { end - $0 < .seconds(4) })
            #expect(rig.stores.allSatisfy { $0.origins[id]?.liveness == .alive })
        }
    }

    @Test(
        "an origin that is drained at one proxy is drained at all, also after its restart",
        arguments: StoreKind.available)
    func drain(kind: StoreKind) async throws {
        try await StoreRig.with(kind) { actor, rig in
            let id = OriginID("o")
            #expect(throws: OrderRefusal.unknown(id)) { try rig.stores[1].drain(id, true, at: actor.loop.now) }
            try await rig.register(["o"], on: actor)
            try rig.stores[1].drain(id, true, at: actor.loop.now)
            try await actor.wait(for: "drained") { rig.stores.allSatisfy { $0.origins[id]?.takesStreams == false } }
            _ = try rig.stores[0].beat(S.heartbeat("o", service: "s2"), at: actor.loop.now)
            try await actor.wait(for: "restarted") {
                rig.stores.allSatisfy { $0.origins[id]?.instance == S.instance("s2") }
            }
            #expect(rig.stores.allSatisfy { $0.origins[id]?.isDrained == true })
            try rig.stores[0].drain(id, false, at: actor.loop.now)
            try await actor.wait(for: "undrained") { rig.stores.allSatisfy { $0.origins[id]?.takesStreams == true } }
        }
    }

    @Test("of all that want a stream at once one gets it, and the others are told who", arguments: StoreKind.available)
    func race(kind: StoreKind) async throws {
        let origins = (0..<4).map { "o\($0)" }
        try await StoreRig.with(kind, origins: origins, proxies: 4, loops: 4, wait: .seconds(30)) { actor, rig in
            let group = rig.group
            let answers = try await withThrowingTaskGroup(of: (Int, [Result<StreamClaim, ClaimError>]).self) { tasks in
                for index in 0..<4 {
                    tasks.addTask {
                        try await group.on(index) { actor in
                            let store = rig.stores[index]
                            let box = Answer<[Result<StreamClaim, ClaimError>]>()
                            box.value = Array(repeating: .failure(.unavailable), count: 200)
                            var left = 200
                            for stream in 0..<200 {
                                store.claim(S.request("s\(stream)", "o\(index)"), on: actor.loop) {
                                    box.value?[stream] = $0
                                    left -= 1
                                }
                            }
                            try await actor.wait(for: "answers") { left == 0 }
                            return (index, box.value!)
                        }
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            for stream in 0..<200 {
                let results = answers.map { $0.1[stream] }
                let winners = results.compactMap { try? $0.get() }
                try #require(winners.count == 1)
                for case .failure(let error) in results { #expect(error == .held(winners[0])) }
                try await rig.wait(for: winners[0], of: "s\(stream)", on: actor)
            }
        }
    }
}
