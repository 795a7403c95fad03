import Bytes

/// Puts messages together from the fragments that a `ChunkReader` finds.
///
/// A message that comes as one fragment is copied once, into memory of its own. Others are collected, and their memory
/// follows what arrives rather than what is declared: see `ChunkLimits`. A connection between messages holds none. A
/// relay gives it the messages that it wants to understand, and forwards the fragments of others.
package struct MessageAssembler {
    package let limits: ChunkLimits

    /// What has come of all messages that have begun and not ended, and the memory they have: at most twice that, and
    /// the reserve.
    package private(set) var unfinishedBytes = 0
    package private(set) var allocatedBytes = 0

    /// By chunk stream; only those on which a message ever came in more than one fragment.
    private var table = ChunkStreamTable()
    private var partial: [PartialMessage] = []

    package init(limits: ChunkLimits = ChunkLimits()) { self.limits = limits }

    /// Takes the bytes of the next fragment of a message, and gives the message with its last one.
    ///
    /// All fragments of a message, in order. One whose beginning was given to somebody else comes to nothing.
    package mutating func add(_ payload: RawSpan, of fragment: ChunkFragment) throws(ChunkError) -> Message? {
        let header = fragment.header
        guard unfinishedBytes + payload.byteCount <= limits.maximumUnfinishedBytes else {
            throw .tooManyUnfinishedBytes(maximum: limits.maximumUnfinishedBytes)
        }
        if fragment.opensMessage, fragment.endsMessage {
            return Message(header, payload: payload.byteCount == 0 ? .empty : SharedBytes(copying: payload))
        }
        let slot = slot(of: header.chunkStream.number)
        guard fragment.offset == partial[slot].count else { return nil }
        let needed = fragment.offset + payload.byteCount
        if needed > partial[slot].capacity { grow(slot, toHold: needed, declared: header.length) }
        partial[slot].append(payload)
        unfinishedBytes += payload.byteCount
        guard fragment.endsMessage else { return nil }
        return Message(header, payload: take(slot))
    }

    private mutating func slot(of chunkStream: UInt32) -> Int {
        if let slot = table.slot(of: chunkStream) { return slot }
        partial.append(PartialMessage())
        return table.add(chunkStream)
    }

    /// Gives the message in `slot` memory for `needed` bytes: all of the declared length where the reserve still covers
    /// what has not come of it; otherwise twice what it had, or else just what is needed.
    private mutating func grow(_ slot: Int, toHold needed: Int, declared: Int) {
        let held = partial[slot].capacity
        let reserve = max(0, limits.maximumReservedBytes - (allocatedBytes - unfinishedBytes))
        let capacity = min(declared, max(needed + reserve, held * 2))
        partial[slot].grow(to: capacity)
        allocatedBytes += capacity - held
    }

    /// Whether a part of a message of this chunk stream has come, and waits here for the rest.
    package func isUnfinished(_ chunkStream: ChunkStreamID) -> Bool {
        table.slot(of: chunkStream.number).map { partial[$0].count > 0 } ?? false
    }

    /// Forgets what has come of an aborted message.
    package mutating func drop(_ chunkStream: ChunkStreamID) {
        if let slot = table.slot(of: chunkStream.number) { _ = take(slot) }
    }

    /// Gives away what has come of the message in `slot`.
    private mutating func take(_ slot: Int) -> SharedBytes {
        allocatedBytes -= partial[slot].capacity
        unfinishedBytes -= partial[slot].count
        return partial[slot].take()
    }
}

/// A message of which a part has come. A class, because arrays hold no `ByteWriter`; one serves its chunk stream for as
/// long as the connection lasts.
private final class PartialMessage {
    private var bytes: ByteWriter?
    /// What was asked for; 0 between messages.
    private(set) var capacity = 0

    var count: Int { bytes?.count ?? 0 }

    func append(_ payload: RawSpan) { bytes?.append(payload) }

    func grow(to capacity: Int) {
        var next = ByteWriter(capacity: capacity)
        if let held = bytes.take() { next.append(held.bytes) }
        bytes = consume next
        self.capacity = capacity
    }

    func take() -> SharedBytes {
        capacity = 0
        return bytes.take()?.finish() ?? .empty
    }
}
