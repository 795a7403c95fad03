import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("ChunkWriter") struct ChunkWriterTests {
    private func bytes(of pieces: [SharedBytes]) -> [UInt8] { pieces.flatMap(\.array) }

    private func written(_ messages: [Message], chunkSize: Int = 128) -> [UInt8] {
        var writer = ChunkWriter(chunkSize: chunkSize)
        var output = ByteWriter()
        for message in messages { writer.append(message, to: &output) }
        return Array(copying: output.bytes)
    }

    @Test("headers leave out what the last message of the chunk stream said")
    func smallest() throws {
        let messages = [
            try message(4, 1000, .audio, 1, [1]), try message(4, 1020, .audio, 1, [2]),
            try message(4, 1040, .audio, 1, [3]), try message(4, 1061, .audio, 1, [4]),
            try message(4, 1082, .audio, 1, [5, 6]), try message(6, 1082, .video, 1, [7]),
            try message(4, 1103, .audio, 2, [8, 9]), try message(4, 1000, .audio, 2, [8, 9]),
        ]
        #expect(
            written(messages)
                == hex(
                    """
                    04 0003E8 000001 08 01000000 01  84 000014 02  C4 03  84 000015 04  44 000015 000002 08 0506
                    06 00043A 000001 09 01000000 07  04 00044F 000002 08 02000000 0809  04 0003E8 000002 08 02000000 0809
                    """))
        #expect(try readMessages([written(messages)]).messages == messages)
    }

    @Test("after an absolute timestamp nothing is left to guess, unless it is 0")
    func afterAbsolute() throws {
        let twice = [try message(4, 20, .audio, 1, [1]), try message(4, 40, .audio, 1, [2])]
        #expect(written(twice) == hex("04 000014 000001 08 01000000 01  84 000014 02"))
        let zero = [try message(4, 0, .audio, 1, [1]), try message(4, 0, .audio, 1, [2])]
        #expect(written(zero) == hex("04 000000 000001 08 01000000 01  C4 02"))
    }

    @Test("where the clock wraps, or leaps by what 24 bits cannot say, the timestamp is absolute")
    func leaps() throws {
        let messages = [
            try message(4, 0xFFFF_FFFF, .audio, 1, [1]), try message(4, 3, .audio, 1, [2]),
            try message(4, 0x100_0002, .audio, 1, [3]), try message(4, 0x100_0003, .audio, 1, [4]),
        ]
        #expect(
            written(messages)
                == hex(
                    """
                    04 FFFFFF 000001 08 01000000 FFFFFFFF 01  04 000003 000001 08 01000000 02
                    04 FFFFFF 000001 08 01000000 01000002 03  84 000001 04
                    """))
        #expect(try readMessages([written(messages)]).messages == messages)
    }

    @Test("an extended timestamp is repeated in every chunk of its message")
    func extended() throws {
        let one = try message(4, 0x100_0000, .video, 1, payload(5))
        #expect(
            written([one], chunkSize: 2)
                == hex("04 FFFFFF 000005 09 01000000 01000000 0108 C4 01000000 0F16 C4 01000000 1D"))
    }

    @Test("the largest chunk size there is", arguments: [1, 0x7FFF_FFFF])
    func chunkSizes(size: Int) throws {
        let messages = [
            ControlMessage.setChunkSize(UInt32(size)).message, try message(65599, 7, .video, 1, payload(2000)),
        ]
        var writer = ChunkWriter()
        var output = ByteWriter()
        writer.append(messages[0], to: &output)
        writer.chunkSize = size
        writer.append(messages[1], to: &output)
        #expect(try readMessages([Array(copying: output.bytes)]).messages == messages)
    }

    @Test(
        "gathered, copied and serialized bytes are the same, the payload shared",
        arguments: [0, 1, 127, 128, 129, 256, 257, 5000], [0, 0x123_4567] as [UInt32])
    func gathered(count: Int, timestamp: UInt32) throws {
        let message = try video(timestamp, payload(count))
        var writer = ChunkWriter()
        var pieces: [SharedBytes] = []
        writer.gather(message, into: &pieces)
        #expect(bytes(of: pieces) == written([message]))
        #expect(whole(message, chunkSize: 128).array == written([message]))
        let chunks = max(1, (count + 127) / 128)
        #expect(pieces.count == (count == 0 ? 1 : 2 * chunks))
        // The next one knows of it.
        writer.gather(try video(timestamp + 1, payload(count)), into: &pieces)
        #expect(
            bytes(of: pieces) == written([message, try video(timestamp + 1, payload(count))]))
    }

    private func video(_ timestamp: UInt32, _ payload: [UInt8]) throws -> Message {
        try message(300, timestamp, .video, 1, payload)
    }

    @Test("programs of interleaved messages are read as they were written", arguments: 0..<60 as Range<UInt64>)
    func programs(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for _ in 0..<20 {
            let choices = (0..<60).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let program = ChunkProgram(choices)
            let read = try readMessages(program.bytes.pieces(largest: 40, using: &generator))
            #expect(read.error == nil)
            #expect(read.messages == program.messages)
        }
    }

    @Test(
        "a chunk stream is 2 to 65599", arguments: [(0, false), (1, false), (2, true), (65599, true), (65600, false)])
    func chunkStreams(number: UInt32, isOne: Bool) {
        #expect((ChunkStreamID(number) != nil) == isOne)
    }
}
