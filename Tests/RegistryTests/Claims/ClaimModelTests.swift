import Bytes
import Media
import Registry
import TestKit
import Testing

/// The table against a list of facts that is looked through from end to end.
@Suite("ClaimTable, compared with a naive one")
struct ClaimModelTests {
    private struct Naive {
        struct Fact {
            let claim: StreamClaim
            var ends: Instant
        }

        var facts: [Fact] = []

        func holder(of key: StreamKey, at now: Instant) -> StreamClaim? {
            facts.last { $0.claim.key == key && $0.ends > now }?.claim
        }

        mutating func renew(_ claim: StreamClaim, until ends: Instant) {
            for index in facts.indices where facts[index].claim == claim { facts[index].ends = ends }
        }

        mutating func end(_ isEnded: (StreamClaim) -> Bool) { facts.removeAll { isEnded($0.claim) } }
    }

    private static func outcome(
        of request: ClaimRequest, _ table: inout ClaimTable, at now: Instant
    ) -> Result<StreamClaim, ClaimError> {
        do throws(ClaimError) {
            return .success(try table.claim(request, at: now))
        } catch {
            return .failure(error)
        }
    }

    /// Every claim that was ever granted, as holders that are late still have them.
    private static func step(
        _ table: inout ClaimTable, _ naive: inout Naive, _ tickets: inout [StreamClaim], _ random: inout SplitMix,
        at now: Instant
    ) throws {
        let lease = table.limits.lease
        let ticket = tickets.randomElement(using: &random)
        switch random.next() % 10 {
        case 0..<4:
            let request = Samples.request(
                "\(random.next() % 12)", "o\(random.next() % 3)", service: "s\(random.next() % 2)",
                random.next() % 3 == 0 ? .resume : .publish)
            let holder = naive.holder(of: request.key, at: now)
            let mayTake = holder.map { request.purpose == .publish && $0.hasSameOwner(as: request) } ?? true
            switch outcome(of: request, &table, at: now) {
            case .success(let claim):
                try require(mayTake && claim.epoch > (tickets.last?.epoch ?? 0), "granted \(claim)")
                naive.end { $0.key == request.key }
                naive.facts.append(.init(claim: claim, ends: now + lease))
                tickets.append(claim)
            case .failure(let error):
                try require(!mayTake && error == .held(holder!), "refused: \(error)")
            }
        case 4..<7:
            guard let ticket else { return }
            let holder = naive.holder(of: ticket.key, at: now)
            let lost = table.renew(ticket, at: now)
            try require(
                lost == (holder == ticket ? nil : LostClaim(claim: ticket, holder: holder)), "renewed \(ticket)")
            if lost == nil { naive.renew(ticket, until: now + lease) }
        case 7:
            guard let ticket else { return }
            let isHolder = naive.holder(of: ticket.key, at: now) == ticket
            try require(table.release(ticket, at: now) == isHolder, "released \(ticket)")
            if isHolder { naive.end { $0 == ticket } }
        case 8: table.expire(at: now)
        default:
            guard random.next() % 8 == 0 else { return }
            let origin = OriginID("o\(random.next() % 3)")
            table.drop(origin)
            naive.end { $0.origin == origin }
        }
    }

    @Test(
        "no order of claims, renewals, releases, ends and late holders makes them differ",
        arguments: 0..<10 as Range<UInt64>)
    func same(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var table = ClaimTable()
        var naive = Naive()
        var tickets: [StreamClaim] = []
        var now = Samples.at(0)
        for _ in 0..<4_000 {
            now = now + .milliseconds(Int64(random.next() % 4_000))
            try Self.step(&table, &naive, &tickets, &random, at: now)
            for name in 0..<12 {
                let key = Samples.key("\(name)")
                try require(table.claim(of: key, at: now) == naive.holder(of: key, at: now), "\(key)")
            }
            // Facts that are over are looked through no more.
            naive.facts.removeAll { $0.ends <= now }
            let shown = table.page(from: 0, count: 100, at: now).items.map(\.claim)
            try require(Set(shown) == Set(naive.facts.map(\.claim)), "listed")
            try require(table.counts.present >= shown.count, "there are as many as are listed, and those not swept yet")
            try require(table.counts.present == table.streams.values.reduce(0, +), "counted")
            if tickets.count > 60 { tickets.removeFirst() }
        }
        // Nothing is left behind.
        table.expire(at: now + .seconds(100))
        #expect(table.counts.present == 0 && table.streams.isEmpty)
        let counts = table.counts
        #expect(counts.granted == counts.released + counts.expired + counts.dropped)
    }
}
