/// A point on the monotonic clock, in nanoseconds; what loops hand to state machines as "now".
///
/// Only differences mean anything. 64 bits, so that a table of deadlines stays small; it lasts 584 years.
@usableFromInline
package struct Instant: Sendable, Hashable, Comparable {
    @usableFromInline package let nanoseconds: UInt64

    @inlinable package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    @inlinable package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Later by `duration`, or earlier where that is negative; stops at the ends of the clock.
    @inlinable
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let change = duration.nanoseconds
        if change < 0 {
            let (moved, passed) = instant.nanoseconds.subtractingReportingOverflow(change.magnitude)
            return Instant(nanoseconds: passed ? 0 : moved)
        }
        let (moved, passed) = instant.nanoseconds.addingReportingOverflow(change.magnitude)
        return Instant(nanoseconds: passed ? .max : moved)
    }

    /// From `earlier` to `later`; negative where `later` is before `earlier`. Stops at what 64 bits hold, ±292 years.
    @inlinable
    package static func - (later: Instant, earlier: Instant) -> Duration {
        if later < earlier { return .nanoseconds(-Int64(clamping: earlier.nanoseconds - later.nanoseconds)) }
        return .nanoseconds(Int64(clamping: later.nanoseconds - earlier.nanoseconds))
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to 64 bits.
    @inlinable
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carried) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }
}
