package import Bytes

/// Lets one repeat of an event through per interval and counts the others, for lines that a hot path could print often.
///
/// One per call site, held by what owns the call site (a loop, a listener), hence not shared between threads.
/// What is suppressed is told by the next line that passes.
package struct RepeatGate {
    package let interval: Duration
    private var opens = Instant(nanoseconds: 0)

    /// Repeats counted since the last one that passed.
    package private(set) var suppressed = 0

    package init(interval: Duration = .seconds(1)) { self.interval = interval }

    /// The number of repeats suppressed before this one, or nil where this one is to be suppressed as well.
    package mutating func pass(at now: Instant) -> Int? {
        guard now >= opens else {
            suppressed += 1
            return nil
        }
        opens = now + interval
        defer { suppressed = 0 }
        return suppressed
    }
}
