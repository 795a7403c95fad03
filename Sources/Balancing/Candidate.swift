/// One of those among which a key is placed, as a snapshot shows it.
package struct Candidate: Sendable, Equatable {
    /// Of a name that tells it from all others, and stays the same across restarts.
    package var name: NameHash

    /// Its share beside the others' weights, at least 1.
    package var weight: UInt32

    /// Keys that it has now.
    package var load: Int

    package init(_ name: NameHash, weight: UInt32 = 1, load: Int = 0) {
        self.name = name
        self.weight = max(weight, 1)
        self.load = max(load, 0)
    }

    /// Whether it would have less for its weight than `other` with one key more.
    func isLess(loadedThan other: Candidate) -> Bool { loaded(beside: other) < other.loaded(beside: self) }

    func isAsLoaded(as other: Candidate) -> Bool { loaded(beside: other) == other.loaded(beside: self) }

    /// Load by weight, brought to one denominator.
    private func loaded(beside other: Candidate) -> UInt128 { (UInt128(load) + 1) * UInt128(other.weight) }
}
