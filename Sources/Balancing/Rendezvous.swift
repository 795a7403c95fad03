/// The numbers behind the draws.
enum Rendezvous {
    /// A number that looks random to everybody but is the same for the same two names.
    static func draw(key: UInt64, candidate: UInt64) -> UInt64 { NameHash.mix(key ^ NameHash.mix(candidate)) }

    /// -log₂ of `number` / 2⁶⁴ with 32 binary places; at least 1, so that it can be divided by.
    ///
    /// Numbers that are spread evenly have logarithms of which the smallest, each divided by its weight, falls to each
    /// candidate as often as its weight says.
    static func negativeLogarithm(_ number: UInt64) -> UInt64 {
        let number = max(number, 1)
        let whole = UInt64(63 - number.leadingZeroBitCount)
        // From 1 to 2, with 63 binary places. Each squaring brings the next place of the logarithm before the point.
        var mantissa = number << UInt64(number.leadingZeroBitCount)
        var places: UInt64 = 0
        for _ in 0..<32 {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            places <<= 1
            if square.high >> 63 == 1 {
                places |= 1
                mantissa = square.high
            } else {
                mantissa = square.high << 1 | square.low >> 63
            }
        }
        return max(64 << 32 - (whole << 32 + places), 1)
    }

    /// What `negativeLogarithm` is at least, at a fiftieth of its cost: -ln x is never less than 1 - x, and 1 / ln 2 is
    /// more than 1.4375.
    static func leastNegativeLogarithm(_ number: UInt64) -> UInt64 {
        let rest = ~number >> 32
        return rest + rest >> 2 + rest >> 3 + rest >> 4
    }
}

/// Finds the highest draw by weight: the smallest distance divided by its weight.
///
/// Of a thousand that enter about ten come near the best so far; the others cost no logarithm.
struct RendezvousContest {
    private let key: UInt64
    private var best: Entry?

    private struct Entry {
        let index: Int
        let number: UInt64
        let distance: UInt64
        let weight: UInt32
    }

    init(key: UInt64) { self.key = key }

    var winner: Int? { best?.index }

    mutating func enter(_ candidate: Candidate, at index: Int) {
        let number = Rendezvous.draw(key: key, candidate: candidate.name.value)
        guard let best else {
            self.best = entry(candidate, number, index)
            return
        }
        // weight / distance of both, brought to one denominator.
        let own = Product(UInt64(candidate.weight), best.distance)
        guard own >= Product(UInt64(best.weight), Rendezvous.leastNegativeLogarithm(number)) else { return }
        let entry = entry(candidate, number, index)
        let others = Product(UInt64(best.weight), entry.distance)
        if own > others || own == others && number > best.number { self.best = entry }
    }

    private func entry(_ candidate: Candidate, _ number: UInt64, _ index: Int) -> Entry {
        Entry(
            index: index, number: number, distance: Rendezvous.negativeLogarithm(number), weight: candidate.weight)
    }
}
