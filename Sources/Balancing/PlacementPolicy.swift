/// Where a key goes that nobody has: all that a policy decides.
///
/// Pure: who passes the same gets the same answer. Whoever asks leaves out those that are not to be used, and asks
/// again without those that were tried in vain.
package protocol PlacementPolicy: Sendable {
    /// The place in `candidates` of the one to try first; nil only where there are none. `draw` is any number, for
    /// those that choose by chance.
    func pick(for key: NameHash, among candidates: [Candidate], draw: UInt64) -> Int?
}
