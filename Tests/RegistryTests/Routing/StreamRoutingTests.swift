import Bytes
import Media
import Reactor
import Registry
import Testing

@Suite("StreamRouting", .timeLimit(.minutes(1)))
struct StreamRoutingTests {
    private typealias S = Samples

    private static func routing(_ names: [String]) throws -> StreamRouting {
        let store = MemoryRegistry()
        for name in names { _ = try store.beat(S.heartbeat(name), at: S.at(0)) }
        return StreamRouting(store)
    }

    private static func first(_ routing: StreamRouting, _ key: String, at second: Double) -> String? {
        routing.next(for: S.key(key), .rtmp, at: S.at(second))?.origin.id.text
    }

    @Test("a session tries one origin after the other, each once, and then there is none")
    func tries() throws {
        let routing = try Self.routing(["a", "b", "c"])
        var tried: [OriginID] = []
        while let next = routing.next(for: S.key("s"), .rtmp, tried: tried, at: S.at(0)) {
            #expect(!next.isOwner && next.addresses == [OriginAddress(host: HostName("10.0.0.5")!, port: 1_935)])
            routing.failed(next.origin.id, .rtmp, .refused, at: S.at(0))
            tried.append(next.origin.id)
        }
        #expect(Set(tried) == Set(["a", "b", "c"].map(OriginID.init)) && tried.count == 3)
        #expect(routing.next(for: S.key("s"), .srt, at: S.at(0)) == nil)
    }

    @Test("an origin that fails is out at once for all streams, comes back by a trial, and only for that service")
    func failing() throws {
        let routing = try Self.routing(["a", "b"])
        let keys = (0..<40).map { "s\($0)" }
        let ofA = try #require(keys.first { Self.first(routing, $0, at: 0) == "a" })
        #expect(routing.failed(OriginID("a"), .rtmp, .refused, at: S.at(0)))
        #expect(!routing.failed(OriginID("a"), .rtmp, .refused, at: S.at(0)), "told once")
        #expect(routing.failingServices(of: OriginID("a")) == [.rtmp])
        #expect(keys.allSatisfy { Self.first(routing, $0, at: 0.5) == "b" })
        #expect(keys.contains { routing.next(for: S.key($0), .http, at: S.at(0.5))?.origin.id == OriginID("a") })
        // The pause is over: one session tries, the others go on without.
        #expect(Self.first(routing, ofA, at: 2) == "a")
        #expect(Self.first(routing, ofA, at: 2) == "b")
        routing.reached(OriginID("a"), .rtmp, at: S.at(2))
        #expect(Self.first(routing, ofA, at: 2) == "a" && Self.first(routing, ofA, at: 2) == "a")
        #expect(routing.failingServices(of: OriginID("a")) == [])
    }

    @Test("a dead origin gets ever fewer sessions")
    func dead() throws {
        let routing = try Self.routing(["dead", "b"])
        for second in stride(from: 0.0, to: 250, by: 1) {
            _ = try routing.store.beat(S.heartbeat("b"), at: S.at(second))
        }
        var attempts = 0
        for tick in 0..<2_400 {
            let now = S.at(Double(tick) / 10)
            guard let next = routing.next(for: S.key("s\(tick)"), .rtmp, at: now), next.origin.id == OriginID("dead")
            else { continue }
            attempts += 1
            routing.failed(next.origin.id, .rtmp, .refused, at: now)
        }
        #expect((5...14).contains(attempts), "\(attempts)")
    }

    @Test("one that is doubted gets sessions and one trial, and is not listed as failing")
    func doubted() throws {
        let routing = try Self.routing(["a"])
        #expect(!routing.hasOthers(for: S.key("s"), .rtmp, to: .view, than: OriginID("a"), at: S.at(0)))
        _ = try routing.store.beat(S.heartbeat("b"), at: S.at(0))
        #expect(routing.hasOthers(for: S.key("s"), .rtmp, to: .view, than: OriginID("a"), at: S.at(0)))
        routing.doubted(OriginID("a"), .rtmp)
        #expect((0..<40).contains { Self.first(routing, "s\($0)", at: 0) == "a" })
        #expect(routing.failingServices(of: OriginID("a")) == [])
        #expect(routing.takeTrials(of: [.rtmp], at: S.at(0), atMost: 9).map(\.origin) == [OriginID("a")])
        #expect(routing.takeTrials(of: [.rtmp], at: S.at(0), atMost: 9) == [])
        #expect(routing.failed(OriginID("a"), .rtmp, .refused, at: S.at(3)), "it is news")
        #expect(routing.failingServices(of: OriginID("a")) == [.rtmp])
        #expect(!routing.hasOthers(for: S.key("s"), .rtmp, to: .view, than: OriginID("b"), at: S.at(3)))
    }

    @Test("when all have failed the best is still tried, and what is news to an origin begins anew")
    func lastResort() throws {
        let routing = try Self.routing(["a", "b"])
        for name in ["a", "b"] { routing.failed(OriginID(name), .rtmp, .refused, at: S.at(0)) }
        #expect(Self.first(routing, "s", at: 0.1) != nil)
        _ = try routing.store.beat(S.heartbeat("b", service: "s2"), at: S.at(0.15))
        #expect((0..<20).allSatisfy { Self.first(routing, "s\($0)", at: 0.2) == "b" })
        _ = try routing.store.beat(S.heartbeat("a", state: .gone), at: S.at(0.3))
        routing.prune(at: S.at(0.3))
        _ = try routing.store.beat(S.heartbeat("a"), at: S.at(0.4))
        #expect(routing.failingServices(of: OriginID("a")) == [])
        #expect((0..<40).contains { Self.first(routing, "s\($0)", at: 0.5) == "a" })
    }

    /// What makes an origin another one for sessions.
    enum Turn: CaseIterable, Sendable {
        case restart, move, farewell, removal
    }

    @Test(
        "what sessions have shown of an origin ends when it is another one, and not what they show from then on",
        arguments: Turn.allCases)
    func eras(turn: Turn) throws {
        let routing = try Self.routing(["a", "b"])
        let (id, store) = (OriginID("a"), routing.store)
        func see(at second: Double) {
            routing.records.attempted(id, .rtmp)
            routing.failed(id, .rtmp, .refused, at: S.at(second))
            routing.rejected(id, .http, at: S.at(second))
        }
        func expect(attempts: Int, failing: [OriginService], full: [OriginService], at second: Double) {
            let record = routing.records.all(of: id).first?.record
            let listed = routing.records.all(of: store.origins).first { $0.origin == id }?.record
            #expect(record?.attempts == attempts && record?.open == 1 && listed == record)
            #expect(routing.failingServices(of: id) == failing && routing.failures(of: id).map(\.service) == failing)
            #expect(routing.fullServices(of: id, at: S.at(second)) == full)
            #expect((0..<40).contains { Self.first(routing, "s\($0)", at: second) == "a" } == failing.isEmpty)
        }
        see(at: 0)
        routing.records.opened(id, .rtmp)
        expect(attempts: 1, failing: [.rtmp], full: [.http], at: 0.1)
        switch turn {
        case .restart: _ = try store.beat(S.heartbeat("a", service: "s2"), at: S.at(0.2))
        case .move: _ = try store.beat(S.heartbeat("a", host: "10.0.0.6"), at: S.at(0.2))
        case .farewell:
            _ = try store.beat(S.heartbeat("a", state: .gone), at: S.at(0.2))
            _ = try store.beat(S.heartbeat("a"), at: S.at(0.2))
        case .removal:
            try store.deregister(id, at: S.at(0.2))
            _ = try store.beat(S.heartbeat("a"), at: S.at(0.2))
        }
        #expect(routing.takeTrials(of: [.rtmp], at: S.at(9), atMost: 9) == [])
        expect(attempts: 0, failing: [], full: [], at: 0.3)
        see(at: 0.4)
        routing.prune(at: S.at(0.5))
        expect(attempts: 1, failing: [.rtmp], full: [.http], at: 0.6)
        _ = try store.beat(
            S.heartbeat(
                "a", service: turn == .restart ? "s2" : "s1",
                host: turn == .move ? "10.0.0.6" : "10.0.0.5"), at: S.at(1))
        expect(attempts: 1, failing: [.rtmp], full: [.http], at: 1.1)
    }

    @Test("a viewer follows the claim, whatever has failed, and then goes where the publisher will come to")
    func owner() async throws {
        try await withLoops(1) { group in
            try await group.on { actor in
                let store = MemoryRegistry()
                for name in ["a", "b", "c"] { store.fix(S.heartbeat(name), at: actor.loop.now) }
                let routing = StreamRouting(store)
                let now = actor.loop.now
                for index in 0..<20 { _ = try await store.claim(S.request("s\(index)", "b"), on: actor).get() }
                routing.failed(OriginID("b"), .rtmp, .refused, at: now)
                for index in 0..<20 {
                    let route = try #require(routing.next(for: S.key("s\(index)"), .rtmp, at: now))
                    #expect(route.isOwner && route.origin.id == OriginID("b"))
                    let next = try #require(
                        routing.next(for: S.key("s\(index)"), .rtmp, tried: [OriginID("b")], at: now))
                    #expect(!next.isOwner && next.origin.id != OriginID("b"))
                }
                #expect(routing.next(for: S.key("s1"), .srt, at: now) == nil)
            }
        }
    }

    @Test("an owner is gone to whatever its state, and not passed by where it has not the service")
    func ownerInAnyState() async throws {
        try await withLoops(1) { group in
            try await group.on { actor in
                let store = MemoryRegistry()
                let now = actor.loop.now
                for name in ["a", "b", "c"] { _ = try store.beat(S.heartbeat(name), at: now) }
                _ = try await store.claim(S.request("s", "b"), on: actor).get()
                let routing = StreamRouting(store)
                func next(_ service: OriginService = .rtmp, tried: [OriginID] = []) -> String? {
                    routing.next(for: S.key("s"), service, tried: tried, at: now)?.origin.id.text
                }
                let busy = OriginLoad(processorPercent: 100)
                _ = try store.beat(S.heartbeat("b", state: .leaving, load: busy), at: now)
                #expect(next() == "b")
                routing.rejected(OriginID("b"), .rtmp, at: now)
                #expect(next() == "b")
                var without = S.heartbeat("b")
                without.endpoints.http = []
                _ = try store.beat(without, at: now)
                #expect(next(.http) == nil && next(.http, tried: [OriginID("b")]) == nil)
                #expect(!routing.hasOthers(for: S.key("s"), .http, to: .view, than: OriginID("b"), at: now))
                #expect(["a", "c"].contains(next(tried: [OriginID("b")])))
                #expect(routing.hasOthers(for: S.key("s"), .rtmp, to: .view, than: OriginID("b"), at: now))
                _ = try store.beat(S.heartbeat("b", service: "s2"), at: now)
                #expect(routing.next(for: S.key("s"), .rtmp, at: now)?.isOwner == false, "another start has nothing")
            }
        }
    }

    /// What may happen to an origin between two sessions.
    enum Loss: CaseIterable, Sendable {
        case farewell, leaving, silence, forgotten, failure, fullness
    }

    @Test("an origin is never returned because it was picked once", arguments: Loss.allCases)
    func notSticky(loss: Loss) throws {
        let routing = try Self.routing(["a", "b"])
        let key = try #require((0..<40).map { "s\($0)" }.first { Self.first(routing, $0, at: 0) == "a" })
        let store = routing.store
        var second = 0.1
        func beat(_ name: String, _ state: Heartbeat.State = .serving) throws {
            _ = try store.beat(S.heartbeat(name, state: state), at: S.at(second))
        }
        switch loss {
        case .farewell: try beat("a", .gone)
        case .leaving: try beat("a", .leaving)
        case .silence, .forgotten:
            // A rhythm of two seconds; one of them keeps it.
            for beats in 1...4 {
                second = Double(beats) * 2
                try beat("a")
                try beat("b")
            }
            let end = loss == .silence ? 20.0 : 400.0
            while second < end {
                second += 2
                try beat("b")
            }
            _ = store.watch(at: S.at(second))
            #expect((store.origins[OriginID("a")] == nil) == (loss == .forgotten))
        case .failure: routing.failed(OriginID("a"), .rtmp, .refused, at: S.at(second))
        case .fullness: routing.rejected(OriginID("a"), .rtmp, at: S.at(second))
        }
        for purpose in [SessionPurpose.publish, .view] {
            #expect(routing.next(for: S.key(key), .rtmp, to: purpose, at: S.at(second))?.origin.id == OriginID("b"))
        }
        second += 0.1
        try beat("a")
        if loss == .failure || loss == .fullness { routing.accepted(OriginID("a"), .rtmp, at: S.at(second)) }
        #expect(
            routing.next(for: S.key(key), .rtmp, to: .view, at: S.at(second))?.origin.id == OriginID("a"),
            "and comes back")
    }

    @Test("of a storm of sessions one asks an origin that was full, and it is listed as full meanwhile")
    func storm() throws {
        let routing = try Self.routing(["a", "b"])
        let keys = (0..<60).map { "s\($0)" }.filter { Self.first(routing, $0, at: 0) == "a" }
        #expect(keys.count > 10)
        routing.rejected(OriginID("a"), .rtmp, at: S.at(0))
        #expect(routing.fullServices(of: OriginID("a"), at: S.at(1)) == [.rtmp])
        #expect(routing.failingServices(of: OriginID("a")) == [], "it is well")
        #expect(keys.allSatisfy { Self.first(routing, $0, at: 1) == "b" })
        let asked = keys.count { Self.first(routing, $0, at: 4) == "a" }
        #expect(asked == 1)
        routing.rejected(OriginID("a"), .rtmp, at: S.at(4.1))
        routing.prune(at: S.at(4.2))
        #expect(keys.allSatisfy { Self.first(routing, $0, at: 5.5) == "b" })
        #expect(keys.count { Self.first(routing, $0, at: 9) == "a" } == 1)
        routing.accepted(OriginID("a"), .rtmp, at: S.at(9.1))
        #expect(keys.allSatisfy { Self.first(routing, $0, at: 9.2) == "a" })
        routing.rejected(OriginID("b"), .rtmp, at: S.at(10))
        routing.rejected(OriginID("a"), .rtmp, at: S.at(10))
        #expect(Self.first(routing, "s", at: 10) != nil, "when all are full, asking beats refusing")
    }
}
