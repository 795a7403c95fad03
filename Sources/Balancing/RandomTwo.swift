/// The less loaded, for its weight, of two candidates that are drawn by weight.
///
/// Two draws spread nearly as evenly as looking at all, and those who have the same snapshot do not all send what comes
/// to one candidate.
package struct RandomTwo: PlacementPolicy, Equatable {
    package init() {}

    package func pick(for key: NameHash, among candidates: [Candidate], draw: UInt64) -> Int? {
        guard let first = winner(NameHash.mix(draw), among: candidates, but: nil) else { return nil }
        guard let second = winner(NameHash.mix(draw), among: candidates, but: first) else { return first }
        return candidates[second].isLess(loadedThan: candidates[first]) ? second : first
    }

    private func winner(_ key: UInt64, among candidates: [Candidate], but other: Int?) -> Int? {
        var contest = RendezvousContest(key: key)
        for index in candidates.indices where index != other { contest.enter(candidates[index], at: index) }
        return contest.winner
    }
}
