/// A point on the time line of a stream, in milliseconds.
///
/// 64 bits, so that it never wraps; RTMP and FLV carry its lower 32, see `wire`.
package struct MediaTime: Sendable, Hashable, Comparable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static let zero = MediaTime(milliseconds: 0)

    package static func < (left: MediaTime, right: MediaTime) -> Bool { left.milliseconds < right.milliseconds }

    /// Later by so many milliseconds; wraps past ±292 million years.
    package static func + (time: MediaTime, milliseconds: Int64) -> MediaTime {
        MediaTime(milliseconds: time.milliseconds &+ milliseconds)
    }

    /// Milliseconds from `earlier` to `later`.
    package static func - (later: MediaTime, earlier: MediaTime) -> Int64 {
        later.milliseconds &- earlier.milliseconds
    }
}

extension MediaTime {
    /// The timestamp of RTMP and FLV: it starts again at 0 every 49.7 days.
    package var wire: UInt32 { UInt32(truncatingIfNeeded: milliseconds) }

    /// Of all times that `wire` may mean, the one nearest to `reference`.
    ///
    /// So it goes on through a wrap, and a packet that is late by less than 24.8 days is before the wrap still.
    package init(wire: UInt32, near reference: MediaTime) {
        self = reference + Int64(Int32(bitPattern: wire &- reference.wire))
    }
}
