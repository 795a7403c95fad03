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

        var snapshot: OriginSnapshot { OriginSnapshot(table.byID, streams: claims.streams) }

        func candidates(
            _ name: String, _ service: OriginService = .rtmp, to purpose: SessionPurpose = .publish
        ) -> [String] {
            let key = S.key(name)
            let owner = claims.claim(of: key, at: S.at(0)).flatMap { claim in
                table.byID[claim.origin].map { StreamOwner(claim: claim, origin: $0) }
            }
            return router.candidates(for: key, service, to: purpose, owner: owner, among: snapshot) {
                out.contains($0)
            }.map(\.id.text)
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

    @Test("a stream that somebody has is at its owner, whatever the owner's state")
    func owner() throws {
        var cluster = try Cluster(5)
        let owner = try cluster.publish("a")
        let others = Set(cluster.candidates("a").dropFirst())
        #expect(others.count == 4 && !others.contains(owner))
        cluster.out = [OriginID(owner)]
        #expect(cluster.candidates("a").first == owner)
        try cluster.beat(owner, state: .leaving, load: OriginLoad(processorPercent: 100))
        #expect(cluster.candidates("a").first == owner && cluster.candidates("a").count == 5)
        #expect(!cluster.candidates("b").contains(owner), "no stream more")
        _ = cluster.table.watch(at: S.at(299))
        #expect(cluster.candidates("a").first == owner)
    }

    @Test("an owner without the service is not passed by: nobody else has the stream")
    func ownerWithoutService() throws {
        var cluster = try Cluster(3)
        let owner = try cluster.publish("a")
        try cluster.beat(owner) { $0.endpoints.http = [] }
        #expect(cluster.candidates("a", .http) == [] && cluster.candidates("a").first == owner)
        #expect(cluster.candidates("b", .http).count == 2)
        #expect(cluster.candidates("b", .srt) == [])
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
        let owner = try left.publish("stream-2")
        #expect(left.candidates("stream-2", to: .view).first == owner)
    }

    @Test("weights are shares")
    func weights() throws {
        var cluster = try Cluster(0)
        try cluster.beat("small", weight: 100)
        try cluster.beat("large", weight: 300)
        for index in 0..<400 { try cluster.publish("s\(index)") }
        #expect((90...110).contains(cluster.claims.streams[OriginID("small")] ?? 0))
    }

    @Test("an origin that goes takes only its own streams along")
    func removal() throws {
        var cluster = try Cluster(10)
        for index in 0..<1_000 { try cluster.publish("s\(index)") }
        let before = (0..<1_000).map { cluster.candidates("s\($0)")[0] }
        try cluster.beat("vid-0-4", state: .gone)
        cluster.claims.drop(OriginID("vid-0-4"))
        for index in 0..<1_000 {
            let now = cluster.candidates("s\(index)")[0]
            #expect(before[index] == "vid-0-4" ? now != "vid-0-4" : now == before[index])
            if before[index] == "vid-0-4" { try cluster.publish("s\(index)") }
        }
        for streams in cluster.claims.streams.values { #expect((100...122).contains(streams)) }
    }
}
