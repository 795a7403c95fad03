package import Bytes

/// What the chunks of a message say about it, in absolute terms.
package struct MessageHeader: Sendable, Hashable {
    package var chunkStream: ChunkStreamID
    /// In milliseconds since an arbitrary start; wraps after 49 days.
    package var timestamp: UInt32
    package var type: MessageType
    package var stream: MessageStreamID
    /// Of the payload: 0 to 16777215 bytes.
    package var length: Int

    package static let maximumLength = 0xFF_FFFF

    package init(
        chunkStream: ChunkStreamID, timestamp: UInt32, type: MessageType, stream: MessageStreamID, length: Int
    ) {
        self.chunkStream = chunkStream
        self.timestamp = timestamp
        self.type = type
        self.stream = stream
        self.length = length
    }
}

/// A whole message.
package struct Message: Sendable, Equatable {
    package let header: MessageHeader
    /// As many bytes as the header says.
    package let payload: SharedBytes

    package init(
        chunkStream: ChunkStreamID, timestamp: UInt32 = 0, type: MessageType, stream: MessageStreamID = .connection,
        payload: SharedBytes
    ) {
        precondition(payload.count <= MessageHeader.maximumLength, "the length of a message has 24 bits")
        header = MessageHeader(
            chunkStream: chunkStream, timestamp: timestamp, type: type, stream: stream, length: payload.count)
        self.payload = payload
    }

    init(_ header: MessageHeader, payload: SharedBytes) {
        self.header = header
        self.payload = payload
    }
}
