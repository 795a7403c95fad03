import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("FrameParser") struct FrameParserTests {
    /// Frames with their payload unmasked, or what was wrong.
    private func parse(_ pieces: [[UInt8]], role: WebSocketRole) throws(WebSocketError) -> [Frame] {
        var parser = FrameParser(role: role)
        var queue = ByteQueue(maximum: 1 << 20)
        var frames: [Frame] = []
        var mask = Mask(key: 0)
        for piece in pieces {
            _ = queue.append(piece.rawSpan)
            reading: while true {
                let step = try parser.parse(queue.readable)
                switch step.event {
                case .needsInput: break reading
                case .frame(let header):
                    mask = Mask(key: header.maskKey ?? 0)
                    frames.append(Frame(header: header))
                case .payload(let range):
                    var output = ByteWriter()
                    mask.append(queue.readable.extracting(range), to: &output)
                    frames[frames.count - 1].payload += Array(copying: output.bytes)
                case .frameEnded: frames[frames.count - 1].isComplete = true
                }
                queue.consume(step.consumed)
            }
        }
        return frames
    }

    struct Frame: Equatable {
        var header: FrameHeader
        var payload: [UInt8] = []
        var isComplete = false
    }

    @Test("the examples of RFC 6455 §5.7 are read, wherever they are cut")
    func examples() throws {
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        for cut in 0...masked.count {
            let frames = try parse([Array(masked[..<cut]), Array(masked[cut...])], role: .server)
            #expect(frames.count == 1)
            #expect(frames[0].payload == Array("Hello".utf8))
            #expect(frames[0].header == FrameHeader(.text, length: 5, maskKey: 0x37FA_213D))
            #expect(frames[0].isComplete)
        }
        let fragments: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        let frames = try parse(fragments.map { [$0] }, role: .client)
        #expect(frames.map(\.header.opcode) == [.text, .continuation])
        #expect(frames.map(\.header.isFinal) == [false, true])
        #expect(frames.flatMap(\.payload) == Array("Hello".utf8))
    }

    @Test(
        "every length is written in the fewest bytes and read again",
        arguments: [0, 1, 125, 126, 127, 65535, 65536, 70000])
    func lengths(count: Int) throws {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        for (role, key) in [(WebSocketRole.client, nil), (.server, UInt32(0xA1B2_C3D4))] {
            var output = ByteWriter()
            FrameEncoder.append(.binary, payload.rawSpan, maskKey: key, to: &output)
            let header = count < 126 ? 2 : count < 65536 ? 4 : 10
            let written = output.count
            #expect(written == header + (key == nil ? 0 : 4) + count)
            let frames = try parse([Array(copying: output.bytes)], role: role)
            #expect(
                frames == [
                    Frame(header: FrameHeader(.binary, length: count, maskKey: key), payload: payload, isComplete: true)
                ])
        }
    }

    @Test(
        "a frame that breaks the rules is refused as soon as its bytes show it",
        arguments: [
            ([0xC1], WebSocketError.reservedBits), ([0xA1], .reservedBits), ([0x91], .reservedBits),
            ([0x83], .reservedOpcode(3)),
            ([0x8B], .reservedOpcode(11)), ([0x09], .fragmentedControlFrame), ([0x08], .fragmentedControlFrame),
            ([0x81, 0x05], .wrongMasking),
            ([0x89, 0xFE], .controlFrameTooLong(126)), ([0x88, 0xFF], .controlFrameTooLong(127)),
            ([0x82, 0xFE, 0x00, 0x7D], .lengthNotMinimal),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthNotMinimal),
            ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange),
        ] as [([UInt8], WebSocketError)])
    func refused(bytes: [UInt8], error: WebSocketError) {
        #expect(throws: error) { try parse([bytes], role: .server) }
        #expect(throws: error) { try parse(bytes.map { [$0] }, role: .server) }
        if bytes.count > 2 {
            #expect(throws: Never.self) { try parse([Array(bytes.dropLast())], role: .server) }
        }
    }

    @Test("a server's frames are not masked")
    func maskedServer() {
        #expect(throws: WebSocketError.wrongMasking) { try parse([[0x81, 0x85]], role: .client) }
    }

    @Test("every first byte is a known opcode without reserved bits, or refused")
    func firstBytes() {
        for byte in UInt8.min...UInt8.max {
            let isControl = byte & 0x08 != 0
            let isKnown = [0, 1, 2, 8, 9, 10].contains(byte & 0x0F)
            let isGood = byte & 0x70 == 0 && isKnown && (!isControl || byte & 0x80 != 0)
            let isAccepted = (try? parse([[byte]], role: .server)) != nil
            #expect(isAccepted == isGood, "\(byte)")
        }
    }
}

@Suite("Mask") struct MaskTests {
    @Test("masking goes on where it stopped and undoes itself")
    func pieces() {
        var generator = SplitMix(seed: 3)
        let payload = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let expected = payload.enumerated().map { $1 ^ key[$0 % 4] }
        for largest in [1, 2, 3, 5, 8, 9, 17, 200] {
            var mask = Mask(key: 0x1234_5678)
            var output = ByteWriter()
            for piece in payload.pieces(largest: largest, using: &generator) { mask.append(piece.rawSpan, to: &output) }
            #expect(Array(copying: output.bytes) == expected)
            var again = Mask(key: 0x1234_5678)
            var restored = ByteWriter()
            again.append(output.bytes, to: &restored)
            #expect(Array(copying: restored.bytes) == payload)
        }
    }
}
