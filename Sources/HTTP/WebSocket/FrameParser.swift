import Bytes

/// Finds WebSocket frames in the bytes of a connection; it keeps no bytes and checks each frame by itself.
///
/// What frames mean for each other (fragments, closing) is `WebSocketMachine`'s business.
package struct FrameParser: Sendable {
    package enum Event: Sendable, Equatable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        case frame(FrameHeader)
        /// The part of the input that is payload, still masked, of the frame reported last.
        case payload(Range<Int>)
        case frameEnded
    }

    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    private enum State: Sendable {
        case header
        /// With so many bytes to come.
        case payload(Int)
    }

    private var state = State.header
    private let role: WebSocketRole

    /// `role` is this side's.
    package init(role: WebSocketRole) { self.role = role }

    /// Looks at `bytes`, everything not yet consumed, and says the first thing they mean.
    package mutating func parse(_ bytes: RawSpan) throws(WebSocketError) -> Step {
        switch state {
        case .header:
            guard let (header, consumed) = try parseHeader(bytes) else { return Step(consumed: 0, event: .needsInput) }
            state = .payload(header.length)
            return Step(consumed: consumed, event: .frame(header))
        case .payload(0):
            state = .header
            return Step(consumed: 0, event: .frameEnded)
        case .payload(let remaining):
            let taken = min(remaining, bytes.byteCount)
            guard taken > 0 else { return Step(consumed: 0, event: .needsInput) }
            state = .payload(remaining - taken)
            return Step(consumed: taken, event: .payload(0..<taken))
        }
    }

    /// The two bytes that every header has are judged as soon as they are there.
    private func parseHeader(_ bytes: RawSpan) throws(WebSocketError) -> (FrameHeader, Int)? {
        guard bytes.byteCount >= 1 else { return nil }
        guard bytes[0] & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = Opcode(rawValue: bytes[0] & 0x0F) else { throw .reservedOpcode(bytes[0] & 0x0F) }
        let isFinal = bytes[0] & 0x80 != 0
        if opcode.isControl, !isFinal { throw .fragmentedControlFrame }
        guard bytes.byteCount >= 2 else { return nil }
        let isMasked = bytes[1] & 0x80 != 0
        guard isMasked == (role == .server) else { throw .wrongMasking }
        let short = Int(bytes[1] & 0x7F)
        if opcode.isControl, short > FrameHeader.maximumControlBytes { throw .controlFrameTooLong(short) }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.byteCount >= 2 + lengthBytes else { return nil }
        let length = lengthBytes == 0 ? short : try Self.length(bytes.extracting(2..<(2 + lengthBytes)))
        var consumed = 2 + lengthBytes
        var header = FrameHeader(opcode, length: length, isFinal: isFinal)
        if isMasked {
            guard bytes.byteCount >= consumed + 4 else { return nil }
            header.maskKey = UInt32(truncatingIfNeeded: Self.number(bytes.extracting(consumed..<(consumed + 4))))
            consumed += 4
        }
        return (header, consumed)
    }

    private static func length(_ bytes: RawSpan) throws(WebSocketError) -> Int {
        let value = number(bytes)
        guard value > (bytes.byteCount == 2 ? 125 : 65535) else { throw .lengthNotMinimal }
        guard let length = Int(exactly: value) else { throw .lengthOutOfRange }
        return length
    }

    private static func number(_ bytes: RawSpan) -> UInt64 {
        var value: UInt64 = 0
        for position in 0..<bytes.byteCount { value = value << 8 | UInt64(bytes[position]) }
        return value
    }
}

/// Which end of a WebSocket this is: a client masks what it sends, a server does not (RFC 6455 §5.1).
package enum WebSocketRole: UInt8, Sendable, Hashable {
    case client
    case server
}
