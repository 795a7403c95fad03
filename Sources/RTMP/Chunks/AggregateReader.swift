import Bytes

/// Why the payload of an aggregate message cannot be split.
package enum AggregateError: Error, Equatable {
    /// At `offset` of the payload there is less than the header or the message that should be there.
    case truncated(offset: Int)
    /// An aggregate inside of an aggregate, which nobody sends.
    case nested(offset: Int)
}

/// Splits an aggregate message (type 22) into the messages it consists of, without copying them.
///
/// The payload is laid out like FLV tags. The timestamps in it count from anywhere: the first message has that of the
/// aggregate, the others keep their distance. The streams named in it are overruled by the aggregate's (§7.1.6).
package struct AggregateReader: Sendable {
    private let header: MessageHeader
    private let payload: SharedBytes
    private var offset = 0
    private var firstTimestamp: UInt32?

    private static let headerBytes = 11
    /// The size of what was before, behind every message.
    private static let trailerBytes = 4

    package init(_ aggregate: Message) {
        header = aggregate.header
        payload = aggregate.payload
    }

    /// The next message, or nil behind the last one. After an error there is no next.
    package mutating func next() throws(AggregateError) -> Message? {
        let payload = payload
        let bytes = payload.bytes
        let left = bytes.byteCount - offset
        guard left > 0 else { return nil }
        guard left >= Self.headerBytes else { throw .truncated(offset: offset) }
        let type = MessageType(bytes[offset])
        guard type != .aggregate else { throw .nested(offset: offset) }
        let length = Int(bytes.u24(at: offset + 1))
        guard left - Self.headerBytes >= length else { throw .truncated(offset: offset) }
        let timestamp = bytes.u24(at: offset + 4) | UInt32(bytes[offset + 7]) << 24
        let first = firstTimestamp ?? timestamp
        firstTimestamp = first
        let start = offset + Self.headerBytes
        // The last trailer is missing from some senders' aggregates.
        offset = min(start + length + Self.trailerBytes, bytes.byteCount)
        return Message(
            chunkStream: header.chunkStream, timestamp: header.timestamp &+ (timestamp &- first), type: type,
            stream: header.stream, payload: payload[start..<(start + length)])
    }
}
