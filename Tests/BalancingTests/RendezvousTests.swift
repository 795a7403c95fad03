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
                Rendezvous.draw(key: NameHash.hash("live/\($0)"), candidate: 9) >> bit & 1 == 1
            }
            let names = (0..<2_000).count {
                Rendezvous.draw(key: 9, candidate: NameHash.hash("vid-\($0)")) >> bit & 1 == 1
            }
            #expect((880...1_120).contains(keys) && (880...1_120).contains(names), "bit \(bit)")
        }
    }
}
