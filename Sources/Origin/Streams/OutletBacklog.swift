import Synchronization

/// How much is on its way to an outlet, counted by both loops.
package final class OutletBacklog: Sendable {
    /// In bytes; what would pass it is dropped, but for what is alone on its way.
    package let maximum: Int
    private let bytes = Atomic<Int>(0)

    package init(maximum: Int) { self.maximum = maximum }

    package var byteCount: Int { bytes.load(ordering: .relaxed) }

    /// Counts `count` more; false where that is too much, and then nothing is counted.
    package func enter(_ count: Int) -> Bool {
        let (before, now) = bytes.add(count, ordering: .relaxed)
        if before == 0 || now <= maximum { return true }
        leave(count)
        return false
    }

    package func leave(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}
