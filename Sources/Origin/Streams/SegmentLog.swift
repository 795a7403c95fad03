import Bytes
import Media

/// The latest segments of a rendition, numbered from the first that ever was. Pure.
///
///     ─────┬────────────────┬───────────────────┬────► end
///       first            latest entry       cursor of a viewer that keeps up: end
///
/// It keeps what a new viewer begins with, for as long as a group of pictures may be, and what viewers that are behind
/// still need, for `maximumLag`; of both no more than `maximumLogBytes`.
package struct SegmentLog {
    private let policy: StreamPolicy
    /// In milliseconds, as `maximumLag`.
    private let maximumGroupTime: Int64
    private let maximumLag: Int64
    private var segments: [Segment] = []
    /// Segments before this position have been dropped.
    private var head = 0
    /// The number of the segment at `head`.
    package private(set) var first: UInt64 = 0
    /// Of the latest segment that a viewer may begin with.
    package private(set) var latestEntry: UInt64?
    package private(set) var byteCount = 0

    package init(policy: StreamPolicy) {
        self.policy = policy
        maximumGroupTime = policy.groupCache.maximumDuration.milliseconds
        maximumLag = policy.maximumLag.milliseconds
    }

    /// The number that the next segment will have.
    package var end: UInt64 { first + UInt64(segments.count - head) }

    package subscript(number: UInt64) -> Segment { segments[head + Int(number - first)] }

    package mutating func append(_ segment: Segment) {
        if segment.entry != nil { latestEntry = end }
        segments.append(segment)
        byteCount += segment.byteCount
    }

    /// Where a viewer begins that comes now: nil where it has to wait for an entry.
    package var start: UInt64? { policy.groupCache.isEnabled ? freshEntry : nil }

    /// The latest entry, unless the group that began there has passed its bound of time.
    private var freshEntry: UInt64? {
        guard let latestEntry, let last = segments.last else { return nil }
        return last.time - self[latestEntry].time <= maximumGroupTime ? latestEntry : nil
    }

    /// Drops what nobody needs; `oldest` is what the last of the viewers still wants.
    package mutating func trim(oldest: UInt64) {
        var needed = max(first, min(oldest, start ?? end))
        if let last = segments.last {
            let horizon = last.time + -maximumLag
            let entry = freshEntry
            while needed < end, needed != entry, self[needed].time < horizon { needed += 1 }
        }
        drop(before: needed)
        while byteCount > policy.maximumLogBytes { drop(before: first + 1) }
    }

    private mutating func drop(before number: UInt64) {
        while first < number {
            byteCount -= segments[head].byteCount
            // The memory goes now, not when the array is compacted.
            segments[head] = Segment(.empty, time: .zero)
            head += 1
            first += 1
        }
        if let entry = latestEntry, entry < first { latestEntry = nil }
        if head == segments.count {
            segments.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= segments.count {
            segments.removeFirst(head)
            head = 0
        }
    }

    /// Drops all: what comes next has nothing to do with it.
    package mutating func removeAll() { drop(before: end) }
}

extension Duration {
    /// In whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
