import Bytes
import Media
import Registry
import TestKit
import Testing

@Suite("ClaimTable")
struct ClaimTableTests {
    private typealias S = Samples

    @Test("a stream is one origin's; another is told whose")
    func exclusive() throws {
        var table = ClaimTable()
        #expect(table.claim(of: S.key("a"), at: S.at(0)) == nil)
        let claim = try table.claim(S.request("a", "o1"), at: S.at(0))
        #expect(table.claim(of: S.key("a"), at: S.at(29)) == claim)
        #expect(throws: ClaimError.held(claim)) { _ = try table.claim(S.request("a", "o2"), at: S.at(1)) }
        #expect(throws: ClaimError.held(claim)) {
            _ = try table.claim(S.request("a", "o1", service: "s2"), at: S.at(1))
        }
        #expect(throws: ClaimError.held(claim)) { _ = try table.claim(S.request("a", "o1", .resume), at: S.at(1)) }
        #expect(try table.claim(S.request("b", "o2"), at: S.at(1)).origin == OriginID("o2"))
        #expect(table.streams == [OriginID("o1").nameHash: 1, OriginID("o2").nameHash: 1])
    }

    @Test(
        "whose a stream is, is told without the claim as well: of one that others have granted, and until a lease ends")
    func origin() throws {
        var table = ClaimTable()
        let claim = try table.claim(S.request("a", "o1"), at: S.at(0))
        #expect(table.origin(of: S.key("a"), at: S.at(30) + .nanoseconds(-1)) == OriginID("o1"))
        #expect(table.origin(of: S.key("a"), at: S.at(30)) == nil)
        #expect(table.origin(of: S.key("b"), at: S.at(0)) == nil)
        table.adopt(claim, granted: S.at(0))
        #expect(table.origin(of: S.key("a"), at: S.at(1_000)) == OriginID("o1"))
        table.forget(S.key("a"))
        #expect(table.origin(of: S.key("a"), at: S.at(1)) == nil)
    }

    @Test("a claim that others have granted is the same when they tell of it again, and gives way to a later one")
    func adoptedAgain() throws {
        var table = ClaimTable()
        let claim = StreamClaim(key: S.key("a"), origin: OriginID("o1"), instance: S.instance(), epoch: 3)
        let later = StreamClaim(key: claim.key, origin: OriginID("o2"), instance: S.instance(), epoch: 7)
        for granted in [5.0, 6, 7] {
            table.adopt(claim, granted: S.at(granted))
            let items = table.page(from: 0, count: 9, at: S.at(10)).items
            #expect(items.map(\.claim) == [claim] && items.map(\.age) == [.seconds(5)])
            #expect(table.counts.present == 1 && table.streams == [OriginID("o1").nameHash: 1])
        }
        table.adopt(later, granted: S.at(8))
        #expect(table.claim(of: claim.key, at: S.at(9)) == later && table.streams == [OriginID("o2").nameHash: 1])
    }

    @Test("a claim that was granted here ends no more by itself once others tell of it")
    func adoptedFromHere() throws {
        var table = ClaimTable()
        let claim = try table.claim(S.request("a", "o1"), at: S.at(0))
        table.adopt(claim, granted: S.at(0))
        table.expire(at: S.at(100))
        #expect(table.claim(of: claim.key, at: S.at(100)) == claim && table.counts.present == 1)
    }

    @Test("the same instance may replace its own publisher, and the ticket of the one before is worth nothing")
    func takeover() throws {
        var table = ClaimTable()
        let first = try table.claim(S.request("a", "o1"), at: S.at(0))
        let second = try table.claim(S.request("a", "o1"), at: S.at(1))
        #expect(second.epoch > first.epoch && table.streams[OriginID("o1").nameHash] == 1)
        #expect(table.renew(first, at: S.at(2)) == LostClaim(claim: first, holder: second))
        #expect(table.release(first, at: S.at(2)) == false)
        #expect(table.claim(of: S.key("a"), at: S.at(3)) == second)
    }

    @Test("a lease that is renewed goes on, and one that is not ends to the nanosecond")
    func lease() throws {
        var table = ClaimTable()
        let claim = try table.claim(S.request("a", "o1"), at: S.at(0))
        for second in stride(from: 20.0, through: 200, by: 20) {
            table.expire(at: S.at(second))
            #expect(table.renew(claim, at: S.at(second)) == nil)
        }
        #expect(table.claim(of: S.key("a"), at: S.at(230) + .nanoseconds(-1)) == claim)
        #expect(table.claim(of: S.key("a"), at: S.at(230)) == nil)
        #expect(table.renew(claim, at: S.at(230)) == LostClaim(claim: claim, holder: nil))
        #expect(table.release(claim, at: S.at(230)) == false)
        #expect(table.counts.present == 1)
        table.expire(at: S.at(232))
        #expect(table.counts.present == 0 && table.counts.expired == 1 && table.streams.isEmpty)
    }

    @Test(
        "after an expiry, swept or not, a claim has a higher epoch, and the old ticket does it no harm",
        arguments: [true, false])
    func lateHolder(swept: Bool) throws {
        var table = ClaimTable()
        let old = try table.claim(S.request("a", "o1"), at: S.at(0))
        if swept { table.expire(at: S.at(40)) }
        let new = try table.claim(S.request("a", "o2", .resume), at: S.at(40))
        #expect(new.epoch > old.epoch)
        #expect(table.renew(old, at: S.at(41)) == LostClaim(claim: old, holder: new))
        #expect(table.release(old, at: S.at(41)) == false)
        #expect(table.claim(of: S.key("a"), at: S.at(41)) == new && table.counts.expired == 1)
    }

    @Test("a release ends a claim once")
    func release() throws {
        var table = ClaimTable()
        let claim = try table.claim(S.request("a", "o1"), at: S.at(0))
        #expect(table.release(claim, at: S.at(1)) == true)
        #expect(table.release(claim, at: S.at(1)) == false)
        #expect(table.claim(of: S.key("a"), at: S.at(1)) == nil && table.streams.isEmpty)
        let next = try table.claim(S.request("a", "o2"), at: S.at(1))
        #expect(table.release(claim, at: S.at(2)) == false)
        #expect(table.claim(of: S.key("a"), at: S.at(2)) == next)
    }

    @Test("an origin's end takes its claims and no others")
    func drop() throws {
        var table = ClaimTable()
        for index in 0..<100 { _ = try table.claim(S.request("\(index)", "o\(index % 3)"), at: S.at(0)) }
        table.drop(OriginID("o1"))
        for index in 0..<100 {
            #expect((table.claim(of: S.key("\(index)"), at: S.at(1)) == nil) == (index % 3 == 1))
        }
        #expect(
            table.counts.dropped == 33 && table.counts.present == 67 && table.streams[OriginID("o1").nameHash] == nil)
        table.drop(OriginID("o1"))
        #expect(table.counts.dropped == 33)
    }

    @Test("beyond the most there may be new streams are refused, until leases have run out")
    func full() throws {
        var limits = ClaimTable.Limits()
        limits.maximumClaims = 2
        var table = ClaimTable(limits: limits)
        let first = try table.claim(S.request("a", "o"), at: S.at(0))
        _ = try table.claim(S.request("b", "o"), at: S.at(20))
        #expect(throws: ClaimError.full(maximum: 2)) { _ = try table.claim(S.request("c", "o"), at: S.at(21)) }
        #expect(try table.claim(S.request("a", "o"), at: S.at(21)).epoch > first.epoch, "no stream more")
        #expect(table.renew(first, at: S.at(22)) != nil)
        _ = try table.claim(S.request("c", "o"), at: S.at(53))
        #expect(table.counts.present == 1 && table.counts.expired == 2)
    }

    @Test("a list in parts shows every claim that stays exactly once, while others come and go")
    func pages() throws {
        var random = SplitMix(seed: 1)
        var table = ClaimTable()
        var passing: [StreamClaim] = []
        for index in 0..<500 { _ = try table.claim(S.request("stays-\(index)", "o"), at: S.at(0)) }
        var seen: [String: Int] = [:]
        var start: Int? = 0
        while let from = start {
            let page = table.page(from: from, count: 7, at: S.at(1))
            for item in page.items { seen[item.claim.key.stream, default: 0] += 1 }
            start = page.next
            for _ in 0..<20 {
                if random.next() % 2 == 0, let gone = passing.popLast() {
                    _ = table.release(gone, at: S.at(1))
                } else {
                    passing.append(try table.claim(S.request("passes-\(random.next())", "o"), at: S.at(1)))
                }
            }
            try #require(seen.count < 5_000)
        }
        #expect((0..<500).allSatisfy { seen["stays-\($0)"] == 1 })
        let page = table.page(from: 0, count: 1, at: S.at(2))
        #expect(page.items[0].age == .seconds(2) && page.items[0].leaseLeft == .seconds(28))
        for start in [Int.max, Int.min, 1 << 40] {
            let page = table.page(from: start, count: 100, at: S.at(2))
            #expect(page.total == table.counts.present && page.items.count == (start < 0 ? 100 : 0))
        }
    }
}
