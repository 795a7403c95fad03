/// Weighted rendezvous hashing with bounded load: where a key goes, computed alike by everybody who has the same
/// snapshot.
///
/// Each candidate draws a number for the key, from nothing but the two names; the highest draw, by weight, wins. When a
/// candidate goes, only its own keys have another winner, and each of the others gets its part of them. Draws alone
/// leave some candidates with far more than their share, so one that has no room left stands behind all that have some.
///
/// Everything is integer arithmetic, so that processors of all kinds agree to the last bit.
package struct BoundedRendezvous: PlacementPolicy, Equatable {
    /// How much more than its share a candidate may have, in percent of the share, rounded up to a whole key.
    ///
    /// The smaller it is, the more evenly keys are spread, and the more of them are not where their draw alone puts
    /// them.
    package var excess: UInt16

    package init(excess: UInt16 = 2) { self.excess = excess }

    /// The one with room that drew highest. Neither the order of `candidates` nor `draw` matters.
    package func pick(for key: NameHash, among candidates: [Candidate], draw: UInt64) -> Int? {
        // Neither can overflow, with loads and weights of 32 bits.
        var total: UInt64 = 1
        var weights: UInt64 = 0
        for candidate in candidates {
            total += UInt64(candidate.load)
            weights += UInt64(candidate.weight)
        }
        // One key more leaves a candidate within its share of `total` keys, which count that one, where its load is
        // less than part / whole. The shares of all together hold `total` at least: one always has room.
        let whole = weights * 100
        let (product, isTooMuch) = total.multipliedReportingOverflow(by: 100 + UInt64(excess))
        let part = isTooMuch ? .max : product
        var contest = RendezvousContest(key: key.value)
        for index in candidates.indices {
            let candidate = candidates[index]
            guard Product(UInt64(candidate.load), whole) < Product(part, UInt64(candidate.weight)) else { continue }
            contest.enter(candidate, at: index)
        }
        return contest.winner
    }
}
