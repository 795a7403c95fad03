import Bytes
import RTMP

/// One after the other.
func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

func chunkStream(_ number: UInt32) throws -> ChunkStreamID {
    guard let id = ChunkStreamID(number) else { throw NoChunkStream(number: number) }
    return id
}

struct NoChunkStream: Error {
    let number: UInt32
}

/// A message, briefly.
func message(
    _ id: UInt32, _ timestamp: UInt32, _ type: MessageType, _ stream: UInt32, _ payload: [UInt8]
) throws -> Message {
    Message(
        chunkStream: try chunkStream(id), timestamp: timestamp, type: type, stream: MessageStreamID(stream),
        payload: SharedBytes(payload))
}

func payload(_ count: Int, seed: Int = 1) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed) }
}
