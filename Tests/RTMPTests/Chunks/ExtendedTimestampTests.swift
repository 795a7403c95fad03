import Bytes
import RTMP
import RTMPModel
import Testing

@Suite("Extended timestamps") struct ExtendedTimestampTests {
    /// A message of 5 bytes in chunks of 2, with an extended timestamp; `isRepeated` in the chunks that go on.
    private func chunks(_ timestamp: String, isRepeated: Bool, payload: String) -> [UInt8] {
        let go = isRepeated ? "C4" + timestamp : "C4"
        let bytes = hex(payload)
        return joined(
            hex("02 000000 000004 01 00000000 00000002  04 FFFFFF 000005 09 01000000" + timestamp),
            Array(bytes[..<2]), hex(go), Array(bytes[2..<4]), hex(go), Array(bytes[4...]))
    }

    @Test(
        "both dialects are read, wherever they are cut",
        arguments: ["00FFFFFF", "01000000", "FFFFFFFF", "7FFFFFFF"], [true, false])
    func dialects(timestamp: String, isRepeated: Bool) throws {
        let bytes = chunks(timestamp, isRepeated: isRepeated, payload: "AABBCCDDEE")
        let expected = try message(
            4, hex(timestamp).reduce(0) { $0 << 8 | UInt32($1) }, .video, 1, hex("AABBCCDDEE"))
        for cut in 0...bytes.count {
            let read = try readMessages([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(read.messages.last == expected, "cut at \(cut)")
        }
        #expect(try readMessages(bytes.map { [$0] }).messages.last == expected)
    }

    @Test("payload that begins like the timestamp is still payload, and comes as soon as that shows")
    func similarPayload() throws {
        // 2 bytes, 2 bytes that are the first of the timestamp, 1 byte that differs: nothing comes behind it.
        let bytes = chunks("01000000", isRepeated: false, payload: "AABB0100EE")
        // The third chunk's header makes the difference: C4 is not the third byte of the timestamp.
        let read = try readMessages([bytes])
        #expect(read.messages.last?.payload.array == hex("AABB0100EE"))
    }

    @Test(
        "24 bits are enough up to 0xFFFFFE",
        arguments: [
            (0xFF_FFFE, "04 FFFFFE 000001 08 01000000 AA"), (0xFF_FFFF, "04 FFFFFF 000001 08 01000000 00FFFFFF AA"),
            (0x100_0000, "04 FFFFFF 000001 08 01000000 01000000 AA"),
            (0xFFFF_FFFF, "04 FFFFFF 000001 08 01000000 FFFFFFFF AA"),
        ] as [(UInt32, String)])
    func boundaries(timestamp: UInt32, text: String) throws {
        let expected = try message(4, timestamp, .audio, 1, [0xAA])
        #expect(try readMessages([hex(text)]).messages == [expected])
        #expect(whole(expected, chunkSize: 128).array == hex(text))
    }

    @Test("a difference may be extended too, and sums wrap")
    func extendedDifference() throws {
        let bytes = hex(
            "04 000010 000001 08 01000000 AA  84 FFFFFF 01000000 BB  C4 01000000 CC  84 FFFFFF FFFFFFFF DD  84 000001 EE"
        )
        #expect(
            try readMessages([bytes]).messages
                == [
                    message(4, 0x10, .audio, 1, [0xAA]), message(4, 0x100_0010, .audio, 1, [0xBB]),
                    message(4, 0x200_0010, .audio, 1, [0xCC]), message(4, 0x200_000F, .audio, 1, [0xDD]),
                    message(4, 0x200_0010, .audio, 1, [0xEE]),
                ])
    }

    @Test("a sum that passes 32 bits wraps")
    func wraps() throws {
        let bytes = hex("04 FFFFFF 000001 08 01000000 FFFFFFFE AA  84 000005 BB")
        #expect(try readMessages([bytes]).messages.map(\.header.timestamp) == [0xFFFF_FFFE, 3])
    }

    @Test("chunks that go on with an extended difference may repeat it, or the sum, or nothing", arguments: 0..<3)
    func differenceRepeated(dialect: Int) throws {
        let go = ["C4 02000000", "C4 02000010", "C4"][dialect]
        let data = payload(130)
        let bytes = joined(
            hex("04 000010 000001 08 01000000 AA  44 FFFFFF 000082 09 02000000"), Array(data[..<128]), hex(go),
            Array(data[128...]))
        #expect(try readMessages([bytes]).messages.last == message(4, 0x200_0010, .video, 1, data))
    }
}
