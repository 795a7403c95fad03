package import Bytes

/// Writes messages as chunks, each header as small as the last message of its chunk stream allows.
///
/// What it writes must reach the peer in that order and nothing else may be sent on the same chunk streams, for the
/// peer fills in what a header leaves out from the one before. The caller bounds the number of chunk streams it uses.
///
/// Three ways to one result: `append` copies the payload, for small messages; `gather` shares it; `open` and `goOn`
/// write headers alone, for who forwards payload as it arrives. SetChunkSize is the caller's to send, before
/// `chunkSize` is set.
package struct ChunkWriter {
    /// The most payload that one chunk carries: 1 to 2147483647.
    package var chunkSize: Int {
        didSet { precondition(Self.chunkSizes.contains(chunkSize), "a chunk size is 1 to 2147483647") }
    }

    package static let chunkSizes = 1...0x7FFF_FFFF

    /// The longest header of a chunk that opens a message, and of one that goes on with it.
    package static let maximumHeaderBytes = ChunkHeader.maximumBytes

    private var table = ChunkStreamTable()
    private var states: [WrittenChunkStream] = []

    package init(chunkSize: Int = ChunkReader.defaultChunkSize) {
        precondition(Self.chunkSizes.contains(chunkSize), "a chunk size is 1 to 2147483647")
        self.chunkSize = chunkSize
    }

    /// Appends the header of the first chunk of a message.
    package mutating func open(_ header: MessageHeader, to output: inout ByteWriter) {
        output.reserve(ChunkHeader.maximumBytes)
        let id = header.chunkStream.number
        guard let slot = table.slot(of: id) else {
            states.append(WrittenChunkStream(absolute: header))
            _ = table.add(id)
            ChunkHeader.append(header, format: 0, field: header.timestamp, to: &output)
            return
        }
        let (format, field) = states[slot].advance(to: header)
        ChunkHeader.append(header, format: format, field: field, to: &output)
    }

    /// Somebody else has written on this chunk stream: the next message there says everything again.
    package mutating func forget(_ chunkStream: ChunkStreamID) {
        if let slot = table.slot(of: chunkStream.number) { states[slot].forget() }
    }

    /// Appends the header of a further chunk of the message that was opened last on this chunk stream.
    package func goOn(_ chunkStream: ChunkStreamID, to output: inout ByteWriter) {
        guard let slot = table.slot(of: chunkStream.number) else { preconditionFailure("no message was opened there") }
        ChunkHeader.appendContinuation(chunkStream, extended: states[slot].extended, to: &output)
    }

    /// Appends a whole message, the payload copied.
    package mutating func append(_ message: Message, to output: inout ByteWriter) {
        open(message.header, to: &output)
        let payload = message.payload.bytes
        var start = 0
        while true {
            let end = min(payload.byteCount, start + chunkSize)
            output.append(payload.extracting(start..<end))
            if end == payload.byteCount { return }
            goOn(message.header.chunkStream, to: &output)
            start = end
        }
    }

    /// Adds a whole message to what `pieces` holds, the payload shared.
    ///
    /// However many chunks there are, their headers take one allocation: all but the first have the same one.
    package mutating func gather(_ message: Message, into pieces: inout [SharedBytes]) {
        var headers = ByteWriter(capacity: ChunkHeader.maximumBytes + ChunkHeader.maximumContinuationBytes)
        open(message.header, to: &headers)
        let openBytes = headers.count
        let count = message.payload.count
        if count > chunkSize { goOn(message.header.chunkStream, to: &headers) }
        let header = headers.finish()
        pieces.append(header[0..<openBytes])
        guard count > 0 else { return }
        pieces.append(message.payload[0..<min(chunkSize, count)])
        let further = header.dropping(first: openBytes)
        var start = chunkSize
        while start < count {
            pieces.append(further)
            let end = min(count, start + chunkSize)
            pieces.append(message.payload[start..<end])
            start = end
        }
    }

    /// Appends a whole message with a header that relies on none before: the same bytes for any number of players.
    ///
    /// For chunk streams that no `ChunkWriter` of those connections writes on.
    package static func appendWhole(_ message: Message, chunkSize: Int, to output: inout ByteWriter) {
        precondition(chunkSizes.contains(chunkSize), "a chunk size is 1 to 2147483647")
        let header = message.header
        let count = message.payload.count
        let further = max(0, (count - 1) / chunkSize)
        output.reserve(ChunkHeader.maximumBytes + count + further * ChunkHeader.maximumContinuationBytes)
        ChunkHeader.append(header, format: 0, field: header.timestamp, to: &output)
        let extended = header.timestamp >= ChunkHeader.extendedMark ? header.timestamp : nil
        let payload = message.payload.bytes
        var start = 0
        while true {
            let end = min(count, start + chunkSize)
            output.append(payload.extracting(start..<end))
            if end == count { return }
            ChunkHeader.appendContinuation(header.chunkStream, extended: extended, to: &output)
            start = end
        }
    }
}

/// What the peer knows of one chunk stream after what was written on it.
private struct WrittenChunkStream {
    private var last: MessageHeader
    /// What the peer would add for a message that repeats everything; nil where programs differ in what they would.
    private var delta: UInt32?
    /// What the further chunks of the message repeat.
    private(set) var extended: UInt32?
    private var isForgotten = false

    mutating func forget() { isForgotten = true }

    init(absolute header: MessageHeader) {
        last = header
        // After an absolute timestamp some add it once more, as the specification has it, and some add nothing.
        delta = header.timestamp == 0 ? 0 : nil
        extended = header.timestamp >= ChunkHeader.extendedMark ? header.timestamp : nil
    }

    /// The smallest format that says what `header` is after the last one, and the timestamp or difference in it.
    mutating func advance(to header: MessageHeader) -> (format: UInt8, field: UInt32) {
        let (difference, isEarlier) = header.timestamp.subtractingReportingOverflow(last.timestamp)
        // Backwards, also where the clock wraps, there is no difference to state; and a difference that needs an
        // extended timestamp is read in as many ways as there are programs.
        guard !isForgotten, header.stream == last.stream, !isEarlier, difference < ChunkHeader.extendedMark else {
            self = WrittenChunkStream(absolute: header)
            return (0, header.timestamp)
        }
        let isAlike = header.type == last.type && header.length == last.length
        let format: UInt8 = !isAlike ? 1 : difference != delta ? 2 : 3
        last = header
        delta = difference
        extended = nil
        return (format, difference)
    }
}
