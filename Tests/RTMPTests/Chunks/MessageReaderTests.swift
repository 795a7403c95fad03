import Bytes
import RTMP
import RTMPModel
import Testing

@Suite("MessageReader and MessageAssembler") struct MessageReaderTests {
    /// Begins messages of the longest length on `count` chunk streams, one byte each.
    private func begun(_ count: Int, length: UInt32) -> [UInt8] {
        var writer = ByteWriter()
        // A chunk size of 1, so that a byte is a chunk.
        writer.append(hex("02 000000 000004 01 00000000 00000001"))
        for stream in 0..<count {
            writer.u8(1)
            writer.u16LE(UInt16(stream))
            writer.u24(1)
            writer.u24(length)
            writer.u8(9)
            writer.u32LE(1)
            writer.u8(0xAA)
        }
        return Array(copying: writer.bytes)
    }

    private func run(_ bytes: [UInt8], _ reader: inout MessageReader) throws(ChunkError) -> [Message] {
        var rest = bytes
        var messages: [Message] = []
        while true {
            let step = try reader.next(rest.rawSpan)
            rest.removeFirst(step.consumed)
            switch step.event {
            case .needsInput: return messages
            case .message(let message): messages.append(message)
            }
        }
    }

    @Test("what is declared costs nothing beyond the reserve; what arrives does")
    func declared() throws {
        let limits = ChunkLimits(
            maximumMessageBytes: 0xFF_FFFF, maximumChunkStreams: 65599, maximumUnfinishedBytes: 1 << 24)
        var reader = MessageReader(limits: limits)
        _ = try run(begun(65000, length: 0xFF_FFFF), &reader)
        #expect(reader.assembler.unfinishedBytes == 65000)
        #expect(reader.assembler.allocatedBytes <= 2 * 65000 + limits.maximumReservedBytes)
    }

    @Test("one chunk stream too many is refused before anything is kept for it")
    func chunkStreams() throws {
        let limits = ChunkLimits(maximumChunkStreams: 10)
        var reader = MessageReader(limits: limits)
        _ = try run(begun(9, length: 5), &reader)
        #expect(throws: ChunkError.tooManyChunkStreams(maximum: 10)) {
            try run(hex("3F 000001 000001 08 01000000 AA"), &reader)
        }
    }

    @Test("messages that are never finished are bounded together", arguments: [1, 7, 100_000])
    func unfinished(piece: Int) throws {
        let limits = ChunkLimits(maximumMessageBytes: 1000, maximumUnfinishedBytes: 1500, maximumReservedBytes: 100)
        var open: [UInt8] = hex("02 000000 000004 01 00000000 000003E7")
        for id in 4..<6 as Range<UInt8> {
            open += [id] + hex("000001 0003E8 09 01000000") + payload(999)
        }
        let pieces = stride(from: 0, to: open.count, by: piece).map { Array(open[$0..<min(open.count, $0 + piece)]) }
        #expect(try readMessages(pieces, limits: limits).error == .tooManyUnfinishedBytes(maximum: 1500))
    }

    @Test("a message in many pieces has memory of exactly its length in the end")
    func exact() throws {
        var reader = MessageReader()
        let data = payload(5000)
        var output = ByteWriter()
        var writer = ChunkWriter()
        writer.append(try message(4, 1, .video, 1, data), to: &output)
        let bytes = Array(copying: output.bytes)
        _ = try run(Array(bytes[..<1000]), &reader)
        #expect(reader.assembler.allocatedBytes == 5000)
        #expect(try run(Array(bytes[1000...]), &reader).map { $0.payload.array } == [data])
        #expect(reader.assembler.allocatedBytes == 0)
        #expect(reader.assembler.unfinishedBytes == 0)
    }

    @Test("a message beyond the reserve grows with what arrives, to its length at most")
    func grows() throws {
        let limits = ChunkLimits(maximumReservedBytes: 100)
        var reader = MessageReader(limits: limits)
        var output = ByteWriter()
        var writer = ChunkWriter()
        let data = payload(10000)
        writer.append(try message(4, 1, .video, 1, data), to: &output)
        let bytes = Array(copying: output.bytes)
        var sizes: [Int] = []
        var messages: [Message] = []
        var rest: [UInt8] = []
        for byte in bytes {
            rest.append(byte)
            let step = try reader.next(rest.rawSpan)
            rest.removeFirst(step.consumed)
            if case .message(let message) = step.event { messages.append(message) }
            if sizes.last != reader.assembler.allocatedBytes { sizes.append(reader.assembler.allocatedBytes) }
        }
        #expect(messages.map { $0.payload.array } == [data])
        #expect(sizes == [0, 101, 202, 404, 808, 1616, 3232, 6464, 10000, 0])
    }

    @Test("an abort gives the memory back")
    func abort() throws {
        var reader = MessageReader()
        _ = try run(hex("04 000001 0000C8 08 01000000") + payload(128), &reader)
        #expect(reader.assembler.allocatedBytes == 200)
        _ = try run(hex("02 000000 000004 02 00000000 00000004"), &reader)
        #expect(reader.assembler.allocatedBytes == 0)
        #expect(reader.assembler.unfinishedBytes == 0)
    }
}
