import Bytes

/// What the two ends tell each other about the connection itself (types 1 to 6).
package enum ControlMessage: Sendable, Equatable {
    /// From the next chunk on, in bytes: 1 to 2147483647.
    case setChunkSize(UInt32)
    /// The message begun on this chunk stream will not be finished.
    case abort(chunkStream: UInt32)
    /// So many bytes have arrived, modulo 2³².
    case acknowledgement(UInt32)
    case user(UserControlEvent)
    /// The sender wants an acknowledgement at least every so many bytes.
    case windowAcknowledgementSize(UInt32)
    /// The receiver should have no more than so many bytes on the way.
    case setPeerBandwidth(UInt32, BandwidthLimit)

    /// How a bandwidth is meant; values that nobody has defined are kept.
    package struct BandwidthLimit: Sendable, Hashable {
        package let number: UInt8

        package init(_ number: UInt8) { self.number = number }

        package static let hard = BandwidthLimit(0)
        package static let soft = BandwidthLimit(1)
        package static let dynamic = BandwidthLimit(2)
    }
}

/// Why the payload of a control message cannot be read. The chunks around it can: a program may go on.
package enum ControlMessageError: Error, Equatable {
    case truncated(type: UInt8, length: Int)
    /// A known event with less data than it has.
    case truncatedEvent(UInt16, length: Int)
}

// MARK: - Reading

extension ControlMessage {
    /// Nil where `message` is of another type. What follows the known fields is ignored.
    package init?(_ message: Message) throws(ControlMessageError) {
        let type = message.header.type
        switch type {
        case .setChunkSize: self = .setChunkSize(try Self.number(message) & 0x7FFF_FFFF)
        case .abort: self = .abort(chunkStream: try Self.number(message))
        case .acknowledgement: self = .acknowledgement(try Self.number(message))
        case .userControl: self = .user(try UserControlEvent(message.payload))
        case .windowAcknowledgementSize: self = .windowAcknowledgementSize(try Self.number(message))
        case .setPeerBandwidth:
            let bytes = message.payload.bytes
            // Some senders leave the kind out.
            let limit = bytes.byteCount > 4 ? BandwidthLimit(bytes[4]) : .hard
            self = .setPeerBandwidth(try Self.number(message), limit)
        default: return nil
        }
    }

    private static func number(_ message: Message) throws(ControlMessageError) -> UInt32 {
        let bytes = message.payload.bytes
        guard bytes.byteCount >= 4 else {
            throw .truncated(type: message.header.type.number, length: bytes.byteCount)
        }
        return bytes.u32(at: 0)
    }
}

// MARK: - Writing

extension ControlMessage {
    /// As it is sent: on chunk stream 2, for the whole connection.
    package var message: Message {
        var payload = ByteWriter(capacity: 16)
        let type = append(to: &payload)
        return Message(chunkStream: .control, type: type, payload: payload.finish())
    }

    private func append(to payload: inout ByteWriter) -> MessageType {
        switch self {
        case .setChunkSize(let size):
            payload.u32(size)
            return .setChunkSize
        case .abort(let chunkStream):
            payload.u32(chunkStream)
            return .abort
        case .acknowledgement(let sequence):
            payload.u32(sequence)
            return .acknowledgement
        case .user(let event):
            event.append(to: &payload)
            return .userControl
        case .windowAcknowledgementSize(let size):
            payload.u32(size)
            return .windowAcknowledgementSize
        case .setPeerBandwidth(let size, let limit):
            payload.u32(size)
            payload.u8(limit.number)
            return .setPeerBandwidth
        }
    }
}
