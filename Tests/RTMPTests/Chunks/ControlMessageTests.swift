import Bytes
import RTMP
import Testing

@Suite("ControlMessage") struct ControlMessageTests {
    static let golden: [(ControlMessage, UInt8, String)] = [
        (.setChunkSize(60000), 1, "0000EA60"), (.abort(chunkStream: 65599), 2, "0001003F"),
        (.acknowledgement(0xFFFF_FFFE), 3, "FFFFFFFE"), (.windowAcknowledgementSize(2_500_000), 5, "002625A0"),
        (.setPeerBandwidth(5_000_000, .dynamic), 6, "004C4B4002"), (.setPeerBandwidth(1, .hard), 6, "0000000100"),
        (.setPeerBandwidth(1, .soft), 6, "0000000101"), (.user(.streamBegin(MessageStreamID(1))), 4, "000000000001"),
        (.user(.streamEOF(MessageStreamID(1))), 4, "000100000001"),
        (.user(.streamDry(MessageStreamID(0x0102_0304))), 4, "000201020304"),
        (.user(.setBufferLength(MessageStreamID(1), milliseconds: 3000)), 4, "00030000000100000BB8"),
        (.user(.streamIsRecorded(MessageStreamID(5))), 4, "000400000005"),
        (.user(.pingRequest(0xABCD)), 4, "00060000ABCD"), (.user(.pingResponse(0xABCD)), 4, "00070000ABCD"),
        (.user(.bufferEmpty(MessageStreamID(1))), 4, "001F00000001"),
        (.user(.bufferReady(MessageStreamID(1))), 4, "002000000001"),
        // A request of SWF verification, which nobody here answers.
        (.user(.unknown(26, .empty)), 4, "001A"), (.user(.unknown(0x0105, SharedBytes([9, 8]))), 4, "01050908"),
    ]

    @Test("each is written and read as the protocol has it", arguments: golden.indices)
    func goldenBytes(index: Int) throws {
        let (control, type, text) = Self.golden[index]
        let message = control.message
        #expect(message.header.type.number == type)
        #expect(message.header.chunkStream == .control)
        #expect(message.header.stream == .connection)
        #expect(message.header.timestamp == 0)
        #expect(message.payload.array == hex(text))
        #expect(try ControlMessage(message) == control)
    }

    @Test("each that is cut short is refused", arguments: golden.indices)
    func truncated(index: Int) throws {
        let (control, type, text) = Self.golden[index]
        if case .user(.unknown) = control { return }
        let bytes = hex(text)
        for count in 0..<bytes.count {
            let short = Message(
                chunkStream: .control, type: MessageType(type), payload: SharedBytes(Array(bytes[..<count])))
            if type == 6, count == 4 {
                // Without its kind it is a hard limit.
                #expect(try ControlMessage(short) != nil)
            } else {
                #expect(throws: ControlMessageError.self) { try ControlMessage(short) }
            }
        }
    }

    @Test("what follows the known fields is ignored, and other messages are none")
    func others() throws {
        let long = Message(chunkStream: .control, type: .acknowledgement, payload: SharedBytes([0, 0, 0, 9, 1, 2]))
        #expect(try ControlMessage(long) == .acknowledgement(9))
        #expect(try ControlMessage(Message(chunkStream: .control, type: .audio, payload: SharedBytes([1]))) == nil)
    }

    @Test("the reserved bit of a chunk size is ignored")
    func reservedBit() throws {
        let message = Message(chunkStream: .control, type: .setChunkSize, payload: SharedBytes(hex("80001000")))
        #expect(try ControlMessage(message) == .setChunkSize(4096))
    }
}

@Suite("AcknowledgementWindow") struct AcknowledgementWindowTests {
    @Test("without a window nothing is acknowledged; with one, at half of it")
    func due() {
        var window = AcknowledgementWindow()
        #expect(window.received(10_000_000) == nil)
        window.windowReceived(100_000)
        #expect(window.received(0) == 10_000_000)
        #expect(window.received(49_999) == nil)
        #expect(window.received(1) == 10_050_000)
        #expect(window.received(49_999) == nil)
        window.windowReceived(0)
        #expect(window.received(1_000_000) == nil)
    }

    @Test("a tiny window does not make every read an answer")
    func tiny() {
        var window = AcknowledgementWindow()
        window.windowReceived(1)
        #expect(window.received(4095) == nil)
        #expect(window.received(1) == 4096)
        #expect(window.received(1) == nil)
    }

    @Test("what is told wraps at 32 bits")
    func wraps() {
        var window = AcknowledgementWindow()
        window.windowReceived(8192)
        #expect(window.received(0x1_0000_0005) == 5)
        #expect(window.receivedBytes == 0x1_0000_0005)
    }

    @Test("what the peer has is followed across the wrap")
    func acknowledged() {
        var window = AcknowledgementWindow()
        window.sent(0x7FFF_0000)
        window.acknowledged(0x7000_0000)
        #expect(window.acknowledgedBytes == 0x7000_0000)
        window.sent(0x9000_0000)
        window.acknowledged(0xE000_0000)
        #expect(window.acknowledgedBytes == 0xE000_0000)
        window.acknowledged(0x0FFF_0000)
        #expect(window.acknowledgedBytes == 0x1_0FFF_0000 as UInt64)
        #expect(window.unacknowledgedBytes == 0)
    }

    @Test("one that goes back is ignored, one for too much is for all")
    func strange() {
        var window = AcknowledgementWindow()
        window.sent(1000)
        window.acknowledged(500)
        window.acknowledged(400)
        #expect(window.acknowledgedBytes == 500)
        window.acknowledged(4073)
        #expect(window.acknowledgedBytes == 1000)
        window.acknowledged(0xFFFF_FFFF)
        #expect(window.acknowledgedBytes == 1000)
        #expect(window.unacknowledgedBytes == 0)
    }
}

@Suite("AggregateReader") struct AggregateReaderTests {
    private func read(_ text: String, at timestamp: UInt32) throws(AggregateError) -> [Message] {
        var reader = AggregateReader(
            Message(
                chunkStream: .command, timestamp: timestamp, type: .aggregate, stream: MessageStreamID(7),
                payload: SharedBytes(hex(text))))
        var messages: [Message] = []
        while let message = try reader.next() { messages.append(message) }
        return messages
    }

    private static let text = """
        08 000002 000064 00 000001 AABB 0000000D  09 000001 00008C 00 000002 CC 0000000C
        08 000000 000063 00 000000 0000000B
        """

    @Test("the first message has the aggregate's time, the others keep their distance, all have its stream")
    func split() throws {
        let expected = [
            try message(3, 5000, .audio, 7, [0xAA, 0xBB]), try message(3, 5040, .video, 7, [0xCC]),
            try message(3, 4999, .audio, 7, []),
        ]
        #expect(try read(Self.text, at: 5000) == expected)
    }

    @Test("the upper eight bits of a timestamp come last, and sums wrap")
    func upperBits() throws {
        let text = "08 000000 FFFFFF 00 000000 00000000  08 000000 000009 01 000000 00000000"
        #expect(try read(text, at: 0xFFFF_FFFF).map(\.header.timestamp) == [0xFFFF_FFFF, 9])
    }

    @Test("without the last trailer, or a part of it, nothing is missing; without anything else, it is refused")
    func truncated() throws {
        let bytes = hex(Self.text)
        for count in 0...bytes.count {
            let text = bytes[..<count].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            if [0..<1, 13..<18, 29..<34, 44..<49].contains(where: { $0.contains(count) }) {
                #expect(throws: Never.self) { try read(text, at: 0) }
            } else {
                #expect(throws: AggregateError.self, "\(count)") { try read(text, at: 0) }
            }
        }
    }

    @Test("an aggregate inside of an aggregate is refused")
    func nested() {
        #expect(throws: AggregateError.nested(offset: 0)) { try read("16 000000 000000 00 000000 00000000", at: 0) }
    }
}
