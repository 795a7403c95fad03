import Bytes
import RTMP
import RTMPModel
import Testing

/// A server behind its handshake, to which messages are said one by one, and what came of them as lines of text.
///
/// What the server sends reads like `_result 2`, `onStatus@1 NetStream.Play.Start`, `begin 1`; what it tells its owner
/// begins with `!`.
final class ServerRig {
    var session: ServerSession
    let policy: ServerPolicy
    private var client = MessageChannel()
    private var reader = MessageReader()
    private var input: [UInt8] = []
    private(set) var events: [ServerSession.Event] = []

    init(
        policy: ServerPolicy = ServerPolicy(), limits: SessionLimits = SessionLimits(), isConnected: Bool = true
    ) throws {
        session = ServerSession(limits: limits)
        self.policy = policy
        var output = ByteWriter()
        let step = try session.next(([3] + [UInt8](repeating: 0, count: 3072)).rawSpan, output: &output)
        #expect(step.consumed == 3073 && step.event == .needsInput)
        if isConnected { try say(.connect(Self.connect)) }
    }

    static let connect = ConnectRequest(
        properties: AMFProperties([("app", .string("live")), ("tcUrl", .string("rtmp://127.0.0.1/live"))]))

    private(set) var transaction = 0.0

    /// What comes of a command with the next transaction.
    @discardableResult
    func say(
        _ call: ClientCommand, on stream: UInt32 = 0, transaction: Double? = nil, encoding: MessageEncoding = .amf0
    ) throws -> [String] {
        self.transaction += 1
        let command = try #require(
            call.command(transaction: transaction ?? self.transaction, encoding: encoding))
        return try say(command, on: stream)
    }

    func say(_ command: Command, on stream: UInt32 = 0) throws -> [String] {
        var bytes = ByteWriter()
        try client.write(command, on: MessageStreamID(stream), to: &bytes)
        return try feed(Array(copying: bytes.bytes))
    }

    func say(_ control: ControlMessage) throws -> [String] {
        var bytes = ByteWriter()
        client.write(control, to: &bytes)
        if case .setChunkSize(let size) = control { client.writer.chunkSize = Int(size) }
        return try feed(Array(copying: bytes.bytes))
    }

    func say(
        _ type: MessageType, _ payload: [UInt8], on stream: UInt32, timestamp: UInt32 = 0
    ) throws -> [String] {
        var bytes = ByteWriter()
        let message = Message(
            chunkStream: .command, timestamp: timestamp, type: type, stream: MessageStreamID(stream),
            payload: SharedBytes(payload))
        client.write(message, to: &bytes)
        return try feed(Array(copying: bytes.bytes))
    }

    /// What comes of bytes behind the handshake.
    func feed(_ bytes: [UInt8]) throws -> [String] {
        input += bytes
        var lines: [String] = []
        while true {
            var output = ByteWriter()
            let bytes = input
            let step = try session.next(bytes.rawSpan, output: &output)
            input.removeFirst(step.consumed)
            if let line = line(step.event) {
                events.append(step.event)
                lines.append("! " + line)
            }
            policy.decide(step.event, &session, output: &output)
            lines += try read(Array(copying: output.bytes))
            if step.event == .needsInput { return lines }
        }
    }

    /// What the owner makes the session send.
    func order(_ act: (inout ServerSession, inout ByteWriter) -> Void) throws -> [String] {
        var output = ByteWriter()
        act(&session, &output)
        return try read(Array(copying: output.bytes))
    }

    private func read(_ bytes: [UInt8]) throws -> [String] {
        var rest = bytes
        var lines: [String] = []
        while true {
            let step = try reader.next(rest.rawSpan)
            rest.removeFirst(step.consumed)
            guard case .message(let message) = step.event else { break }
            lines.append(try describe(message))
        }
        #expect(rest.isEmpty)
        return lines
    }
}

/// What a server tells its owner; nil for what is only about input and output.
func line(_ event: ServerSession.Event) -> String? {
    switch event {
    case .needsInput, .answered: nil
    case .connectRequested(let request, _): "connect \(request.app ?? "")"
    case .publishRequested(let stream, let request, _): "publish \(request.name)@\(stream.number)"
    case .playRequested(let stream, let request, _): "play \(request.name)@\(stream.number)"
    case .mediaReceived(let kind, let message):
        "\(kind)@\(message.header.stream.number) \(hex(message.payload.array)) at \(message.header.timestamp)"
    case .publishStopped(let stream): "publish stopped @\(stream.number)"
    case .playStopped(let stream): "play stopped @\(stream.number)"
    case .pauseChanged(let stream, let isPaused, let milliseconds):
        "\(isPaused ? "pause" : "unpause")@\(stream.number) \(milliseconds)"
    case .seekRequested(let stream, let milliseconds): "seek@\(stream.number) \(milliseconds)"
    case .audioWished(let stream, let isWanted): "audio@\(stream.number) \(isWanted)"
    case .videoWished(let stream, let isWanted): "video@\(stream.number) \(isWanted)"
    case .bufferLengthSet(let stream, let milliseconds): "buffer@\(stream.number) \(milliseconds)"
    case .unknownCommandReceived(let stream, let command): "unknown \(command.name)@\(stream.number)"
    }
}

/// A message that one side sends, in a line.
func describe(_ message: Message) throws -> String {
    let type = message.header.type
    let stream = message.header.stream == .connection ? "" : "@\(message.header.stream.number)"
    switch type {
    case .commandAMF0, .commandAMF3:
        let encoding = try #require(type.encoding)
        let command = try Command(parsing: message.payload.bytes, encoding)
        let mark = encoding == .amf3 ? "3:" : ""
        let code = Status(command)?.codeText.map { " \($0)" } ?? ""
        let created = command.createdStreamID.map { " = \($0)" } ?? ""
        let transaction = command.transaction == 0 ? "" : " \(Int(command.transaction))"
        return "\(mark)\(command.name)\(stream)\(transaction)\(code)\(created)"
    case .dataAMF0, .dataAMF3:
        let data = try DataMessage(parsing: message.payload.bytes, try #require(type.encoding))
        return "data \(data.name)\(stream)"
    case .audio, .video: return "\(type == .audio ? "audio" : "video")\(stream) \(message.payload.count)"
    default: return try describe(try #require(try ControlMessage(message)))
    }
}

private func describe(_ control: ControlMessage) throws -> String {
    switch control {
    case .setChunkSize(let size): "chunk size \(size)"
    case .abort(let chunkStream): "abort \(chunkStream)"
    case .acknowledgement: "acknowledgement"
    case .windowAcknowledgementSize(let size): "window \(size)"
    case .setPeerBandwidth(let size, _): "bandwidth \(size)"
    case .user(.streamBegin(let stream)): "begin \(stream.number)"
    case .user(.streamEOF(let stream)): "eof \(stream.number)"
    case .user(.pingResponse(let timestamp)): "pong \(timestamp)"
    case .user(.setBufferLength(let stream, let milliseconds)): "buffer \(stream.number) \(milliseconds)"
    case .user(let event): "\(event)"
    }
}
