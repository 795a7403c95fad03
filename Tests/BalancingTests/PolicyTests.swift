import TestKit
import Testing

@testable import Balancing

@Suite("PlacementPolicy")
struct PolicyTests {
    enum Kind: CaseIterable, Sendable {
        case hash, leastLoad, randomTwo

        var policy: any PlacementPolicy {
            switch self {
            case .hash: BoundedRendezvous()
            case .leastLoad: LeastLoaded()
            case .randomTwo: RandomTwo()
            }
        }
    }

    private static func candidates(_ count: Int, weights: [UInt32] = [1]) -> [Candidate] {
        (0..<count).map { Candidate(name: "vid-\($0)", weight: weights[$0 % weights.count]) }
    }

    @Test("1,000 keys on 10 candidates are spread evenly", arguments: Kind.allCases, 0..<5 as Range<UInt64>)
    func balance(kind: Kind, seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var candidates = Self.candidates(10)
        for index in 0..<1_000 {
            let place = kind.policy.pick(for: NameHash("\(seed)/\(index)"), among: candidates, draw: random.next())
            candidates[try #require(place)].load += 1
        }
        // What is known of two choices: a few more than the mean.
        for candidate in candidates { #expect((85...110).contains(candidate.load), "\(candidate)") }
    }

    @Test("weights are shares", arguments: Kind.allCases)
    func weights(kind: Kind) throws {
        var random = SplitMix(seed: 2)
        var candidates = Self.candidates(8, weights: [1, 2, 5])
        let weights = candidates.reduce(0) { $0 + Int($1.weight) }
        for index in 0..<4_000 {
            let place = kind.policy.pick(for: NameHash("live/\(index)"), among: candidates, draw: random.next())
            candidates[try #require(place)].load += 1
        }
        for candidate in candidates {
            let ideal = 4_000 * Int(candidate.weight) / weights
            #expect((ideal * 85 / 100...ideal * 115 / 100).contains(candidate.load), "\(candidate), not \(ideal)")
        }
    }

    @Test("an answer follows from the snapshot and the draw, whatever the order", arguments: Kind.allCases)
    func determinism(kind: Kind) throws {
        var random = SplitMix(seed: 3)
        for index in 0..<300 {
            let candidates = (0..<Int(1 + random.next() % 20)).map {
                Candidate(name: "vid-\($0)", weight: UInt32(1 + random.next() % 3), load: Int(random.next() % 4))
            }
            let shuffled = candidates.shuffled(using: &random)
            let (key, draw) = (NameHash("live/\(index)"), random.next())
            let one = try #require(kind.policy.pick(for: key, among: candidates, draw: draw))
            let two = try #require(kind.policy.pick(for: key, among: shuffled, draw: draw))
            #expect(candidates[one] == shuffled[two])
            #expect(kind.policy.pick(for: key, among: candidates, draw: draw) == one)
        }
    }

    @Test("nobody, one, and all of them one after the other", arguments: Kind.allCases)
    func few(kind: Kind) {
        #expect(kind.policy.pick(for: NameHash("a"), among: [], draw: 1) == nil)
        #expect(kind.policy.pick(for: NameHash(""), among: Self.candidates(1), draw: .max) == 0)
        let huge = (0..<4).map { Candidate(name: "\($0)", weight: .max, load: .max / 8) }
        for draw in 0..<50 as Range<UInt64> {
            let order = kind.policy.ranking(of: "live/\(draw)", among: Self.candidates(12), draw: draw)
            #expect(order.count == 12 && Set(order).count == 12)
            #expect(kind.policy.ranking(of: "live/a", among: huge, draw: draw).count == 4)
        }
    }

    @Test("least-load goes to the one with least for its weight, and between equals the key decides")
    func leastLoad() {
        let loaded = [
            Candidate(name: "a", weight: 1, load: 10), Candidate(name: "b", weight: 4, load: 30),
            Candidate(name: "c", weight: 1, load: 9),
        ]
        for index in 0..<20 { #expect(LeastLoaded().pick(for: NameHash("\(index)"), among: loaded, draw: 0) == 1) }
        let equal = (0..<4).map { Candidate(name: "vid-\($0)", load: 7) } + [Candidate(name: "more", load: 8)]
        let winners = (0..<100).map { LeastLoaded().pick(for: NameHash("\($0)"), among: equal, draw: 0) }
        #expect(Set(winners) == [0, 1, 2, 3])
    }

    @Test("random-two follows the draw and not the key, and never goes to the most loaded of all")
    func randomTwo() {
        var random = SplitMix(seed: 4)
        var candidates = Self.candidates(6)
        candidates[2].load = 5
        var winners: Set<Int> = []
        for index in 0..<500 {
            let draw = random.next()
            let one = RandomTwo().pick(for: NameHash("\(index)"), among: candidates, draw: draw)
            #expect(one == RandomTwo().pick(for: NameHash("another"), among: candidates, draw: draw))
            winners.insert(one ?? -1)
        }
        #expect(winners == [0, 1, 3, 4, 5])
    }
}
