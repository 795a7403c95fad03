import Bytes
import RTMP
import RTMPModel
import Testing

@Suite("ChunkReader") struct ChunkReaderTests {
    /// The headers of the fragments that open messages, with the parts that their payloads came in.
    private func fragments(_ bytes: [UInt8], _ reader: inout ChunkReader) throws(ChunkError) -> [ChunkFragment] {
        var rest = bytes
        var fragments: [ChunkFragment] = []
        while true {
            let step = try reader.next(rest.rawSpan)
            rest.removeFirst(step.consumed)
            switch step.event {
            case .needsInput: return fragments
            case .fragment(let fragment): fragments.append(fragment)
            case .aborted: break
            }
        }
    }

    private func messages(_ text: String) throws -> [Message] {
        let read = try readMessages([hex(text)])
        #expect(read.error == nil)
        return read.messages
    }

    @Test("a whole header says everything, the stream in little-endian")
    func absolute() throws {
        #expect(
            try messages("04 0003E8 000003 08 01000000 AABBCC")
                == [message(4, 1000, .audio, 1, [0xAA, 0xBB, 0xCC])])
    }

    @Test("shorter headers repeat what they leave out")
    func relative() throws {
        #expect(
            try messages("04 0003E8 000001 08 01000000 AA  44 000014 000002 09 BBCC  84 000015 DDEE  C4 FF00")
                == [
                    message(4, 1000, .audio, 1, [0xAA]), message(4, 1020, .video, 1, [0xBB, 0xCC]),
                    message(4, 1041, .video, 1, [0xDD, 0xEE]), message(4, 1062, .video, 1, [0xFF, 0x00]),
                ])
    }

    @Test("a message that repeats a whole header adds its timestamp once more")
    func repeated() throws {
        #expect(
            try messages("04 000017 000001 08 01000000 AA  C4 BB  C4 CC")
                == [
                    message(4, 23, .audio, 1, [0xAA]), message(4, 46, .audio, 1, [0xBB]),
                    message(4, 69, .audio, 1, [0xCC]),
                ])
    }

    @Test(
        "a fresh chunk stream may begin with any header; what it leaves out is 0",
        arguments: [
            // The ping of librtmp.
            ("42 000000 000006 04 0007 0000ABCD", 2, 4, [0, 7, 0, 0, 0xAB, 0xCD]), ("85 000005", 5, 0, []),
            ("C6", 6, 0, []),
        ] as [(String, UInt32, UInt8, [UInt8])])
    func fresh(text: String, id: UInt32, type: UInt8, payload: [UInt8]) throws {
        let read = try messages(text)
        #expect(read.count == 1)
        #expect(read.first?.header.chunkStream.number == id)
        #expect(read.first?.header.type.number == type)
        #expect(read.first?.header.stream == .connection)
        #expect(read.first?.payload.array == payload)
    }

    @Test(
        "chunk streams are said in one, two and three bytes",
        arguments: [
            ("02", 2), ("3F", 63), ("0000", 64), ("00FF", 319), ("010000", 64), ("01FF00", 319), ("010001", 320),
            ("01FFFF", 65599),
        ] as [(String, UInt32)])
    func chunkStreams(basic: String, id: UInt32) throws {
        #expect(try messages(basic + "000001 000001 08 01000000 AA") == [message(id, 1, .audio, 1, [0xAA])])
    }

    @Test("chunks of several messages interleave")
    func interleaved() throws {
        let first = payload(200)
        let second = payload(130, seed: 9)
        let bytes = joined(
            hex("04 000001 0000C8 08 01000000"), Array(first[..<128]), hex("06 000002 000082 09 01000000"),
            Array(second[..<128]), hex("C4"), Array(first[128...]), hex("C6"), Array(second[128...]))
        #expect(
            try readMessages([bytes]).messages
                == [message(4, 1, .audio, 1, first), message(6, 2, .video, 1, second)])
    }

    @Test("a fragment says what it is a part of")
    func fragments() throws {
        var reader = ChunkReader()
        let data = payload(130)
        let bytes = hex("04 000001 000082 08 01000000") + data[..<128] + hex("C4") + data[128...]
        let read = try fragments(Array(bytes[..<100]), &reader) + fragments(Array(bytes[100...]), &reader)
        #expect(read.map(\.offset) == [0, 88, 128])
        #expect(read.map(\.payload) == [12..<100, 0..<40, 1..<3])
        #expect(read.map(\.opensChunk) == [true, false, true])
        #expect(read.map(\.closesChunk) == [false, true, true])
        #expect(read.map(\.opensMessage) == [true, false, false])
        #expect(read.map(\.endsMessage) == [false, false, true])
        #expect(read.allSatisfy { $0.header.length == 130 && $0.header.timestamp == 1 })
    }

    @Test("at most 18 bytes are left unconsumed: a header that no payload follows yet")
    func unconsumed() throws {
        let bytes = hex("01FFFF FFFFFF 000001 08 01000000 01000000 AA")
        for count in 0...18 {
            var reader = ChunkReader()
            let step = try reader.next(Array(bytes[..<count]).rawSpan)
            #expect(step.consumed == 0)
            #expect(step.event == .needsInput)
        }
        var reader = ChunkReader()
        #expect(try fragments(bytes, &reader).count == 1)
    }

    @Test("an empty message has one empty chunk")
    func empty() throws {
        #expect(try messages("04 000001 000000 08 01000000") == [message(4, 1, .audio, 1, [])])
    }

    @Test("a chunk size takes effect at once, its top bit ignored, also inside of another message")
    func chunkSizes() throws {
        let data = payload(140)
        let bytes = joined(
            hex("04 000000 00008C 08 01000000"), Array(data[..<128]),
            hex("02 000000 000004 01 00000000 80000005 C4"), Array(data[128..<133]), hex("C4"),
            Array(data[133..<138]), hex("C4"), Array(data[138...]))
        let read = try readMessages([bytes])
        #expect(read.error == nil)
        #expect(read.messages.map { $0.payload.count } == [4, 140])
        #expect(read.messages.last?.payload.array == data)
    }

    @Test("a chunk size is read where its own message comes in chunks")
    func chunkSizeInPieces() throws {
        var reader = ChunkReader()
        _ = try fragments(hex("02 000000 000004 01 00000000 00000001"), &reader)
        #expect(reader.chunkSize == 1)
        _ = try fragments(hex("02 000000 000006 01 00000000 00 C2 01 C2 02 C2 03 C2 04"), &reader)
        #expect(reader.chunkSize == 1)
        _ = try fragments(hex("C2 05"), &reader)
        #expect(reader.chunkSize == 0x0001_0203)
    }

    @Test("an aborted message is dropped, and its chunk stream goes on with the next")
    func abort() throws {
        let data = payload(200)
        var bytes = hex("04 000001 0000C8 08 01000000") + data[..<128]
        bytes += hex("02 000000 000004 02 00000000 00000004")
        bytes += hex("04 000002 000001 08 01000000 AA")
        #expect(
            try readMessages([bytes]).messages
                == [message(2, 0, .abort, 0, [0, 0, 0, 4]), message(4, 2, .audio, 1, [0xAA])])
        var reader = ChunkReader()
        var rest = bytes
        var aborted: [ChunkStreamID] = []
        while true {
            let step = try reader.next(rest.rawSpan)
            rest.removeFirst(step.consumed)
            if step.event == .needsInput { break }
            if case .aborted(let id) = step.event { aborted.append(id) }
        }
        #expect(aborted.map(\.number) == [4])
    }

    @Test("an abort of what is not there is nothing", arguments: ["00000005", "00000002", "00000000", "FFFFFFFF"])
    func abortNothing(target: String) throws {
        let read = try messages("02 000000 000004 02 00000000" + target + "04 000002 000001 08 01000000 AA")
        #expect(read.count == 2)
    }

    @Test(
        "what cannot be read on is refused",
        arguments: [
            ("02 000000 000004 01 00000000 00000000", .chunkSizeZero),
            ("02 000000 000004 01 00000000 80000000", .chunkSizeZero),
            ("02 000000 000003 01 00000000 000001", .controlMessageTooShort(type: 1, length: 3)),
            ("02 000000 000000 02 00000000", .controlMessageTooShort(type: 2, length: 0)),
            ("04 000000 800001 09 01000000", .messageTooLong(length: 0x800001, maximum: 0x800000)),
        ] as [(String, ChunkError)])
    func refused(text: String, error: ChunkError) throws {
        let read = try readMessages([hex(text)])
        #expect(read.error == error)
        #expect(try readMessages(hex(text).map { [$0] }) == read)
    }

    @Test("a message may not begin inside of another on its chunk stream", arguments: ["04", "44", "84"])
    func messageInsideMessage(header: String) throws {
        let begun = hex("04 000001 000200 08 01000000") + payload(128)
        #expect(try readMessages([begun + hex(header)]).error == .messageInsideMessage(chunkStream: 4))
        #expect(try readMessages([begun + hex("05 000001 000001 08 01000000 AA")]).messages.count == 1)
    }
}
