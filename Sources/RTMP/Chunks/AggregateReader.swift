import Bytes
import Media

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
        guard left >= RawTagHeader.byteCount else { throw .truncated(offset: offset) }
        let found = RawTagHeader(bytes.extracting(offset..<bytes.byteCount))
        let type = MessageType(found.type)
        guard type != .aggregate else { throw .nested(offset: offset) }
        guard left - RawTagHeader.byteCount >= found.bodyBytes else { throw .truncated(offset: offset) }
        let first = firstTimestamp ?? found.timestamp
        firstTimestamp = first
        let start = offset + RawTagHeader.byteCount
        // The last trailer is missing from some senders' aggregates.
        offset = min(start + found.bodyBytes + Self.trailerBytes, bytes.byteCount)
        return Message(
            chunkStream: header.chunkStream, timestamp: header.timestamp &+ (found.timestamp &- first), type: type,
            stream: header.stream, payload: payload[start..<(start + found.bodyBytes)])
    }
}
