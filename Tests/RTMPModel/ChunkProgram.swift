import Bytes
package import RTMP

/// Messages and how their chunks are interleaved, spelled by bytes, random or fuzzed.
package struct ChunkProgram: ~Copyable {
    /// What was written, and the messages in the order in which they end.
    package private(set) var bytes: [UInt8] = []
    package private(set) var messages: [Message] = []

    private var choices: ArraySlice<UInt8>
    private var output = ByteWriter()
    private var writer = ChunkWriter()
    /// Messages of which something was written, with how much.
    private var open: [(message: Message, written: Int)] = []

    private static let chunkStreams: [UInt32] = [2, 3, 4, 63, 64, 65, 319, 320, 65599]
    private static let timestamps: [UInt32] = [
        0, 1, 40, 0xFF_FFFE, 0xFF_FFFF, 0x100_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ]
    private static let chunkSizes = [1, 2, 3, 5, 127, 128, 4096, 65536, 0x7FFF_FFFF]

    package init(_ choices: [UInt8]) {
        self.choices = choices[...]
        while !self.choices.isEmpty {
            switch number() % 8 {
            case 0: setChunkSize(Self.chunkSizes[number() % Self.chunkSizes.count])
            case 1, 2, 3: begin()
            default: goOn()
            }
        }
        while !open.isEmpty { goOn() }
        bytes = Array(copying: output.bytes)
    }

    private mutating func number() -> Int { Int(choices.popFirst() ?? 0) }

    private mutating func setChunkSize(_ size: Int) {
        guard !open.contains(where: { $0.message.header.chunkStream == .control }) else { return }
        let message = ControlMessage.setChunkSize(UInt32(size)).message
        writer.append(message, to: &output)
        messages.append(message)
        writer.chunkSize = size
    }

    private mutating func begin() {
        let id = ChunkStreamID(Self.chunkStreams[number() % Self.chunkStreams.count]) ?? .control
        guard !open.contains(where: { $0.message.header.chunkStream == id }) else { return }
        let timestamp = Self.timestamps[number() % Self.timestamps.count] &+ UInt32(number() % 4)
        let length = [0, 1, 4, 5, 100, 128, 129, 300][number() % 8]
        let seed = number()
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* seed) }
        let message = Message(
            chunkStream: id, timestamp: timestamp, type: seed % 2 == 0 ? .audio : .video,
            stream: MessageStreamID(UInt32(seed % 3)), payload: SharedBytes(payload))
        writer.open(message.header, to: &output)
        write(message, from: 0)
    }

    /// Writes the next chunk of one of the messages that have begun.
    private mutating func goOn() {
        guard !open.isEmpty else { return }
        let (message, written) = open.remove(at: number() % open.count)
        writer.goOn(message.header.chunkStream, to: &output)
        write(message, from: written)
    }

    private mutating func write(_ message: Message, from written: Int) {
        let end = min(message.payload.count, written + writer.chunkSize)
        output.append(message.payload[written..<end])
        if end == message.payload.count {
            messages.append(message)
        } else {
            open.append((message, end))
        }
    }
}
