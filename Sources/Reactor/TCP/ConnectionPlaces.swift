import Synchronization

/// How many connections may be open at once, counted over all servers that share it, on whatever loops.
package final class ConnectionPlaces: Sendable {
    package let maximum: Int
    private let taken = Atomic<Int>(0)

    package init(maximum: Int) { self.maximum = maximum }

    /// Connections open now; beyond `maximum` those that are about to be told that there is no place.
    package var count: Int { taken.load(ordering: .relaxed) }

    /// Counts one more; false where there is no place for it. It counts all the same until `leave`.
    package func enter() -> Bool { taken.add(1, ordering: .relaxed).newValue <= maximum }

    package func leave() { taken.subtract(1, ordering: .relaxed) }
}
