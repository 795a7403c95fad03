import Foundation
import TestKit
import Testing

@testable import Balancing

@Suite("Rendezvous")
struct RendezvousTests {
    @Test("the logarithm is right to nine decimal places")
    func logarithm() {
        var random = SplitMix(seed: 7)
        let edges: [UInt64] = [1, 2, 3, 1 << 31, 1 << 32, 1 << 63, 1 << 63 + 1, .max - 1, .max]
        for number in edges + (0..<2_000).map({ _ in random.next() >> (random.next() % 64) }) where number > 0 {
            let ours = Double(Rendezvous.negativeLogarithm(number)) / 4_294_967_296
            #expect(abs(ours - (64 - log2(Double(number)))) < 1e-9, "\(number)")
        }
    }

    @Test("the bound of the logarithm is never above it, and near it where draws win")
    func leastLogarithm() {
        var random = SplitMix(seed: 9)
        let edges: [UInt64] = [0, 1, 2, 1 << 32, 1 << 63, 1 << 63 + 1, .max - 1, .max]
        for number in edges + (0..<2_000).map({ _ in random.next() >> (random.next() % 64) }) {
            let (least, exact) = (
                Rendezvous.leastNegativeLogarithm(number), Rendezvous.negativeLogarithm(number)
            )
            #expect(least <= exact, "\(number)")
            if number > .max / 100 * 99 { #expect(least + 64 >= exact / 100 * 98) }
        }
    }

    @Test("a contest has the winner that a look at every logarithm has")
    func contest() {
        var random = SplitMix(seed: 10)
        for _ in 0..<500 {
            let candidates = (0..<Int(1 + random.next() % 40)).map { _ in
                Candidate(NameHash("\(random.next())"), weight: UInt32(1 + random.next() % 10_000_000))
            }
            let key = random.next()
            var contest = RendezvousContest(key: key)
            for index in candidates.indices { contest.enter(candidates[index], at: index) }
            let scores = candidates.map {
                Double($0.weight)
                    / Double(Rendezvous.negativeLogarithm(Rendezvous.draw(key: key, candidate: $0.name.value)))
            }
            #expect(contest.winner == scores.indices.max { scores[$0] < scores[$1] })
        }
    }

    @Test("a name that is put together has the hash of the whole")
    func names() {
        var hash = NameHash("live")
        hash.append("/")
        hash.append("ü")
        #expect(hash == NameHash("live/ü") && hash != NameHash("live/u"))
        #expect(NameHash("a").value == 0xAF63_DC4C_8601_EC8C)
    }

    @Test("larger numbers never have larger distances, and none has none")
    func monotone() {
        var random = SplitMix(seed: 8)
        let numbers = (0..<2_000).map { _ in random.next() >> (random.next() % 64) }.sorted()
        let distances = numbers.map(Rendezvous.negativeLogarithm)
        #expect(zip(distances, distances.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(Rendezvous.negativeLogarithm(0) == 64 << 32 && Rendezvous.negativeLogarithm(.max) == 1)
    }

    @Test("every bit of a draw is set as often as not, whichever name changes")
    func spread() {
        for bit in 0..<64 as Range<UInt64> {
            let keys = (0..<2_000).count {
                Rendezvous.draw(key: NameHash("live/\($0)").value, candidate: 9) >> bit & 1 == 1
            }
            let names = (0..<2_000).count {
                Rendezvous.draw(key: 9, candidate: NameHash("vid-\($0)").value) >> bit & 1 == 1
            }
            #expect((880...1_120).contains(keys) && (880...1_120).contains(names), "bit \(bit)")
        }
    }
}
