import Bytes
import TestKit
import Testing

@testable import Service

@Suite("Roster")
struct RosterTests {
    private let now = Instant(nanoseconds: 5)

    @Test("whatever goes in whatever order, the others are found, and pages show each once", arguments: UInt64(1)...6)
    func removal(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var roster = Roster<Int>(loop: 3)
        var left = (0..<60).map { (roster.add($0, at: now), $0) }
        while !left.isEmpty {
            let (gone, _) = left.remove(at: Int.random(in: 0..<left.count, using: &random))
            roster.remove(gone)
            roster.remove(gone)
            #expect(roster.member(gone) == nil && roster.count == left.count)
            for (id, member) in left { #expect(roster.member(id) == member) }
            var seen: [Int] = []
            for start in stride(from: 0, to: 60, by: 7) {
                seen += roster.look(at: ListingPage(start: "\(start)", count: "7")) { $0.member }
            }
            #expect(seen.sorted() == left.map(\.1).sorted())
        }
    }

    @Test("a name is of one loop, and never used again")
    func names() {
        var roster = Roster<Int>(loop: 3)
        let first = roster.add(1, at: now)
        roster.remove(first)
        let second = roster.add(2, at: now)
        #expect(first != second && RosterID(second.description) == second)
        #expect(roster.member(RosterID(loop: 2, number: second.number)) == nil)
        roster.remove(RosterID(loop: 2, number: second.number))
        #expect(roster.count == 1)
    }

    @Test(
        "what is no name is none",
        arguments: ["", "-", "1", "1-", "-1", "1-2-3", "01-2", "1-02", "1- 2", "x-2", "1-18446744073709551616", "-1-2"])
    func noNames(text: String) {
        #expect(RosterID(text) == nil)
    }
}

@Suite("ByteRates")
struct ByteRatesTests {
    private func at(_ seconds: Int) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }

    @Test("asked often they are those of the last 15 to 30 s")
    func often() {
        var rates = ByteRates(at: at(0))
        // 1,000 bytes a second, then 3,000.
        var seen: [UInt64] = []
        for second in stride(from: 5, through: 90, by: 5) {
            let bytes = UInt64(second <= 45 ? second * 1_000 : 45_000 + (second - 45) * 3_000)
            seen.append(rates.kilobits(.init(received: bytes, sent: 2 * bytes), at: at(second)).received)
        }
        #expect(seen.prefix(9).allSatisfy { $0 == 8 })
        #expect(seen.suffix(4).allSatisfy { $0 == 24 })
        #expect(seen == seen.sorted())
    }

    @Test("asked seldom they are those since the last time, both ways")
    func seldom() {
        var rates = ByteRates(at: at(0))
        #expect(rates.kilobits(.init(received: 100_000, sent: 0), at: at(100)) == .init(received: 8, sent: 0))
        #expect(rates.kilobits(.init(received: 100_000, sent: 50_000), at: at(200)) == .init(received: 0, sent: 4))
    }

    @Test("no time and counters beyond reason do no harm")
    func extremes() {
        var rates = ByteRates(at: at(10))
        #expect(rates.kilobits(.init(), at: at(10)) == .init())
        #expect(rates.kilobits(.init(received: .max, sent: 1), at: at(10)) == .init(received: .max, sent: 8))
        #expect(rates.kilobits(.init(received: 0, sent: 1), at: at(3)) == .init(received: 0, sent: 8))
    }
}
