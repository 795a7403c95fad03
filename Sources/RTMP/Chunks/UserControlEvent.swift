package import Bytes

/// What a user control message (type 4) tells.
package enum UserControlEvent: Sendable, Equatable {
    case streamBegin(MessageStreamID)
    case streamEOF(MessageStreamID)
    case streamDry(MessageStreamID)
    /// A player keeps so many milliseconds.
    case setBufferLength(MessageStreamID, milliseconds: UInt32)
    case streamIsRecorded(MessageStreamID)
    /// To be answered with the same timestamp.
    case pingRequest(UInt32)
    case pingResponse(UInt32)
    case bufferEmpty(MessageStreamID)
    case bufferReady(MessageStreamID)
    /// Any other, with what follows its number.
    case unknown(UInt16, SharedBytes)

    init(_ payload: SharedBytes) throws(ControlMessageError) {
        let bytes = payload.bytes
        guard bytes.byteCount >= 2 else {
            throw .truncated(type: MessageType.userControl.number, length: bytes.byteCount)
        }
        let number = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        switch number {
        case 0: self = .streamBegin(MessageStreamID(try Self.value(0, of: number, bytes)))
        case 1: self = .streamEOF(MessageStreamID(try Self.value(0, of: number, bytes)))
        case 2: self = .streamDry(MessageStreamID(try Self.value(0, of: number, bytes)))
        case 3:
            let milliseconds = try Self.value(1, of: number, bytes)
            self = .setBufferLength(
                MessageStreamID(try Self.value(0, of: number, bytes)), milliseconds: milliseconds)
        case 4: self = .streamIsRecorded(MessageStreamID(try Self.value(0, of: number, bytes)))
        case 6: self = .pingRequest(try Self.value(0, of: number, bytes))
        case 7: self = .pingResponse(try Self.value(0, of: number, bytes))
        case 31: self = .bufferEmpty(MessageStreamID(try Self.value(0, of: number, bytes)))
        case 32: self = .bufferReady(MessageStreamID(try Self.value(0, of: number, bytes)))
        default: self = .unknown(number, payload.dropping(first: 2))
        }
    }

    /// One of the 32-bit numbers behind the number of the event.
    private static func value(
        _ index: Int, of event: UInt16, _ bytes: RawSpan
    ) throws(ControlMessageError) -> UInt32 {
        guard bytes.byteCount >= 6 + 4 * index else { throw .truncatedEvent(event, length: bytes.byteCount) }
        return bytes.u32(at: 2 + 4 * index)
    }

    func append(to payload: inout ByteWriter) {
        switch self {
        case .streamBegin(let stream): Self.append(0, stream.number, to: &payload)
        case .streamEOF(let stream): Self.append(1, stream.number, to: &payload)
        case .streamDry(let stream): Self.append(2, stream.number, to: &payload)
        case .setBufferLength(let stream, let milliseconds):
            Self.append(3, stream.number, to: &payload)
            payload.u32(milliseconds)
        case .streamIsRecorded(let stream): Self.append(4, stream.number, to: &payload)
        case .pingRequest(let timestamp): Self.append(6, timestamp, to: &payload)
        case .pingResponse(let timestamp): Self.append(7, timestamp, to: &payload)
        case .bufferEmpty(let stream): Self.append(31, stream.number, to: &payload)
        case .bufferReady(let stream): Self.append(32, stream.number, to: &payload)
        case .unknown(let number, let data):
            payload.u16(number)
            payload.append(data)
        }
    }

    private static func append(_ number: UInt16, _ value: UInt32, to payload: inout ByteWriter) {
        payload.u16(number)
        payload.u32(value)
    }
}
