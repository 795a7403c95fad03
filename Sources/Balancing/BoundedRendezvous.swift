/// Weighted rendezvous hashing with bounded load: where a key goes, computed alike by everybody who has the same snapshot.
///
/// Each candidate draws a number for the key, from nothing but the two names; the highest draw, by weight, wins. When a
/// candidate goes, only its own keys have another winner, and each of the others gets its part of them. Draws alone leave
/// some candidates with far more than their share, so one that has no room left stands behind all that have some.
///
/// Everything is integer arithmetic, so that processors of all kinds agree to the last bit.
package struct BoundedRendezvous: Sendable, Equatable {
    /// How much more than its share a candidate may have, in percent of the share, rounded up to a whole key.
    ///
    /// The smaller it is, the more evenly keys are spread, and the more of them are not where their draw alone puts them.
    package var excess: UInt16

    package init(excess: UInt16 = 2) { self.excess = excess }

    /// The candidates in the order in which to try them for `key`, as indices: those with room first, and among these,
    /// as among the others, the highest draw first. The order of `candidates` does not matter.
    package func ranking(of key: String, among candidates: [Candidate]) -> [Int] {
        let keyHash = NameHash.hash(key)
        var total: UInt64 = 1
        var weights: UInt64 = 0
        for candidate in candidates {
            total += UInt64(candidate.load)
            weights += UInt64(candidate.weight)
        }
        let draws = candidates.map { candidate in
            Draw(
                Rendezvous.draw(key: keyHash, candidate: NameHash.hash(candidate.name)), candidate,
                hasRoom: hasRoom(candidate, total: total, weights: weights))
        }
        return draws.indices.sorted { draws[$0].isBefore(draws[$1]) }
    }

    /// Whether one key more leaves `candidate` within its share of `total` keys, which count that one.
    ///
    /// The shares of all together hold `total` at least: one candidate always has room.
    private func hasRoom(_ candidate: Candidate, total: UInt64, weights: UInt64) -> Bool {
        let share = UInt128(total) * UInt128(candidate.weight) * (100 + UInt128(excess))
        let unit = UInt128(weights) * 100
        return UInt128(candidate.load) < (share + unit - 1) / unit
    }
}

/// What one candidate drew.
private struct Draw {
    let number: UInt64
    /// The draw's distance from the best there is, as a logarithm; divided by the weight it decides.
    let distance: UInt64
    let weight: UInt32
    let name: String
    let hasRoom: Bool

    init(_ number: UInt64, _ candidate: Candidate, hasRoom: Bool) {
        self.number = number
        distance = Rendezvous.negativeLogarithm(number)
        weight = candidate.weight
        name = candidate.name
        self.hasRoom = hasRoom
    }

    func isBefore(_ other: Draw) -> Bool {
        if hasRoom != other.hasRoom { return hasRoom }
        // weight / distance of both, brought to one denominator.
        let (own, others) = (UInt128(weight) * UInt128(other.distance), UInt128(other.weight) * UInt128(distance))
        if own != others { return own > others }
        return number == other.number ? name < other.name : number > other.number
    }
}
