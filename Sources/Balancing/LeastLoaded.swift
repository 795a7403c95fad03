/// The candidate that has least for its weight, whatever the key; where several do, that of the highest draw.
///
/// It spreads most evenly, and moves every key: all who have the same snapshot send whatever comes to one candidate,
/// until they hear of each other's keys.
package struct LeastLoaded: PlacementPolicy, Equatable {
    package init() {}

    package func pick(for key: NameHash, among candidates: [Candidate], draw: UInt64) -> Int? {
        guard var best = candidates.first else { return nil }
        for candidate in candidates where candidate.isLess(loadedThan: best) { best = candidate }
        var contest = RendezvousContest(key: key.value)
        for index in candidates.indices where candidates[index].isAsLoaded(as: best) {
            contest.enter(candidates[index], at: index)
        }
        return contest.winner
    }
}
