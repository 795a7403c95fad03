import Bytes

/// Finds chunks in the bytes of a connection, without copying them and without keeping any.
///
///     ┌────────┐  header   ┌─────────┐
///     │ header │ ────────▶ │ payload │ ⟲ a part of the chunk: `fragment`
///     └────────┘ ◀──────── └─────────┘
///               end of chunk
///
/// For who forwards what arrives as it arrives; a `MessageAssembler` makes messages of fragments. It applies
/// SetChunkSize and Abort by itself, and reports them like any other message. At most 18 bytes are left unconsumed:
/// feed it straight from the loop's read buffer and keep those in a `ByteQueue`.
package struct ChunkReader {
    package enum Event: Sendable, Hashable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        case fragment(ChunkFragment)
        /// The peer will not finish the message that it has begun on this chunk stream: drop what has come of it.
        case aborted(ChunkStreamID)
    }

    package struct Step: Sendable, Hashable {
        package let consumed: Int
        package let event: Event
    }

    package static let defaultChunkSize = 128

    /// The most payload that one chunk of the peer carries now.
    package private(set) var chunkSize = defaultChunkSize

    package let limits: ChunkLimits

    var table = ChunkStreamTable()
    var states: [ChunkStreamState] = []

    /// The slot of the chunk being read, and what is still to come of it; nil between chunks.
    private var slot: Int?
    private var remaining = 0
    private var isChunkFresh = false
    private var pendingAbort: ChunkStreamID?

    package init(limits: ChunkLimits = ChunkLimits()) { self.limits = limits }

    /// Looks at `bytes`, everything not yet consumed, and says the first thing they mean.
    package mutating func next(_ bytes: RawSpan) throws(ChunkError) -> Step {
        if let aborted = pendingAbort {
            pendingAbort = nil
            return Step(consumed: 0, event: .aborted(aborted))
        }
        var headerBytes = 0
        let slot: Int
        if let current = self.slot {
            slot = current
        } else {
            guard let opened = try open(bytes) else { return Step(consumed: 0, event: .needsInput) }
            headerBytes = opened.headerBytes
            slot = opened.slot
            self.slot = slot
            remaining = min(chunkSize, Int(states[slot].length - states[slot].received))
            isChunkFresh = true
        }
        let taken = min(remaining, bytes.byteCount - headerBytes)
        // Only a message without payload has a chunk without payload.
        guard taken > 0 || remaining == 0 else { return Step(consumed: 0, event: .needsInput) }
        let payload = headerBytes..<(headerBytes + taken)
        let fragment = ChunkFragment(
            header: states[slot].header, payload: payload, offset: Int(states[slot].received),
            opensChunk: isChunkFresh, closesChunk: taken == remaining, format: states[slot].format,
            hasExtendedTimestamp: states[slot].hasExtended)
        isChunkFresh = false
        remaining -= taken
        if states[slot].type <= MessageType.abort.number { states[slot].note(bytes.extracting(payload)) }
        states[slot].received += UInt32(taken)
        if remaining == 0 {
            self.slot = nil
            if states[slot].received == states[slot].length { try endMessage(slot) }
        }
        return Step(consumed: payload.upperBound, event: .fragment(fragment))
    }

    /// Those on which a part of a message has come, and not yet the rest.
    package var unfinishedChunkStreams: some Sequence<ChunkStreamID> {
        states.lazy.filter { $0.received > 0 }.map(\.header.chunkStream)
    }

    private mutating func endMessage(_ slot: Int) throws(ChunkError) {
        states[slot].received = 0
        let type = MessageType(states[slot].type)
        guard type == .setChunkSize || type == .abort else { return }
        let length = Int(states[slot].length)
        guard length >= 4 else { throw .controlMessageTooShort(type: type.number, length: length) }
        let value = states[slot].control
        if type == .setChunkSize {
            // The top bit is reserved; some senders set it.
            chunkSize = Int(value & 0x7FFF_FFFF)
            guard chunkSize > 0 else { throw .chunkSizeZero }
        } else if let aborted = table.slot(of: value), states[aborted].received > 0 {
            states[aborted].received = 0
            pendingAbort = ChunkStreamID(value)
        }
    }
}

extension ChunkStreamState {
    /// Keeps the first four bytes of a message that is for the reader itself.
    fileprivate mutating func note(_ payload: RawSpan) {
        let wanted = min(payload.byteCount, 4 - min(4, Int(received)))
        for position in 0..<wanted { control = control << 8 | UInt32(payload[position]) }
    }
}

/// A part of one chunk's payload, and what it is a part of.
package struct ChunkFragment: Sendable, Hashable {
    /// Of the message, with everything filled in that the chunk's own header leaves out.
    package let header: MessageHeader
    /// Where in the input the part lies; empty only where the message is.
    package let payload: Range<Int>
    /// Of the part in the message.
    package let offset: Int
    /// Whether a chunk begins with it, and whether one ends with it.
    package let opensChunk: Bool
    package let closesChunk: Bool
    /// Of the chunk's header as it was written, 0 to 3, and whether it stands with an extended timestamp.
    package let format: UInt8
    package let hasExtendedTimestamp: Bool

    package var opensMessage: Bool { offset == 0 }
    package var endsMessage: Bool { offset + payload.count == header.length }
}
