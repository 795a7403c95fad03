import Bytes
import RTMP
import TestKit
import Testing

/// A client of RTMP that says what a test wants said, message by message.
///
/// What the server sends reads like `_result 2`, `onStatus@1 NetStream.Play.Start`, `video@1 K0`.
final class RTMPClient {
    let socket: LoopbackSocket
    private var channel = MessageChannel()
    private var reader = MessageReader()
    private var input: [UInt8] = []
    private var transaction = 0.0
    /// All that was read behind the handshake, but for what concerns the connection alone.
    private(set) var lines: [String] = []
    /// Of them, what `wait` has gone past.
    private var seen = 0

    init(port: UInt16, receiveBuffer: CInt? = nil) throws {
        socket = try LoopbackSocket(port: port, receiveBuffer: receiveBuffer)
    }

    /// One that is connected to the application `live`, and has the message stream 1.
    static func connected(port: UInt16, receiveBuffer: CInt? = nil) throws -> RTMPClient {
        let client = try RTMPClient(port: port, receiveBuffer: receiveBuffer)
        try client.shakeHands()
        let url = AMFString("rtmp://127.0.0.1/live")
        let connect = ConnectRequest(properties: AMFProperties([("app", .string("live")), ("tcUrl", .string(url))]))
        try client.say(.connect(connect))
        try client.wait(for: "_result 1 NetConnection.Connect.Success")
        try client.say(.createStream)
        try client.wait(for: "_result 2 = 1")
        return client
    }

    func shakeHands() throws {
        try socket.send([3] + [UInt8](repeating: 0, count: 1_536))
        while input.count < 3_073 { input += try socket.receive() }
        let answer = Array(input[1..<1_537])
        input.removeFirst(3_073)
        try socket.send(answer)
    }

    // MARK: - Saying

    func say(_ call: ClientCommand, on stream: UInt32 = 0) throws { try socket.send(bytes(of: call, on: stream)) }

    /// A command with the next transaction, to be sent along with others.
    func bytes(of call: ClientCommand, on stream: UInt32 = 0) throws -> [UInt8] {
        transaction += 1
        let command = try #require(call.command(transaction: transaction))
        var output = ByteWriter()
        try channel.write(command, on: MessageStreamID(stream), to: &output)
        return Array(copying: output.bytes)
    }

    func video(_ body: SharedBytes, at time: UInt32, on stream: UInt32 = 1) throws {
        try socket.send(media(.video, body, at: time, on: stream))
    }

    func media(_ type: MessageType, _ body: SharedBytes, at time: UInt32, on stream: UInt32 = 1) -> [UInt8] {
        let message = Message(
            chunkStream: .video, timestamp: time, type: type, stream: MessageStreamID(stream), payload: body)
        var output = ByteWriter()
        channel.write(message, to: &output)
        return Array(copying: output.bytes)
    }

    /// Asks to publish, and is told that it may.
    func publish(_ name: AMFString, on stream: UInt32 = 1) throws {
        try say(.publish(PublishRequest(name: name)), on: stream)
        try wait(for: "onStatus@\(stream) NetStream.Publish.Start")
    }

    func play(_ name: AMFString, on stream: UInt32 = 1) throws {
        try say(.play(PlayRequest(name: name)), on: stream)
        try wait(for: "onStatus@\(stream) NetStream.Play.Start")
    }

    // MARK: - Hearing

    /// Reads up to the first line that begins with `beginning`, behind those that were waited for; returns it and those
    /// in front of it.
    @discardableResult
    func wait(for beginning: String) throws -> [String] {
        while true {
            if let found = lines[seen...].firstIndex(where: { $0.hasPrefix(beginning) }) {
                defer { seen = found + 1 }
                return Array(lines[seen...found])
            }
            input += try socket.receive()
            try read()
        }
    }

    /// Reads up to the end, and tells how it came.
    func waitForEnd() throws -> LoopbackSocket.Failure {
        do {
            while true {
                input += try socket.receive()
                try read()
            }
        } catch let end as LoopbackSocket.Failure {
            return end
        }
    }

    private func read() throws {
        while true {
            let bytes = input
            let step = try reader.next(bytes.rawSpan)
            input.removeFirst(step.consumed)
            guard case .message(let message) = step.event else { return }
            if let line = try describe(message) { lines.append(line) }
        }
    }

    private func describe(_ message: Message) throws -> String? {
        let type = message.header.type
        let stream = message.header.stream == .connection ? "" : "@\(message.header.stream.number)"
        switch type {
        case .commandAMF0:
            let command = try Command(parsing: message.payload.bytes, .amf0)
            let transaction = command.transaction == 0 ? "" : " \(Int(command.transaction))"
            let code = Status(command)?.codeText.map { " \($0)" } ?? ""
            let created = command.createdStreamID.map { " = \($0)" } ?? ""
            return "\(command.name)\(stream)\(transaction)\(code)\(created)"
        case .dataAMF0: return "data\(stream) \(try DataMessage(parsing: message.payload.bytes, .amf0).name)"
        case .video, .audio:
            let body = message.payload.array
            guard type == .video, body[1] == 1 else { return "\(type == .video ? "avc" : "audio")\(stream)" }
            return "video\(stream) \(body[0] == 0x17 ? "K" : "P")\(body[body.count - 1])"
        default: return nil
        }
    }
}
