package import Bytes
import Service

/// The bytes of one stream for one kind of viewer, and those of its viewers that are on one loop.
///
/// Segments come from the publisher's loop; each viewer takes them at its own pace. One that is blocked is left alone
/// until its connection has drained, and where what it wants is gone by then it goes on at the latest key frame.
package final class Rendition {
    private(set) var subscribers: [Subscriber] = []
    private var log: SegmentLog
    /// The number of the segment that comes next.
    private var expected: UInt64 = 0
    /// Given to viewers' connections.
    private(set) var sentBytes: UInt64 = 0
    private var rates: ByteRates
    /// Runs when the last viewer has left.
    var abandoned: () -> Void = {}

    /// Sent at once at most, before it is looked whether the connection still takes it.
    private static let burst = 128 * 1024

    package init(policy: StreamPolicy, at now: Instant) {
        log = SegmentLog(policy: policy)
        rates = ByteRates(at: now)
    }

    /// In kbit/s.
    func sentRate(at now: Instant) -> UInt64 {
        rates.kilobits(ByteRates.Totals(sent: sentBytes), at: now).sent
    }

    // MARK: - From the publisher

    package func receive(_ delivery: Delivery) {
        switch delivery {
        case .began(let segments, let next):
            restart()
            expected = next
            append(segments)
        case .segments(let segments, let number, _):
            // This loop was too busy to be sent what is missing: nobody can go on across the gap.
            if number != expected { skip() }
            expected = number + UInt64(segments.count)
            append(segments)
        case .ended:
            for subscriber in subscribers { subscriber.sink.publisherEnded() }
        }
    }

    /// What is missing was for all who are under way.
    private func skip() {
        for subscriber in subscribers where subscriber.cursor != nil { subscriber.skips += 1 }
        restart()
    }

    /// Everybody waits for a new beginning.
    private func restart() {
        log.removeAll()
        for subscriber in subscribers {
            subscriber.cursor = nil
            subscriber.isContinuous = false
            subscriber.headVersion = nil
        }
    }

    private func append(_ segments: [Segment]) {
        let first = log.end
        for segment in segments { log.append(segment) }
        let beginning = segments.firstIndex { $0.entry != nil }.map { first + UInt64($0) }
        var oldest = log.end
        // From the end, because a viewer that leaves meanwhile is replaced by the last.
        for index in subscribers.indices.reversed() where index < subscribers.count {
            let subscriber = subscribers[index]
            if subscriber.cursor == nil { subscriber.cursor = beginning }
            feed(subscriber)
            if let cursor = subscriber.cursor { oldest = min(oldest, cursor) }
        }
        log.trim(oldest: oldest)
    }

    // MARK: - To viewers

    func feed(_ subscriber: Subscriber) {
        guard var cursor = subscriber.cursor else { return }
        let sink = subscriber.sink
        while cursor < log.end, !sink.isBlocked {
            if cursor < log.first {
                subscriber.skips += 1
                subscriber.isContinuous = false
                guard let entry = log.latestEntry else {
                    subscriber.cursor = nil
                    return
                }
                cursor = entry
            }
            var queued = 0
            while cursor < log.end, queued < Self.burst {
                let segment = log[cursor]
                queued += enqueueHead(of: segment, to: subscriber) + segment.bytes.count
                sink.enqueue(segment.bytes)
                cursor += 1
            }
            sentBytes += UInt64(queued)
            subscriber.cursor = cursor
            sink.flush()
        }
        subscriber.cursor = cursor
    }

    /// Where a viewer begins, or goes on behind a gap in which the configuration has changed.
    private func enqueueHead(of segment: Segment, to subscriber: Subscriber) -> Int {
        guard let entry = segment.entry else { return 0 }
        let hasHead = subscriber.isContinuous || subscriber.headVersion == entry.version
        subscriber.isContinuous = true
        subscriber.headVersion = entry.version
        guard !hasHead else { return 0 }
        var count = entry.head.count
        if !subscriber.hasBegun {
            subscriber.hasBegun = true
            count += entry.preamble.count
            subscriber.sink.enqueue(entry.preamble)
        }
        subscriber.sink.enqueue(entry.head)
        return count
    }

    // MARK: - Viewers

    package func add(_ sink: any SubscriberSink) -> Subscriber {
        let subscriber = Subscriber(sink, of: self)
        subscriber.index = subscribers.count
        subscriber.cursor = log.start
        subscribers.append(subscriber)
        feed(subscriber)
        return subscriber
    }

    func remove(_ subscriber: Subscriber) {
        let index = subscriber.index
        guard index < subscribers.count, subscribers[index] === subscriber else { return }
        let last = subscribers.removeLast()
        if last !== subscriber {
            subscribers[index] = last
            last.index = index
        }
        if subscribers.isEmpty { abandoned() }
    }
}
