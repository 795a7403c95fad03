package import Bytes

/// A number that only grows, as one shard counts it.
@usableFromInline
package struct Counter {
    @usableFromInline let cells: MetricCells

    @inlinable package func add(_ amount: UInt64 = 1) { cells.add(amount, 0) }
}

/// A number that rises and falls, as one shard sees it.
@usableFromInline
package struct Gauge {
    @usableFromInline let cells: MetricCells

    @inlinable package func set(_ value: Int) { cells.store(UInt64(bitPattern: Int64(value)), 0) }
    @inlinable package func add(_ amount: Int = 1) { cells.add(UInt64(bitPattern: Int64(amount)), 0) }
    @inlinable package func subtract(_ amount: Int = 1) { add(0 &- amount) }
}

/// The distribution of a quantity, as one shard observes it.
@usableFromInline
package struct Histogram {
    /// The upper bounds, the count of each bucket and of what is above all bounds, the sum.
    @usableFromInline let cells: MetricCells
    @usableFromInline let bounds: Int

    /// Counts `value`, in the unit of the bounds: nanoseconds where those are durations.
    @inlinable
    package func observe(_ value: UInt64) {
        var bucket = 0
        while bucket < bounds, value > cells.load(bucket) { bucket += 1 }
        cells.add(1, bounds + bucket)
        cells.add(value, 2 * bounds + 1)
    }

    /// Counts the time from `start` to `end`; none where `end` is the earlier one.
    package func observe(from start: Instant, to end: Instant) {
        observe(end > start ? end.nanoseconds - start.nanoseconds : 0)
    }
}
