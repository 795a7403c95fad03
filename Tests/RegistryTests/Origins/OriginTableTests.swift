import Bytes
import Reactor
import Testing

@testable import Registry

@Suite("OriginTable")
struct OriginTableTests {
    private static func beat(_ server: String, service: String = "s1", host: String = "10.0.0.5") -> Heartbeat {
        var endpoints = OriginEndpoints()
        endpoints.rtmp = [Endpoint(port: 1_935)]
        return Heartbeat(
            server: OriginID(server), instance: OriginInstance(service: service, process: "1"),
            host: HostName(host)!, endpoints: endpoints)
    }

    private static func count(_ liveness: Origin.Liveness, in table: OriginTable) -> Int {
        table.origins.all.count { $0.liveness == liveness }
    }

    private static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: 1 << 40) + .seconds(seconds) }

    @Test("an origin lives as long as it beats, is silent after three missed ones, and forgotten after 300 s")
    func life() throws {
        var table = OriginTable()
        #expect(try table.beat(Self.beat("a"), at: Self.at(0)) == .registered)
        #expect(try table.beat(Self.beat("a"), at: Self.at(10)) == .renewed)
        #expect(table.watch(at: Self.at(39.9)) == [])
        let late = table.watch(at: Self.at(40))
        #expect(late == [.silent(table.origins[OriginID("a")]!)] || late.count == 1)
        #expect(Self.count(.alive, in: table) == 0 && Self.count(.silent, in: table) == 1)
        #expect(table.watch(at: Self.at(41)) == [], "told once")
        #expect(try table.beat(Self.beat("a"), at: Self.at(100)) == .returned)
        #expect(Self.count(.alive, in: table) == 1)
        #expect(table.watch(at: Self.at(399.9)).count == 1, "silent")
        guard case .forgotten(let origin)? = table.watch(at: Self.at(400)).first else {
            Issue.record("not forgotten")
            return
        }
        #expect(origin.id == OriginID("a") && table.origins.all.isEmpty)
        #expect(try table.beat(Self.beat("a"), at: Self.at(500)) == .registered)
    }

    @Test("everybody knows since when an origin has been there: its start, or its return from silence")
    func presence() throws {
        var table = OriginTable()
        func since() -> Instant? { table[OriginID("a")]?.presentSince }
        for second in [0, 10, 20] { _ = try table.beat(Self.beat("a"), at: Self.at(Double(second))) }
        #expect(since() == Self.at(0))
        _ = table.watch(at: Self.at(100))
        #expect(try table.beat(Self.beat("a"), at: Self.at(101)) == .returned && since() == Self.at(101))
        var leaving = Self.beat("a")
        leaving.state = .leaving
        _ = try table.beat(leaving, at: Self.at(105))
        #expect(try table.beat(Self.beat("a"), at: Self.at(110)) == .returned && since() == Self.at(101), "never away")
        _ = try table.beat(Self.beat("a", service: "s2"), at: Self.at(120))
        #expect(since() == Self.at(120))
        table.fix(Self.beat("b"), at: Self.at(120))
        #expect(table[OriginID("b")]?.presentSince == nil)
    }

    @Test("what changes in a later beat is taken over: zone, labels, weight, addresses")
    func changes() throws {
        var table = OriginTable()
        var beat = Self.beat("a")
        _ = try table.beat(beat, at: Self.at(0))
        let before = try #require(table[OriginID("a")])
        #expect(before.addresses(of: .rtmp).map(\.port) == [1_935] && before.zone == nil)
        beat.zone = OriginZone("eu")
        beat.labels = ["rack": "7"]
        beat.weight = OriginWeight(7)!
        beat.endpoints.rtmp = [Endpoint(port: 1_936), Endpoint(port: 1_936)]
        #expect(try table.beat(beat, at: Self.at(1)) == .moved)
        let after = try #require(table[OriginID("a")])
        #expect(after.addresses(of: .rtmp).map(\.port) == [1_936] && !after.has(.http))
        #expect(after.zone == OriginZone("eu") && after.labels == ["rack": "7"] && after.weight.value == 7)
        #expect(before.zone == nil, "copies stay as they were")
    }

    @Test("another instance replaces the record, its rhythm too")
    func restart() throws {
        var table = OriginTable()
        for second in [0, 10, 20] { _ = try table.beat(Self.beat("a"), at: Self.at(Double(second))) }
        let outcome = try table.beat(Self.beat("a", service: "s2"), at: Self.at(21))
        #expect(outcome == .restarted(from: OriginInstance(service: "s1", process: "1")))
        #expect(table[OriginID("a")]?.instance.service == "s2" && table[OriginID("a")]?.rhythm.interval == nil)
        #expect(table.origins.all.count == 1)
    }

    @Test("a start that was replaced and beats on is left out until its successor is silent")
    func contested() throws {
        var table = OriginTable()
        _ = try table.beat(Self.beat("a", service: "s1"), at: Self.at(0))
        for second in [10, 19] { _ = try table.beat(Self.beat("a", service: "s2"), at: Self.at(Double(second))) }
        let successor = try #require(table[OriginID("a")]).instance
        #expect(try table.beat(Self.beat("a", service: "s1"), at: Self.at(20)) == .contested(with: successor))
        let past = OriginPast(interval: nil, presence: .zero)
        #expect(table.adopt(Self.beat("a", service: "s1"), at: Self.at(21), past) == nil)
        #expect(table[OriginID("a")]?.instance == successor)
        for second in [29, 39] { _ = try table.beat(Self.beat("a", service: "s2"), at: Self.at(Double(second))) }
        #expect(try table.beat(Self.beat("a", service: "s1"), at: Self.at(68)) == .contested(with: successor))
        #expect(try table.beat(Self.beat("a", service: "s1"), at: Self.at(69)) == .restarted(from: successor))
        #expect(try table.beat(Self.beat("a", service: "s3"), at: Self.at(71)) != .renewed, "a third is a restart")
    }

    @Test("a beat of another start that comes once takes the place of one that beats on until its next beat")
    func stray() throws {
        var table = OriginTable()
        for second in [0, 10] { _ = try table.beat(Self.beat("a", service: "s1"), at: Self.at(Double(second))) }
        let first = try #require(table[OriginID("a")]).instance
        #expect(try table.beat(Self.beat("a", service: "s2"), at: Self.at(11)) == .restarted(from: first))
        let stray = try #require(table[OriginID("a")]).instance
        #expect(try table.beat(Self.beat("a", service: "s1"), at: Self.at(12)) == .outdated, "it was on its way")
        #expect(try table.beat(Self.beat("a", service: "s1"), at: Self.at(20)) == .restarted(from: stray))
        // Two that beat in turn do not replace each other again and again.
        for second in [25, 35] {
            #expect(
                try table.beat(Self.beat("a", service: "s2"), at: Self.at(Double(second))) == .contested(with: first))
            #expect(try table.beat(Self.beat("a", service: "s1"), at: Self.at(Double(second + 5))) == .renewed)
        }
    }

    @Test("another address is told, and taken")
    func moved() throws {
        var table = OriginTable()
        _ = try table.beat(Self.beat("a"), at: Self.at(0))
        #expect(try table.beat(Self.beat("a", host: "origin-a"), at: Self.at(10)) == .moved)
        #expect(table[OriginID("a")]?.host == .name("origin-a"))
        #expect(try table.beat(Self.beat("a", host: "origin-a"), at: Self.at(20)) == .renewed)
    }

    @Test("one origin's silence is not another's")
    func independent() throws {
        var table = OriginTable()
        for second in stride(from: 0.0, through: 60, by: 5) {
            if second <= 20 { _ = try table.beat(Self.beat("a"), at: Self.at(second)) }
            _ = try table.beat(Self.beat("b"), at: Self.at(second))
            for outcome in table.watch(at: Self.at(second)) {
                guard case .silent(let origin) = outcome else { continue }
                #expect(origin.id == OriginID("a") && second == 35)
            }
        }
        #expect(["a", "b"].map { table[OriginID($0)]?.liveness } == [.silent, .alive])
    }

    @Test("a fixed origin needs no beats, and nobody takes its name")
    func fixed() throws {
        var table = OriginTable()
        table.fix(Self.beat("default"), at: Self.at(0))
        #expect(table.watch(at: Self.at(100_000)) == [] && Self.count(.fixed, in: table) == 1)
        #expect(throws: HeartbeatRefusal.taken(OriginID("default"))) {
            _ = try table.beat(Self.beat("default", service: "s2", host: "6.6.6.6"), at: Self.at(100_001))
        }
        #expect(table.origins.all.first?.host == HostName("10.0.0.5") && Self.count(.fixed, in: table) == 1)
    }

    @Test("beyond the most there may be, new ones are refused and known ones go on")
    func full() throws {
        var limits = OriginTable.Limits()
        limits.maximumOrigins = 2
        var table = OriginTable(limits: limits)
        for name in ["a", "b"] { _ = try table.beat(Self.beat(name), at: Self.at(0)) }
        #expect(throws: HeartbeatRefusal.full(maximum: 2)) { _ = try table.beat(Self.beat("c"), at: Self.at(1)) }
        #expect(try table.beat(Self.beat("b"), at: Self.at(10)) == .renewed)
    }

    @Test("one that is drained gets no other streams, also after a restart, a silence and an end, for a day")
    func drained() throws {
        var limits = OriginTable.Limits()
        limits.drainMemory = .seconds(1_000)
        var table = OriginTable(limits: limits)
        let id = OriginID("a")
        #expect(throws: OrderRefusal.unknown(id)) { try table.drain(id, true) }
        _ = try table.beat(Self.beat("a"), at: Self.at(0))
        try table.drain(id, true)
        #expect(table[id]?.takesStreams == false && table[id]?.liveness == .alive)
        #expect(try table.beat(Self.beat("a"), at: Self.at(10)) == .renewed)
        #expect(try table.beat(Self.beat("a", service: "s2"), at: Self.at(20)) != .renewed)
        #expect(table[id]?.isDrained == true)
        #expect(table.watch(at: Self.at(400)).count == 1 && table[id] == nil)
        _ = try table.beat(Self.beat("a"), at: Self.at(1_399))
        #expect(table[id]?.isDrained == true)
        try table.drain(id, false)
        #expect(table[id]?.takesStreams == true)
        try table.drain(id, true)
        try table.deregister(id, at: Self.at(1_400))
        _ = table.watch(at: Self.at(2_400))
        _ = try table.beat(Self.beat("a"), at: Self.at(2_400))
        #expect(table[id]?.isDrained == false, "a thousand seconds later nobody remembers")
    }

    @Test("one that is deregistered is gone until it beats again, unless the configuration says that it is there")
    func deregistered() throws {
        var table = OriginTable()
        _ = try table.beat(Self.beat("a"), at: Self.at(0))
        table.fix(Self.beat("f"), at: Self.at(0))
        try table.deregister(OriginID("a"), at: Self.at(1))
        #expect(throws: OrderRefusal.unknown(OriginID("a"))) { try table.deregister(OriginID("a"), at: Self.at(1)) }
        #expect(throws: OrderRefusal.fixed(OriginID("f"))) { try table.deregister(OriginID("f"), at: Self.at(1)) }
        #expect(try table.beat(Self.beat("a"), at: Self.at(2)) == .registered)
        try table.drain(OriginID("f"), true)
        #expect(table[OriginID("f")]?.takesStreams == false)
    }
}

@Suite("OriginTable, when origins go")
struct OriginFarewellTests {
    private typealias S = Samples

    @Test("an origin that leaves is known until it says farewell, and may come back")
    func leaving() throws {
        var table = OriginTable()
        _ = try table.beat(S.heartbeat("a"), at: S.at(0))
        #expect(try table.beat(S.heartbeat("a", state: .leaving), at: S.at(10)) == .leaving)
        #expect(table[OriginID("a")]?.liveness == .leaving && table[OriginID("a")]?.takesStreams == false)
        #expect(try table.beat(S.heartbeat("a", state: .leaving), at: S.at(20)) == .renewed)
        #expect(try table.beat(S.heartbeat("a"), at: S.at(30)) == .returned)
        #expect(table[OriginID("a")]?.takesStreams == true)
        #expect(try table.beat(S.heartbeat("a", state: .gone), at: S.at(31)) == .left)
        #expect(table.origins.all.isEmpty)
        #expect(try table.beat(S.heartbeat("a", state: .gone), at: S.at(32)) == .outdated)
        #expect(try table.beat(S.heartbeat("b", state: .leaving), at: S.at(32)) == .registered)
        #expect(table[OriginID("b")]?.liveness == .leaving)
    }

    @Test("one that leaves and then is silent is silent, and nothing of a late word from an earlier start is taken")
    func late() throws {
        var table = OriginTable()
        for second in [0, 10, 20] as [Double] {
            _ = try table.beat(S.heartbeat("a", state: .leaving), at: S.at(second))
        }
        #expect(table.watch(at: S.at(50)).count == 1 && table[OriginID("a")]?.liveness == .silent)
        #expect(try table.beat(S.heartbeat("a", state: .leaving), at: S.at(51)) == .leaving)
        _ = try table.beat(S.heartbeat("a", service: "s2"), at: S.at(52))
        for state in [Heartbeat.State.leaving, .gone] {
            #expect(try table.beat(S.heartbeat("a", state: state), at: S.at(53)) == .outdated)
        }
        #expect(table[OriginID("a")]?.instance == S.instance("s2") && table[OriginID("a")]?.liveness == .alive)
    }

    @Test("load and weight are those of the last beat")
    func load() throws {
        var table = OriginTable()
        _ = try table.beat(S.heartbeat("a"), at: S.at(0))
        #expect(table[OriginID("a")]?.load == OriginLoad() && table[OriginID("a")]?.weight == .usual)
        var next = S.heartbeat("a", load: OriginLoad(connections: 3, processorPercent: 4))
        next.weight = OriginWeight(7)!
        #expect(try table.beat(next, at: S.at(10)) == .renewed)
        #expect(table[OriginID("a")]?.load == next.load && table[OriginID("a")]?.weight.value == 7)
    }

    @Test("what others have heard is news if it is later; that another one has begun also where nobody could be heard")
    func adopt() throws {
        var table = OriginTable()
        let past = OriginPast(interval: .seconds(10), presence: .seconds(50))
        #expect(table.adopt(S.heartbeat("o"), at: S.at(0), past) == .registered)
        #expect(table[OriginID("o")]?.presentSince == S.at(-50))
        #expect(table.adopt(S.heartbeat("o"), at: S.at(0), past) == nil)
        table.forgive(at: S.at(60))
        #expect(table[OriginID("o")]?.rhythm.last == S.at(60) && table[OriginID("o")]?.rhythm.heard == S.at(0))
        #expect(table[OriginID("o")]?.past.presence == .seconds(50))
        #expect(table.adopt(S.heartbeat("o"), at: S.at(30), past) == nil)
        #expect(table.adopt(S.heartbeat("o", service: "s2"), at: S.at(0), past) == nil)
        #expect(table.adopt(S.heartbeat("o", service: "s2"), at: S.at(40), past) == .restarted(from: S.instance()))
    }
}
