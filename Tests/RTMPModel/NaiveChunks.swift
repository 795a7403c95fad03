import Bytes
package import RTMP

/// What the bytes of a connection come to.
package struct ReadMessages: Equatable, Sendable {
    package var messages: [Message] = []
    package var error: ChunkError?

    package init() {}
}

/// Reads chunks the slow way: from an array that holds everything, one byte after the other, with a dictionary.
struct NaiveChunks {
    private struct Stream {
        var timestamp: UInt32 = 0
        var delta: UInt32 = 0
        var extended: UInt32?
        var length = 0
        var type: UInt8 = 0
        var stream: UInt32 = 0
        var payload: [UInt8] = []
    }

    private struct Ended: Error {}

    private let bytes: [UInt8]
    private let limits: ChunkLimits
    private var position = 0
    private var chunkSize = 128
    private var streams: [UInt32: Stream] = [:]
    private var unfinished = 0
    private var result = ReadMessages()

    static func read(_ bytes: [UInt8], limits: ChunkLimits) -> ReadMessages {
        var reader = NaiveChunks(bytes: bytes, limits: limits)
        do {
            while true { try reader.readChunk() }
        } catch let error as ChunkError {
            reader.result.error = error
        } catch {}
        return reader.result
    }

    private init(bytes: [UInt8], limits: ChunkLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func number(_ count: Int) throws -> UInt32 {
        guard bytes.count - position >= count else { throw Ended() }
        defer { position += count }
        return bytes[position..<(position + count)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func readChunk() throws {
        let first = try number(1)
        var id = first % 64
        if id == 0 {
            id = 64 + (try number(1))
        } else if id == 1 {
            let low = try number(1)
            id = 64 + low + 256 * (try number(1))
        }
        if streams[id] == nil, streams.count == limits.maximumChunkStreams {
            throw ChunkError.tooManyChunkStreams(maximum: streams.count)
        }
        var stream = streams[id] ?? Stream()
        try readMessageHeader(format: first / 64, id, &stream)
        if stream.length > limits.maximumMessageBytes {
            throw ChunkError.messageTooLong(length: stream.length, maximum: limits.maximumMessageBytes)
        }
        streams[id] = stream
        try readPayload(id)
    }

    private mutating func readMessageHeader(format: UInt32, _ id: UInt32, _ stream: inout Stream) throws {
        if format == 3, !stream.payload.isEmpty {
            let next = bytes[position...].prefix(4)
            for candidate in [stream.extended, stream.extended == nil ? nil : stream.timestamp] {
                guard let candidate else { continue }
                let written = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: candidate >> $0) }
                guard written.starts(with: next) else { continue }
                if next.count < 4 { throw Ended() }
                position += 4
                return
            }
            return
        }
        if format < 3 {
            if !stream.payload.isEmpty { throw ChunkError.messageInsideMessage(chunkStream: id) }
            stream.delta = try number(3)
            stream.extended = stream.delta == 0xFF_FFFF ? 0 : nil
        }
        if format < 2 {
            stream.length = Int(try number(3))
            stream.type = UInt8(try number(1))
        }
        if format == 0 {
            stream.stream = (try number(4)).byteSwapped
            stream.timestamp = 0
        }
        if stream.extended != nil {
            stream.delta = try number(4)
            stream.extended = stream.delta
        }
        stream.timestamp &+= stream.delta
    }

    private mutating func readPayload(_ id: UInt32) throws {
        guard let stream = streams[id] else { return }
        for _ in 0..<min(chunkSize, stream.length - stream.payload.count) {
            let byte = UInt8(try number(1))
            streams[id]?.payload.append(byte)
            unfinished += 1
            if unfinished > limits.maximumUnfinishedBytes {
                throw ChunkError.tooManyUnfinishedBytes(maximum: limits.maximumUnfinishedBytes)
            }
        }
        guard let payload = streams[id]?.payload, payload.count == stream.length else { return }
        drop(id)
        if stream.type == 1 || stream.type == 2 {
            if payload.count < 4 { throw ChunkError.controlMessageTooShort(type: stream.type, length: payload.count) }
            let value = payload[..<4].reduce(0) { $0 << 8 | UInt32($1) }
            if stream.type == 1 {
                chunkSize = Int(value % 0x8000_0000)
                if chunkSize == 0 { throw ChunkError.chunkSizeZero }
            } else {
                drop(value)
            }
        }
        guard let chunkStream = ChunkStreamID(id) else { return }
        result.messages.append(
            Message(
                chunkStream: chunkStream, timestamp: stream.timestamp, type: MessageType(stream.type),
                stream: MessageStreamID(stream.stream), payload: SharedBytes(payload)))
    }

    private mutating func drop(_ id: UInt32) {
        unfinished -= streams[id]?.payload.count ?? 0
        streams[id]?.payload = []
    }
}
