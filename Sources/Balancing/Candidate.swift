/// One of those among which a key is placed, as a snapshot shows it.
package struct Candidate: Sendable, Equatable {
    /// Tells it from all others, and stays the same across restarts.
    package var name: String

    /// Its share beside the others' weights, at least 1.
    package var weight: UInt32

    /// Keys that it has now.
    package var load: Int

    package init(name: String, weight: UInt32 = 1, load: Int = 0) {
        self.name = name
        self.weight = max(weight, 1)
        self.load = max(load, 0)
    }
}
