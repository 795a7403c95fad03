import Bytes
import RTMP

/// What one side of a session sends, written by a random program: proper messages, in any order.
package enum SessionProgram {
    /// Two bytes say one message: which, and on which stream.
    package static func client(_ program: [UInt8]) -> [UInt8] { bytes(program, of: clientMessages) }

    package static func server(_ program: [UInt8]) -> [UInt8] { bytes(program, of: serverMessages) }

    private static func bytes(_ program: [UInt8], of table: [@Sendable (Double, UInt8) -> Piece]) -> [UInt8] {
        var channel = MessageChannel()
        var output = ByteWriter()
        var transaction = 1.0
        for start in stride(from: 0, to: program.count - 1, by: 2) {
            let piece = table[Int(program[start]) % table.count](transaction, program[start + 1] >> 4)
            let stream = MessageStreamID(UInt32(program[start + 1] & 3))
            piece.write(on: stream, &channel, &output)
            transaction += 1
        }
        return Array(copying: output.bytes)
    }

    private enum Piece {
        case command(Command)
        case control(ControlMessage)
        case message(MessageType, [UInt8])

        func write(on stream: MessageStreamID, _ channel: inout MessageChannel, _ output: inout ByteWriter) {
            switch self {
            case .command(let command):
                do { try channel.write(command, on: stream, to: &output) } catch { fatalError("\(error)") }
            case .control(.setChunkSize(let size)): channel.setChunkSize(Int(size), to: &output)
            case .control(let control): channel.write(control, to: &output)
            case .message(let type, let payload):
                let message = Message(
                    chunkStream: .command, timestamp: 5, type: type, stream: stream, payload: SharedBytes(payload))
                channel.write(message, to: &output)
            }
        }
    }

    private static func call(
        _ name: AMFString, _ arguments: AMF0Value...
    ) -> @Sendable (Double, UInt8) -> Piece {
        { transaction, detail in
            let encoding: MessageEncoding = detail & 1 == 0 ? .amf0 : .amf3
            return .command(
                Command(name, transaction: detail & 2 == 0 ? transaction : 0, arguments, encoding: encoding))
        }
    }

    private static func tag(_ type: UInt8) -> [UInt8] { [type, 0, 0, 2, 0, 0, 7, 0, 0, 0, 0, 1, 2, 0, 0, 0, 13] }

    private static let clientMessages: [@Sendable (Double, UInt8) -> Piece] = [
        { transaction, detail in
            let properties = AMFProperties<AMF0Value>([("app", .string("live")), ("capsEx", .number(7))])
            return .command(ConnectRequest(properties: properties).command(transaction: transaction))
        },
        call("createStream"), call("createStream"), call("releaseStream", .string("s")),
        call("FCPublish", .string("s")), call("publish", .string("s"), .string("live")), call("publish", .null),
        call("publish", .boolean(false)), call("play", .string("p"), .number(-2)), call("play"),
        call("FCUnpublish", .string("s")), call("closeStream"), call("deleteStream", .number(1)),
        call("deleteStream", .number(2)), call("deleteStream", .string("s")), call("_checkbw"),
        call("getStreamLength", .string("s")), call("FCSubscribe", .string("s")),
        call("pause", .boolean(true), .number(9)), call("pause", .boolean(false)), call("seek", .number(4)),
        call("receiveAudio", .boolean(false)), call("receiveVideo", .boolean(true)), call("whatever"),
        call("_result"), call("onStatus"),
        { _, detail in .control(.setChunkSize(UInt32(detail) * 20 + 1)) },
        { _, detail in .control(.user(.pingRequest(UInt32(detail)))) },
        { _, detail in .control(.user(.setBufferLength(.connection, milliseconds: UInt32(detail)))) },
        { _, detail in .control(.setPeerBandwidth(UInt32(detail), .hard)) },
        { _, detail in .control(.windowAcknowledgementSize(UInt32(detail))) },
        { _, detail in .message(.audio, [0xAF, detail]) }, { _, detail in .message(.video, [0x17, detail]) },
        { _, detail in .message(.dataAMF0, [2, 0, 1, detail]) },
        { _, detail in .message(.aggregate, tag(8) + tag(9) + tag(detail & 1 == 0 ? 18 : 20)) },
    ]

    private static func status(
        _ code: StatusCode
    ) -> @Sendable (Double, UInt8) -> Piece {
        { _, detail in .command(.onStatus(Status(code, "d"), encoding: detail & 1 == 0 ? .amf0 : .amf3)) }
    }

    private static let serverMessages: [@Sendable (Double, UInt8) -> Piece] = [
        { _, _ in .command(.connectResult(server: AMFProperties(), Status(.connectSuccess, "d"))) },
        { _, _ in .command(.error(transaction: 1, Status(.connectRejected, "d"))) },
        { _, detail in .command(.createStreamResult(transaction: Double(detail & 7), streamID: 1)) },
        { _, detail in .command(.error(transaction: Double(detail & 7), Status(.callFailed, "d"))) },
        { _, detail in .command(.result(transaction: Double(detail & 7))) },
        status(.publishStart), status(.playStart), status(.playReset), status(.playStreamNotFound),
        status(.publishDenied), status(.unpublishSuccess), call("onBWDone"), call("onFCPublish"), call("_onbwcheck"),
        call("_result"), call("_error"), call("onStatus"),
        { _, detail in .control(.user(.streamBegin(MessageStreamID(UInt32(detail))))) },
        { _, detail in .control(.user(.pingRequest(UInt32(detail)))) },
        { _, detail in .control(.setChunkSize(UInt32(detail) * 20 + 1)) },
        { _, detail in .message(.audio, [0xAF, detail]) }, { _, detail in .message(.video, [0x17, detail]) },
        { _, detail in .message(.dataAMF0, [2, 0, 1, detail]) },
        { _, detail in .message(.aggregate, tag(8) + tag(9) + tag(detail & 1 == 0 ? 18 : 20)) },
    ]
}
