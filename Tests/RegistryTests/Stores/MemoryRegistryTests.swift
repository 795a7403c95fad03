import Bytes
import LoopKit
import Media
import Reactor
import Registry
import TestKit
import Testing

@Suite("MemoryRegistry", .timeLimit(.minutes(5)))
struct MemoryRegistryTests {
    @Test("of all loops that want a stream for different origins one gets it, and the others are told who")
    func race() async throws {
        try await withLoops(4) { group in
            // However long it takes, no lease runs out.
            let store = MemoryRegistry { _ in Samples.at(0) }
            for index in 0..<4 { store.fix(Samples.heartbeat("o\(index)"), at: Samples.at(0)) }
            let answers = try await withThrowingTaskGroup(of: [Result<StreamClaim, ClaimError>].self) { tasks in
                for index in 0..<4 {
                    tasks.addTask {
                        try await group.on(index) { actor in
                            let box = Box()
                            for stream in 0..<500 {
                                store.claim(Samples.request("s\(stream)", "o\(index)"), on: actor.loop) {
                                    box.answers.append($0)
                                }
                            }
                            try await actor.wait(for: "answers") { box.answers.count == 500 }
                            return box.answers
                        }
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            for stream in 0..<500 {
                let results = answers.map { $0[stream] }
                let winners = results.compactMap { try? $0.get() }
                #expect(winners.count == 1)
                for case .failure(let error) in results { #expect(error == .held(winners[0])) }
                let owner = try #require(store.owner(of: winners[0].key, at: Samples.at(0)))
                #expect(owner.claim == winners[0])
                #expect(store.originOfOwner(of: winners[0].key, at: Samples.at(0)) == owner.origin)
            }
            let snapshot = store.origins
            #expect((0..<4).map { snapshot.streams(of: OriginID("o\($0)")) }.reduce(0, +) == 500)
            #expect(store.claimCounts.refused == 1_500 && store.claimCounts.granted == 500)
        }
    }

    private final class Box {
        var answers: [Result<StreamClaim, ClaimError>] = []
    }

    @Test("claims go with their origin, however it goes; one of an earlier start is not granted")
    func origins() async throws {
        try await withLoops(1) { group in
            try await group.on { actor in
                let now = Samples.at(0)
                let store = MemoryRegistry { _ in now }
                for name in ["a", "b", "c", "d"] { _ = try store.beat(Samples.heartbeat(name), at: now) }
                for name in ["a", "b", "c", "d"] {
                    _ = try await store.claim(Samples.request("s-\(name)", name), on: actor).get()
                }
                _ = try store.beat(Samples.heartbeat("a", service: "s2"), at: now)
                #expect(store.owner(of: Samples.key("s-a"), at: now) == nil && store.claimCounts.dropped == 1)
                #expect(await store.claim(Samples.request("s-a", "a"), on: actor) == .failure(.unknownOrigin))
                let again = try await store.claim(Samples.request("s-a", "a", service: "s2"), on: actor).get()
                #expect(store.owner(of: again.key, at: now)?.origin.instance == again.instance)
                _ = try store.beat(Samples.heartbeat("b", state: .leaving), at: now)
                #expect(store.owner(of: Samples.key("s-b"), at: now) != nil, "one that leaves keeps its streams")
                _ = try store.beat(Samples.heartbeat("b", state: .gone), at: now)
                #expect(store.owner(of: Samples.key("s-b"), at: now) == nil && store.claimCounts.dropped == 2)
                try store.deregister(OriginID("d"), at: now)
                #expect(store.owner(of: Samples.key("s-d"), at: now) == nil && store.claimCounts.dropped == 3)
                #expect(store.watch(at: now + .seconds(20)).isEmpty && store.claimCounts.present == 2)
                #expect(store.watch(at: now + .seconds(400)).count == 2)
                #expect(store.claimCounts.present == 0 && store.origins.count == 0)
            }
        }
    }

    @Test("a snapshot stays as it is while the store goes on")
    func snapshot() throws {
        let store = MemoryRegistry()
        _ = try store.beat(Samples.heartbeat("a"), at: Samples.at(0))
        let before = store.origins
        _ = try store.beat(Samples.heartbeat("a", host: "10.0.0.6"), at: Samples.at(1))
        _ = try store.beat(Samples.heartbeat("b"), at: Samples.at(1))
        #expect(before.count == 1 && before[OriginID("a")]?.host == HostName("10.0.0.5"))
        #expect(store.origins.count == 2 && store.origins[OriginID("a")]?.host == HostName("10.0.0.6"))
    }
}
