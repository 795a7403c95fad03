import Synchronization

/// How many connections may be open at once, counted over all servers that share it, on whatever loops.
package final class ConnectionPlaces: Sendable {
    package let maximum: Int
    /// Connections beyond `maximum` that may be open for as long as it takes to tell them so; further ones are dropped
    /// without a word.
    package let spare: Int
    private let taken = Atomic<Int>(0)
    /// Connections that need no place yet, because they have not said what they want: they may be open beside those
    /// that have one, so that they keep nobody from a place. Where there are more, the oldest gives way.
    package let maximumHalfOpen: Int
    private let halfOpen = Atomic<Int>(0)

    /// What is spare where nobody says; descriptors have to be there for it.
    package static let usualSpare = 32

    package init(maximum: Int, spare: Int = usualSpare) {
        self.maximum = maximum
        self.spare = spare
        maximumHalfOpen = Self.halfOpen(beside: maximum)
    }

    /// A quarter of the places, 1,024 at most; descriptors have to be there for it.
    package static func halfOpen(beside maximum: Int) -> Int { max(2, min(1_024, maximum / 4)) }

    /// Connections open now; beyond `maximum` those that are about to be told that there is no place.
    package var count: Int { taken.load(ordering: .relaxed) }

    /// All that are open now, those that are half open included.
    package var openCount: Int { count + halfOpen.load(ordering: .relaxed) }

    /// Counts one more; false where there is no place for it. It counts all the same until `leave`.
    package func enter() -> Bool { taken.add(1, ordering: .relaxed).newValue <= maximum }

    /// Whether there is not even a place for one that is to be told that there is none.
    package var isOverrun: Bool { count >= maximum + spare }

    /// Whether the next `enter` would find no place.
    package var isFull: Bool { count >= maximum }

    /// Counts one more that is half open; false where another has to give way. It counts all the same until
    /// `leaveHalfOpen`.
    package func enterHalfOpen() -> Bool { halfOpen.add(1, ordering: .relaxed).newValue <= maximumHalfOpen }

    package func leaveHalfOpen() { halfOpen.subtract(1, ordering: .relaxed) }

    package func leave() { taken.subtract(1, ordering: .relaxed) }
}
