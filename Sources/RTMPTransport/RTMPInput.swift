import Bytes
import Reactor

/// What has come on a connection and is not consumed: part of a handshake or of a header, or what waits for a decision.
package struct RTMPInput: ~Copyable {
    // A full read behind what one leaves.
    private var queue = ByteQueue(maximum: Scratch.maximum + 4 * 1024)

    package init() {}

    /// Gives `body` all that there is, `bytes` at its end, and keeps what it does not consume. False where that is more
    /// than may wait: reading should have been paused.
    ///
    /// Straight from the read buffer where nothing waits, which is nearly always.
    package mutating func take<Failure: Error>(
        _ bytes: RawSpan, _ body: (RawSpan) throws(Failure) -> Int
    ) throws(Failure) -> Bool {
        guard queue.isEmpty else {
            guard queue.append(bytes) else { return false }
            let consumed = try body(queue.readable)
            queue.consume(consumed)
            return true
        }
        let consumed = try body(bytes)
        return queue.append(bytes.extracting(consumed..<bytes.byteCount))
    }

    /// Keeps `bytes` for later.
    package mutating func append(_ bytes: RawSpan) -> Bool { queue.append(bytes) }

    /// Gives `body` what waits.
    package mutating func retake<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Int) throws(Failure) {
        guard !queue.isEmpty else { return }
        let consumed = try body(queue.readable)
        queue.consume(consumed)
    }
}
