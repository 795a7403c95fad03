import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("ServerSession") struct ServerSessionTests {
    private static let live = ClientCommand.publish(PublishRequest(name: "s"))
    private static let play = ClientCommand.play(PlayRequest(name: "s"))

    /// What a stream does before a command comes.
    enum Start: String, CaseIterable {
        case idle, publishing, playing
    }

    private func rig(_ start: Start, policy: ServerPolicy = ServerPolicy()) throws -> ServerRig {
        let rig = try ServerRig(policy: policy)
        try rig.say(.createStream)
        switch start {
        case .idle: break
        case .publishing: try rig.say(Self.live, on: 1)
        case .playing: try rig.say(Self.play, on: 1)
        }
        return rig
    }

    private static let table: [(ClientCommand, UInt32, [Start: [String]])] = [
        (
            live, 1,
            [
                .idle: ClientOrder.published, .publishing: ["onStatus@1 NetStream.Publish.BadName"],
                .playing: ["onStatus@1 NetStream.Publish.BadName"],
            ]
        ),
        (
            play, 1,
            [
                .idle: ClientOrder.plays, .publishing: ["onStatus@1 NetStream.Play.Failed"],
                .playing: ["! play stopped @1"] + ClientOrder.plays,
            ]
        ),
        (.closeStream, 1, [.idle: [], .publishing: ["! publish stopped @1"], .playing: ["! play stopped @1"]]),
        (.closeStream, 0, [.idle: [], .publishing: ["! publish stopped @1"], .playing: ["! play stopped @1"]]),
        (.closeStream, 9, [.idle: [], .publishing: ["! publish stopped @1"], .playing: ["! play stopped @1"]]),
        (
            .deleteStream(id: 1), 0,
            [.idle: [], .publishing: ["! publish stopped @1"], .playing: ["! play stopped @1"]]
        ),
        (.deleteStream(id: 7), 1, [.idle: [], .publishing: [], .playing: []]),
        (
            .deleteStream(id: nil), 0,
            [.idle: [], .publishing: ["! publish stopped @1"], .playing: ["! play stopped @1"]]
        ),
        (
            .fcUnpublish("other"), 0,
            [
                .idle: ["_result T", "onFCUnpublish NetStream.Unpublish.Success"],
                .publishing: ["! publish stopped @1", "_result T", "onFCUnpublish NetStream.Unpublish.Success"],
                .playing: ["_result T", "onFCUnpublish NetStream.Unpublish.Success"],
            ]
        ),
        (
            .pause(true, milliseconds: 3), 1,
            [
                .idle: ["_error T NetConnection.Call.Failed"], .publishing: ["_error T NetConnection.Call.Failed"],
                .playing: ["! pause@1 3.0", "onStatus@1 NetStream.Pause.Notify", "eof 1"],
            ]
        ),
        (
            .seek(milliseconds: 3), 0,
            [
                .idle: ["_error T NetConnection.Call.Failed"], .publishing: ["_error T NetConnection.Call.Failed"],
                .playing: ["! seek@1 3.0"],
            ]
        ),
        (
            .connect(ServerRig.connect), 0,
            Dictionary(uniqueKeysWithValues: Start.allCases.map { ($0, ["_error T NetConnection.Call.Failed"]) })
        ),
        (
            .createStream, 0, Dictionary(uniqueKeysWithValues: Start.allCases.map { ($0, ["_result T = 2"]) })
        ),
    ]

    @Test("what a command comes to depends on what its stream does", arguments: Start.allCases)
    func states(start: Start) throws {
        for (call, stream, expected) in Self.table {
            let rig = try rig(start)
            let lines = try rig.say(call, on: stream)
            let transaction = "\(Int(rig.transaction))"
            let wanted = try #require(expected[start]).map { $0.replacing(" T", with: " \(transaction)") }
            #expect(lines == wanted, "\(start): \(call) on \(stream)")
            // Once stopped is stopped.
            if lines.contains("! publish stopped @1") || lines == ["! play stopped @1"] {
                #expect(try rig.say(.closeStream, on: 1).isEmpty)
                #expect(try rig.say(.deleteStream(id: 1)).isEmpty)
                #expect(rig.session.phase == .connected)
            }
        }
    }

    @Test("the phase says how far the client is")
    func phases() throws {
        let raw = ServerSession()
        #expect(raw.phase == .handshaking)
        #expect(try ServerRig(isConnected: false).session.phase == .connecting)
        #expect(try rig(.idle).session.phase == .connected)
        #expect(try rig(.publishing).session.phase == .publishing)
        #expect(try rig(.playing).session.phase == .playing)
    }

    @Test("what was refused may be tried again, and no media of it comes")
    func refusals() throws {
        let refusing = ServerPolicy(publish: false, play: false)
        let rig = try rig(.idle, policy: refusing)
        for _ in 0..<2 {
            #expect(try rig.say(Self.live, on: 1) == ["! publish s@1", "onStatus@1 NetStream.Publish.Denied"])
            #expect(try rig.say(.audio, [1, 2], on: 1).isEmpty)
            #expect(try rig.say(Self.play, on: 1) == ["! play s@1", "onStatus@1 NetStream.Play.StreamNotFound"])
        }
        #expect(rig.session.droppedMessages == 2)
        let stranger = try ServerRig(policy: ServerPolicy(connect: false), isConnected: false)
        #expect(
            try stranger.say(.connect(ServerRig.connect))
                == ["! connect live", "_error 1 NetConnection.Connect.Rejected"])
        #expect(stranger.session.phase == .connecting)
    }

    @Test("media comes with its kind, stream and time, and only while its stream publishes")
    func media() throws {
        let rig = try rig(.idle)
        #expect(try rig.say(.video, [7], on: 1).isEmpty)
        try rig.say(Self.live, on: 1)
        #expect(try rig.say(.dataAMF0, [1], on: 1, timestamp: 3) == ["! data@1 01 at 3"])
        #expect(try rig.say(.dataAMF3, [2], on: 1, timestamp: 3) == ["! data@1 02 at 3"])
        #expect(try rig.say(.audio, [], on: 1, timestamp: 4) == ["! audio@1  at 4"])
        #expect(try rig.say(.video, [5, 6], on: 1, timestamp: 0xFFFF_FFFF) == ["! video@1 0506 at 4294967295"])
        // Clients that send on no stream, or on another than they publish.
        #expect(try rig.say(.audio, [9], on: 0) == ["! audio@1 09 at 0"])
        #expect(try rig.say(.audio, [9], on: 5) == ["! audio@1 09 at 0"])
        #expect(try rig.say(.sharedObjectAMF0, [9], on: 1).isEmpty)
        #expect(try rig.say(.init(99), [9], on: 1).isEmpty)
        try rig.say(.closeStream, on: 1)
        #expect(try rig.say(.video, [7], on: 1).isEmpty)
        #expect(rig.session.droppedMessages == 2)
    }

    @Test("of two publishers each gets its own, and FCUnpublish ends the one that it names")
    func twoPublishers() throws {
        let rig = try rig(.publishing)
        try rig.say(.createStream)
        try rig.say(.publish(PublishRequest(name: "t")), on: 2)
        #expect(rig.session.phase == .publishing)
        #expect(try rig.say(.audio, [1], on: 2) == ["! audio@2 01 at 0"])
        #expect(try rig.say(.audio, [1], on: 0).isEmpty)
        #expect(try rig.say(.closeStream, on: 0).isEmpty)
        #expect(try rig.say(.fcUnpublish("u"), transaction: 0) == ["onFCUnpublish NetStream.Unpublish.Success"])
        #expect(try rig.say(.fcUnpublish("t"), transaction: 0).first == "! publish stopped @2")
        #expect(rig.session.phase == .publishing)
    }

    @Test("an aggregate is taken apart; what is no media in it is dropped")
    func aggregate() throws {
        let rig = try rig(.publishing)
        let payload = hex(
            """
            08 000001 000064 00 000000  aa  0000000c
            14 000001 000065 00 000000  00  0000000c
            09 000002 000069 00 000000  bbcc  0000000d
            """)
        #expect(
            try rig.say(.aggregate, payload, on: 1, timestamp: 1000)
                == ["! audio@1 aa at 1000", "! video@1 bbcc at 1005"])
        #expect(try rig.say(.audio, [1], on: 1, timestamp: 1006) == ["! audio@1 01 at 1006"])
        #expect(rig.session.droppedMessages == 1)
        #expect(throws: SessionError.aggregate(.truncated(offset: 0))) {
            try rig.say(.aggregate, [8, 0, 0], on: 1)
        }
    }

    @Test("publish and play on a stream that was never created work, also on 0", arguments: [0, 1, 5] as [UInt32])
    func neverCreated(stream: UInt32) throws {
        let at = stream == 0 ? "" : "@\(stream)"
        let rig = try ServerRig()
        #expect(
            try rig.say(Self.live, on: stream)
                == ["! publish s@\(stream)", "begin \(stream)", "onStatus\(at) NetStream.Publish.Start"])
        #expect(try rig.say(.audio, [1], on: stream) == ["! audio@\(stream) 01 at 0"])
        // A stream that is created then gets another number.
        let created = try rig.say(.createStream, transaction: 9)
        #expect(created == [stream == 1 ? "_result 9 = 2" : "_result 9 = 1"])
        #expect(try rig.say(.deleteStream(id: stream)) == ["! publish stopped @\(stream)"])
    }

    @Test("known commands without what they need, and unknown ones, fail without ending the connection")
    func odd() throws {
        let rig = try rig(.idle)
        let failed = "_error 9 NetConnection.Call.Failed"
        func lines(_ name: AMFString, _ transaction: Double, _ arguments: AMF0Value...) throws -> [String] {
            try rig.say(Command(name, transaction: transaction, arguments), on: 1)
        }
        #expect(try lines("whatever", 9) == ["! unknown whatever@1", failed])
        #expect(try lines("whatever", 0) == ["! unknown whatever@1"])
        #expect(try lines("releaseStream", 9) == ["! unknown releaseStream@1", failed])
        #expect(try lines("seek", 9, .null) == ["! unknown seek@1", failed])
        #expect(try lines("publish", 9) == ["onStatus@1 NetStream.Publish.BadName"])
        #expect(try lines("play", 9, .number(1)) == ["onStatus@1 NetStream.Play.Failed"])
        #expect(try lines("_result", 9).isEmpty)
        #expect(try lines("_error", 9).isEmpty)
        #expect(try lines("onStatus", 9).isEmpty)
        try rig.say(Self.live, on: 1)
        #expect(try lines("publish", 0, .boolean(false)) == ["! publish stopped @1"])
        try rig.say(Self.play, on: 1)
        #expect(try lines("play", 0, .boolean(false)) == ["! play stopped @1"])
    }

    @Test("what makes no sense ends the connection")
    func errors() throws {
        #expect(throws: SessionError.commandBeforeConnect) {
            try ServerRig(isConnected: false).say(.createStream)
        }
        #expect(throws: SessionError.command(.missingObject)) {
            try ServerRig(isConnected: false).say(Command("connect", transaction: 1))
        }
        #expect(throws: SessionError.command(.malformed(.truncated(offset: 1)))) {
            try ServerRig().say(.commandAMF0, [2], on: 0)
        }
        #expect(throws: SessionError.chunks(.messageTooLong(length: 0xFFFFFF, maximum: 8 << 20))) {
            try ServerRig().feed(hex("05 000000 ffffff 09 01000000"))
        }
        for (bytes, error) in [
            (hex("1603"), HandshakeError.tls), (Array("GET ".utf8), .http), ([6], .encryptedRTMP(version: 6)),
        ] {
            let transcript = try runServerSession([bytes])
            #expect(transcript.error == .handshake(error) && transcript.phase == .handshaking)
        }
    }

    @Test("control messages are answered, at any time")
    func control() throws {
        for rig in [try ServerRig(isConnected: false), try rig(.playing)] {
            #expect(try rig.say(.user(.pingRequest(5))) == ["pong 5"])
            #expect(try rig.say(.setPeerBandwidth(7000, .soft)) == ["window 7000"])
            #expect(try rig.say(.setPeerBandwidth(7000, .soft)).isEmpty)
            #expect(try rig.say(.acknowledgement(100)).isEmpty)
            #expect(try rig.say(.user(.pingResponse(5))).isEmpty)
            // Too short to mean anything.
            #expect(try rig.say(.userControl, [0], on: 0).isEmpty)
        }
    }

    @Test("bytes are acknowledged at half of the window")
    func acknowledgements() throws {
        let rig = try rig(.publishing)
        #expect(try rig.say(.windowAcknowledgementSize(20_000)).isEmpty)
        let payload = [UInt8](repeating: 7, count: 4000)
        let counts = try (0..<10).map { _ in
            try rig.say(.audio, payload, on: 1).filter { $0 == "acknowledgement" }.count
        }
        // Each comes with the first message that goes beyond.
        #expect(counts.reduce(0, +) == 3)
        #expect(rig.session.channel.window.receivedBytes > 40_000)
        #expect(rig.session.channel.window.sentBytes > 3073)
    }

    @Test("the owner may tell players and publishers what happens")
    func notices() throws {
        let rig = try rig(.playing)
        let stream = MessageStreamID(1)
        #expect(
            try rig.order { session, output in
                session.notify(Status(.playUnpublishNotify, "gone"), on: stream, output: &output)
                session.notify(.streamEOF(stream), output: &output)
            } == ["onStatus@1 NetStream.Play.UnpublishNotify", "eof 1"])
        rig.session.sent(1000)
        #expect(rig.session.channel.window.unacknowledgedBytes > 1000)
    }
}
