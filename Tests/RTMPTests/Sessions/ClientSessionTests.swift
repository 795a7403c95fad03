import Bytes
import RTMP
import RTMPModel
import Testing

@Suite("ClientSession") struct ClientSessionTests {
    private static let handshake: [UInt8] = [3] + [UInt8](repeating: 0, count: 3072)

    /// The answers of a server as bytes, each on its message stream.
    private func bytes(_ said: [(Command, UInt32)]) throws -> [UInt8] {
        var channel = MessageChannel()
        var output = ByteWriter()
        for (command, stream) in said { try channel.write(command, on: MessageStreamID(stream), to: &output) }
        return Self.handshake + Array(copying: output.bytes)
    }

    private func run(publishing: Bool, _ said: [(Command, UInt32)]) throws -> ClientTranscript {
        try runClientSession(publishing: publishing, [try bytes(said)])
    }

    private static let success = Command.connectResult(
        server: AMFProperties([("fmsVer", .string("x"))]), Status(.connectSuccess, "ok"))
    private static func created(_ transaction: Double, _ id: UInt32 = 4) -> (Command, UInt32) {
        (.createStreamResult(transaction: transaction, streamID: id), 0)
    }
    private static func status(_ code: StatusCode, on stream: UInt32 = 4) -> (Command, UInt32) {
        (.onStatus(Status(code, "d")), stream)
    }
    private static let connected = ClientSession.Event.connected(
        AMFProperties([("fmsVer", .string("x"))]), Status(.connectSuccess, "ok"))

    @Test("a publisher calls as FFmpeg does, and waits for createStream alone")
    func publishes() throws {
        let transcript = try run(
            publishing: true,
            [(Self.success, 0), Self.created(4), Self.status(.publishStart), Self.status(.unpublishSuccess)])
        let sent = try transcript.messages.map(describe)
        #expect(
            sent == [
                "connect 1", "window 2500000", "chunk size 60000", "releaseStream 2", "FCPublish 3", "createStream 4",
                "publish@4 5",
            ])
        #expect(
            transcript.events == [
                Self.connected, .accepted(MessageStreamID(4), Status(.publishStart, "d")),
                .statusReceived(MessageStreamID(4), Status(.unpublishSuccess, "d")),
            ])
        #expect(transcript.phase == .publishing)
    }

    @Test("a player sends play, and how much it keeps; Play.Start is what accepts it")
    func plays() throws {
        let transcript = try run(
            publishing: false,
            [(Self.success, 0), Self.created(2), Self.status(.playReset), Self.status(.playStart)])
        #expect(
            try transcript.messages.map(describe) == [
                "connect 1", "window 2500000", "chunk size 60000", "createStream 2", "play@4 3", "buffer 4 3000",
            ])
        #expect(
            transcript.events == [
                Self.connected, .statusReceived(MessageStreamID(4), Status(.playReset, "d")),
                .accepted(MessageStreamID(4), Status(.playStart, "d")),
            ])
        #expect(transcript.phase == .playing)
    }

    private static let refusals: [(String, Bool, [(Command, UInt32)], ClientSession.Refused, StatusCode)] = [
        (
            "_error to connect", true, [(.error(transaction: 1, Status(.connectRejected, "d")), 0)], .connect,
            .connectRejected
        ),
        (
            "_result to connect with an error in it", true,
            [(.result(transaction: 1, [.object(Status(.connectInvalidApp, "d").properties)]), 0)], .connect,
            .connectInvalidApp
        ),
        (
            "onStatus instead of an answer to connect", true, [status(.connectRejected, on: 0)], .connect,
            .connectRejected
        ),
        (
            "_error to createStream", true, [(success, 0), (.error(transaction: 4, Status(.callFailed, "d")), 0)],
            .createStream, .callFailed
        ),
        (
            "createStream without a stream", true, [(success, 0), (.result(transaction: 4), 0)], .createStream,
            .callFailed
        ),
        (
            "onStatus instead of a stream", true, [(success, 0), status(.publishDenied, on: 0)], .createStream,
            .publishDenied
        ),
        ("a name that is taken", true, [(success, 0), created(4), status(.publishBadName)], .request, .publishBadName),
        (
            "onStatus on stream 0", true, [(success, 0), created(4), status(.publishDenied, on: 0)], .request,
            .publishDenied
        ),
        (
            "no such stream", false, [(success, 0), created(2), status(.playStreamNotFound)], .request,
            .playStreamNotFound
        ),
        (
            "_error to play", false,
            [(success, 0), created(2), (.error(transaction: 3, Status(.playFailed, "d")), 0)], .request, .playFailed
        ),
    ]

    @Test("every way to be refused is told, with the step", arguments: refusals.indices)
    func refused(index: Int) throws {
        let (name, isPublishing, said, what, code) = Self.refusals[index]
        // Nothing that comes later counts.
        let transcript = try run(
            publishing: isPublishing, said + [(Self.success, 0), Self.created(4), Self.created(2)])
        guard case .refused(let found, let status)? = transcript.events.last else {
            Issue.record("\(name): \(transcript.events)")
            return
        }
        #expect(found == what && status.code == code, "\(name)")
        #expect(transcript.error == nil && transcript.phase == .connected)
    }

    @Test("errors about releaseStream and FCPublish, and answers to nothing, mean nothing")
    func tolerated() throws {
        let failed = Status(.callFailed, "no such method")
        let transcript = try run(
            publishing: true,
            [
                (Self.success, 0), (.error(transaction: 2, failed), 0), (.error(transaction: 3, failed), 0),
                (.result(transaction: 77, [.number(9)]), 0), Self.created(4),
                (.error(transaction: 77, failed), 0), (.result(transaction: 5), 0),
                Self.status(.publishStart, on: 0),
            ])
        #expect(transcript.events.last == .accepted(MessageStreamID(4), Status(.publishStart, "d")))
    }

    @Test("a redirection is in the status of the refusal")
    func redirected() throws {
        let redirect = AMF0Value.object(
            AMFProperties([("code", .number(302)), ("redirect", .string("rtmp://b.example/live"))]))
        let status = Status(.connectRejected, "moved", further: [("ex", redirect)])
        for said in [
            [(.error(transaction: 1, status), 0)],
            [(Self.success, 0), Self.created(2), (.onStatus(status), 0)],
        ] as [[(Command, UInt32)]] {
            let transcript = try run(publishing: false, said)
            guard case .refused(_, let found)? = transcript.events.last else {
                Issue.record("\(transcript.events)")
                return
            }
            #expect(found == status && found.redirect == "rtmp://b.example/live")
        }
        #expect(Status(.connectRejected, "").redirect == nil)
    }

    @Test("servers that send media without a word of play are understood")
    func mediaAlone() throws {
        for type in [MessageType.audio, .video, .aggregate] {
            var channel = MessageChannel()
            var output = ByteWriter()
            let payload = type == .aggregate ? hex("08 000001 000064 00 000000 aa 0000000c") : [0xAA]
            let stream = MessageStreamID(4)
            let data = DataMessage("onMetaData", [.null])
            try channel.write(Self.success, to: &output)
            channel.write(
                Message(chunkStream: .command, type: .audio, payload: SharedBytes([1])), to: &output)
            try channel.write(.createStreamResult(transaction: 2, streamID: 4), to: &output)
            try channel.write(data, on: stream, to: &output)
            for _ in 0..<2 {
                channel.write(
                    Message(chunkStream: .command, type: type, stream: stream, payload: SharedBytes(payload)),
                    to: &output)
            }
            try channel.write(data, on: stream, to: &output)
            let transcript = try runClientSession(
                publishing: false, [Self.handshake + Array(copying: output.bytes)])
            let names = transcript.events.map { event in
                switch event {
                case .connected: "connected"
                case .accepted(_, let status): status == nil ? "accepted" : "with a status"
                case .mediaReceived(let kind, let message): "\(kind) \(message.payload.count)"
                default: "\(event)"
                }
            }
            let kind = type == .video ? "video" : "audio"
            #expect(names == ["connected", "accepted", "\(kind) 1", "\(kind) 1", "data 14"], "\(type)")
        }
    }

    @Test("a ping before the answer to connect is answered; calls of the server are told and refused")
    func calls() throws {
        var channel = MessageChannel()
        var output = ByteWriter()
        channel.write(.user(.pingRequest(9)), to: &output)
        channel.write(.windowAcknowledgementSize(100_000), to: &output)
        channel.write(.setPeerBandwidth(5000, .dynamic), to: &output)
        channel.setChunkSize(4096, to: &output)
        channel.write(.user(.streamBegin(.connection)), to: &output)
        let bandwidth = Command("_onbwcheck", transaction: 12, [.number(1)])
        try channel.write(bandwidth, to: &output)
        try channel.write(.onBWDone(), to: &output)
        let transcript = try runClientSession(publishing: true, [Self.handshake + Array(copying: output.bytes)])
        #expect(
            try transcript.messages.map(describe)
                == ["connect 1", "pong 9", "window 5000", "_error 12 NetConnection.Call.Failed"])
        #expect(
            transcript.events == [
                .streamEventReceived(.streamBegin(.connection)), .commandReceived(.connection, bandwidth),
                .commandReceived(.connection, .onBWDone()),
            ])
        #expect(transcript.phase == .connecting)
    }

    @Test("what is no RTMP, or no AMF, or cannot be said, ends it by its name")
    func errors() throws {
        let tls = try runClientSession(publishing: true, [hex("1503")])
        #expect(tls.error == .handshake(.tls) && tls.phase == .handshaking)
        #expect(try runClientSession(publishing: true, [Array("HTTP/1.1".utf8)]).error == .handshake(.http))
        let chunk = try runClientSession(
            publishing: true, [Self.handshake + hex("02 000000 000004 01 00000000 00000000")])
        #expect(chunk.error == .chunks(.chunkSizeZero))
        let command = try runClientSession(publishing: true, [Self.handshake + hex("03 000000 000001 14 00000000 05")])
        #expect(command.error == .command(.missingName))
        var request = ServerRig.connect
        request.properties.append(AMFString(String(repeating: "k", count: 70_000)), .null)
        var session = ClientSession(
            connect: request, .play(PlayRequest(name: "s")), crypto: .seeded(1))
        var output = ByteWriter()
        session.start(output: &output)
        #expect(throws: SessionError.unwritable(.tooLong(bytes: 70_000, maximum: 65_535))) {
            _ = try session.next(Self.handshake.rawSpan, output: &output)
        }
    }
}
