import Bytes
import Media
import Reactor
import TestKit
import Testing

@testable import Registry

@Suite("OriginRouter")
struct OriginRouterTests {
    private typealias S = Samples

    /// Origins that beat, and the streams that were bound to them.
    private struct Cluster {
        var table = OriginTable()
        var claims = ClaimTable()
        var router = OriginRouter()
        var out: Set<OriginID> = []
        var conditions: [OriginID: ServiceCondition] = [:]

        init(_ count: Int, seed: UInt64 = 0) throws {
            for index in 0..<count { try beat("vid-\(seed)-\(index)") }
        }

        mutating func beat(
            _ name: String, service: String = "s1", state: Heartbeat.State = .serving, load: OriginLoad = OriginLoad(),
            weight: UInt32 = 100, change: (inout Heartbeat) -> Void = { _ in }
        ) throws {
            var heartbeat = S.heartbeat(name, service: service, state: state, load: load)
            heartbeat.weight = OriginWeight(weight)!
            change(&heartbeat)
            _ = try table.beat(heartbeat, at: S.at(0))
        }

        var snapshot: OriginSnapshot { OriginSnapshot(table.origins, streams: claims.streams) }

        /// The order in which a session tries them.
        func candidates(
            _ name: String, _ service: OriginService = .rtmp, to purpose: SessionPurpose = .publish,
            at seconds: Double = 0, draw: UInt64 = 0
        ) -> [String] {
            let now = S.at(seconds)
            var tried: [OriginID] = []
            while let next = router.place(
                S.key(name), service, to: purpose, among: snapshot, tried: tried, at: now, draw: draw,
                condition: { conditions[$0] ?? (out.contains($0) ? S.out(at: now) : nil) })
            {
                tried.append(next.id)
            }
            return tried.map(\.text)
        }

        /// As a publisher that comes, is accepted by the first, and claims.
        @discardableResult
        mutating func publish(_ name: String) throws -> String {
            let winner = try #require(candidates(name).first)
            _ = try claims.claim(S.request(name, winner), at: S.at(0))
            return winner
        }
    }

    @Test("1,000 streams on 10 origins stay within 10 % of the ideal", arguments: 0..<10 as Range<UInt64>)
    func balance(seed: UInt64) throws {
        var cluster = try Cluster(10, seed: seed)
        for index in 0..<1_000 { try cluster.publish("stream-\(index)") }
        #expect(cluster.claims.streams.count == 10)
        for (origin, streams) in cluster.claims.streams {
            #expect((90...110).contains(streams), "\(origin) \(streams)")
        }
    }

    @Test("all that have the same snapshot agree, whatever the order in which they learnt of the origins")
    func agreement() throws {
        var random = SplitMix(seed: 5)
        var one = try Cluster(0)
        var two = try Cluster(0)
        let loads = (0..<20).map { _ in
            OriginLoad(connections: Int(random.next() % 500), processorPercent: Int(random.next() % 101))
        }
        for index in (0..<20).shuffled(using: &random) { try one.beat("o\(index)", load: loads[index]) }
        for index in (0..<20).shuffled(using: &random) { try two.beat("o\(index)", load: loads[index]) }
        for index in 0..<300 {
            #expect(one.candidates("stream-\(index)") == two.candidates("stream-\(index)"))
            #expect(try one.publish("stream-\(index)") == two.publish("stream-\(index)"))
        }
    }

    @Test("origins that are silent, leaving or out get no new streams; when all are out, trying beats refusing")
    func unusable() throws {
        var cluster = try Cluster(4)
        try cluster.beat("vid-0-0", state: .leaving)
        cluster.out = [OriginID("vid-0-1")]
        for index in 0..<50 { #expect(Set(cluster.candidates("s\(index)")) == ["vid-0-2", "vid-0-3"]) }
        cluster.out = Set((0..<4).map { OriginID("vid-0-\($0)") })
        #expect(Set(cluster.candidates("a")) == ["vid-0-1", "vid-0-2", "vid-0-3"])
        _ = cluster.table.watch(at: S.at(250))
        cluster.table.fix(S.heartbeat("fixed"), at: S.at(250))
        #expect(cluster.candidates("a") == ["fixed"], "the only one that is not out")
        cluster.out = []
        #expect(cluster.candidates("a").count == 4, "one that is fixed is like any other")
        #expect(try Cluster(0).candidates("a") == [])
    }

    @Test("viewers count as well, and busy processors come last")
    func load() throws {
        var cluster = try Cluster(0)
        try cluster.beat("quiet")
        try cluster.beat("crowded", load: OriginLoad(connections: 1_000))
        for index in 0..<90 { #expect(try cluster.publish("s\(index)") == "quiet") }
        try cluster.beat("quiet", load: OriginLoad(processorPercent: 95))
        #expect(cluster.candidates("t") == ["crowded", "quiet"])
        try cluster.beat("crowded", load: OriginLoad(connections: 1_000, processorPercent: 90))
        for index in 0..<5 { #expect(try cluster.publish("t\(index)") == "quiet", "both busy") }
    }

    @Test(
        "viewers of streams that nobody has yet agree whatever the loads, and publishers with them while there is room")
    func viewers() throws {
        var (left, right) = (try Cluster(4), try Cluster(4))
        for index in 0..<30 { _ = try left.claims.claim(S.request("of the left \(index)", "vid-0-3"), at: S.at(0)) }
        try right.beat("vid-0-1", load: OriginLoad(connections: 500, processorPercent: 95))
        var met = 0
        for index in 0..<200 {
            let name = "stream-\(index)"
            let first = left.candidates(name, to: .view)
            #expect(first == right.candidates(name, to: .view) && first.count == 4)
            // Nobody has less than its share where all have the same.
            let empty = try Cluster(4)
            #expect(empty.candidates(name) == first)
            if left.candidates(name).first == first.first { met += 1 }
        }
        #expect(met > 100 && met < 200, "\(met): the bound moves some publishers")
        left.out = [OriginID("vid-0-2")]
        #expect(left.candidates("stream-1", to: .view).count == 3, "health counts")
    }

    @Test("weights are shares")
    func weights() throws {
        var cluster = try Cluster(0)
        try cluster.beat("small", weight: 100)
        try cluster.beat("large", weight: 300)
        for index in 0..<400 { try cluster.publish("s\(index)") }
        #expect((90...110).contains(cluster.claims.streams[OriginID("small").nameHash] ?? 0))
    }

    @Test("an origin that goes takes only its own streams along")
    func removal() throws {
        var cluster = try Cluster(10)
        var owners: [Int: String] = [:]
        for index in 0..<1_000 { owners[index] = try cluster.publish("s\(index)") }
        let before = (0..<1_000).map { cluster.candidates("s\($0)", to: .view)[0] }
        try cluster.beat("vid-0-4", state: .gone)
        cluster.claims.drop(OriginID("vid-0-4"))
        for index in 0..<1_000 {
            let now = cluster.candidates("s\(index)", to: .view)[0]
            #expect(before[index] == "vid-0-4" ? now != "vid-0-4" : now == before[index])
            if owners[index] == "vid-0-4" { try cluster.publish("s\(index)") }
        }
        for streams in cluster.claims.streams.values { #expect((100...122).contains(streams)) }
    }

    @Test("a publisher stays in the proxy's zone while somebody there is fit, and viewers of all zones agree")
    func zones() throws {
        var cluster = try Cluster(0)
        for index in 0..<9 {
            try cluster.beat("o\(index)") { $0.zone = ["a", "b", nil][index % 3].map { OriginZone($0) } }
        }
        var other = cluster
        cluster.router.zone = OriginZone("a")
        other.router.zone = OriginZone("b")
        let ofA = ["o0", "o3", "o6"]
        let ofB = ["o1", "o4", "o7"]
        for index in 0..<100 {
            let name = "s\(index)"
            #expect(Set(cluster.candidates(name).prefix(3)) == Set(ofA) && cluster.candidates(name).count == 9)
            #expect(Set(other.candidates(name).prefix(3)) == Set(ofB))
            #expect(cluster.candidates(name, to: .view) == other.candidates(name, to: .view))
        }
        for index in 0..<90 { try cluster.publish("p\(index)") }
        for name in ofA { #expect((27...33).contains(cluster.claims.streams[OriginID(name).nameHash] ?? 0)) }
        cluster.out = Set(ofA.map { OriginID($0) })
        #expect(Set(cluster.candidates("s")) == ["o1", "o2", "o4", "o5", "o7", "o8"])
        cluster.out = []
        for name in ofA {
            try cluster.beat(name, load: OriginLoad(processorPercent: 95)) { $0.zone = OriginZone("a") }
        }
        #expect(Set(cluster.candidates("s").suffix(3)) == Set(ofA), "busy ones come last, near as they are")
        cluster.router.zone = OriginZone("c")
        #expect(cluster.candidates("s").count == 9, "nobody is there")
    }

    @Test(
        "only origins that can be used are chosen, and all of them, by every policy", arguments: RoutingPolicy.allCases)
    func policies(policy: RoutingPolicy) throws {
        var cluster = try Cluster(6)
        cluster.router.policy = policy.placement
        try cluster.beat("vid-0-0", state: .leaving)
        try cluster.beat("vid-0-1") { $0.endpoints.rtmp = [Endpoint(transport: .udp, port: 1)] }
        cluster.out = [OriginID("vid-0-2")]
        var random = SplitMix(seed: 6)
        var winners: Set<String> = []
        for index in 0..<200 {
            let order = cluster.candidates("s\(index)", draw: random.next())
            #expect(Set(order) == ["vid-0-3", "vid-0-4", "vid-0-5"] && order.count == 3)
            winners.insert(order[0])
            #expect(cluster.candidates("s\(index)", to: .view) == cluster.candidates("s\(index)", to: .view, draw: 9))
        }
        #expect(winners == ["vid-0-3", "vid-0-4", "vid-0-5"])
    }

    @Test("one that is full comes after all others that are not out, for publishers and viewers")
    func full() throws {
        var cluster = try Cluster(3)
        var full = ServiceCondition()
        full.rejected(at: S.at(0), draw: 0)
        cluster.conditions[OriginID("vid-0-1")] = full
        for index in 0..<30 {
            #expect(cluster.candidates("s\(index)").last == "vid-0-1")
            #expect(cluster.candidates("s\(index)", to: .view).last == "vid-0-1")
        }
        cluster.out = [OriginID("vid-0-0"), OriginID("vid-0-2")]
        #expect(cluster.candidates("s") == ["vid-0-1"])
        cluster.out = []
        #expect((0..<30).contains { cluster.candidates("s\($0)", at: 5).first == "vid-0-1" }, "it was a moment")
    }

    @Test(
        "an origin that comes back gets no more at any time than its part so far, and all of it in the end",
        arguments: RoutingPolicy.allCases)
    func slowStart(policy: RoutingPolicy) throws {
        var cluster = try Cluster(9)
        for index in 0..<900 { try cluster.publish("before \(index)") }
        cluster.router.policy = policy.placement
        var back = S.heartbeat("back")
        back.weight = .usual
        _ = try cluster.table.beat(back, at: S.at(100))
        var random = SplitMix(seed: 7)
        var streams = 0
        for index in 0..<1_000 {
            // 25 a second.
            let seconds = 100 + Double(index) / 25
            let winner = try #require(cluster.candidates("s\(index)", at: seconds, draw: random.next()).first)
            _ = try cluster.claims.claim(S.request("s\(index)", winner), at: S.at(0))
            guard winner == "back" else { continue }
            streams += 1
            let part = Double(cluster.router.slowStart.part(since: S.at(100), at: S.at(seconds))) / 1_000
            // Of one that has its whole weight, and a stream more: two choices give a little more than the share.
            let share = Double(900 + index + 1) * part / (9 + part)
            #expect(Double(streams) <= share * 1.1 + 1, "\(seconds)")
        }
        #expect(streams > 100, "\(streams): all have 190, and two choices take longer")
        if policy != .randomTwo {
            #expect((155...195).contains(streams), "\(streams): less what others may have beyond it")
        }
    }
}
