import Bytes
import RTMP
import RTMPModel
import Testing

@Suite("What a server says of itself") struct ServerAnswerTests {
    /// What is sent when a connect was accepted.
    private func answer(to request: ConnectRequest, encoding: MessageEncoding = .amf0) throws -> [Message] {
        var channel = MessageChannel()
        var input = ByteWriter()
        input.append([3] + [UInt8](repeating: 0, count: 3072))
        try channel.write(request.command(encoding: encoding), to: &input)
        return try runServerSession([Array(copying: input.bytes)]).messages
    }

    @Test("the answer to connect is these bytes")
    func golden() throws {
        let messages = try answer(to: ServerRig.connect)
        #expect(messages.map(\.header.type.number) == [5, 6, 1, 20, 20])
        #expect(messages.prefix(3).map { hex($0.payload.array) } == ["002625a0", "002625a002", "0000ea60"])
        let expected = """
            02 0007 5f726573756c74  00 3ff0000000000000  03
            0006 666d73566572  02 000d 464d532f332c352c332c383838
            000c 6361706162696c6974696573  00 405fc00000000000
            0004 6d6f6465  00 3ff0000000000000  000009  03
            0005 6c6576656c  02 0006 737461747573
            0004 636f6465  02 001d 4e6574436f6e6e656374696f6e2e436f6e6e6563742e53756363657373
            000b 6465736372697074696f6e  02 0014 436f6e6e656374696f6e20737563636565646564
            000e 6f626a656374456e636f64696e67  00 0000000000000000
            0004 64617461  08 00000002  0006 736572766572  02 0004 54657374
            0007 76657273696f6e  02 0001 31  000009  000009
            """
        #expect(messages[3].payload.array == hex(expected))
        #expect(messages[4].payload.array == hex("02 0008 6f6e4257446f6e65  00 0000000000000000  05"))
    }

    @Test("a client of enhanced RTMP learns what is passed on, another does not")
    func enhanced() throws {
        func properties(_ change: (inout ConnectRequest) -> Void) throws -> AMFProperties<AMF0Value> {
            var request = ServerRig.connect
            change(&request)
            let result = try answer(to: request)[3]
            return try #require(try command(result.payload.array).object?.properties)
        }
        #expect(try properties { _ in }.pairs.map(\.key) == ["fmsVer", "capabilities", "mode"])
        let first = try properties { $0.fourCcList = ["av01", "hvc1"] }
        #expect(first["fourCcList"] == .strictArray([.string("*")]) && first.count == 4)
        let second = try properties {
            $0.properties["videoFourCcInfoMap"] = .object(AMFProperties([("vp09", .number(1))]))
            $0.properties["audioFourCcInfoMap"] = .object(AMFProperties([("Opus", .number(1))]))
            $0.capsEx = [.reconnect, .multitrack]
        }
        #expect(second["videoFourCcInfoMap"]?["*"] == .number(4))
        #expect(second["audioFourCcInfoMap"]?["*"] == .number(4))
        #expect(second["capsEx"] == .number(14) && second["fourCcList"] == nil)
    }

    @Test("a client is answered in the encoding that it uses")
    func encodings() throws {
        var request = ServerRig.connect
        request.objectEncoding = .amf3
        let result = try answer(to: request)[3]
        #expect(try Status(command(result.payload.array))?.properties["objectEncoding"] == .number(3))
        let rig = try ServerRig(isConnected: false)
        #expect(try rig.say(.connect(request)).contains("_result 1 NetConnection.Connect.Success"))
        #expect(try rig.say(.createStream, encoding: .amf3) == ["3:_result 2 = 1"])
        #expect(
            try rig.say(.publish(PublishRequest(name: "s")), on: 1, encoding: .amf3)
                == ["! publish s@1", "begin 1", "3:onStatus@1 NetStream.Publish.Start"])
        #expect(
            try rig.order { $0.notify(Status(.unpublishSuccess, ""), on: MessageStreamID(1), output: &$1) }
                == ["3:onStatus@1 NetStream.Unpublish.Success"])
        let other = try ServerRig(isConnected: false)
        #expect(
            try other.say(.connect(request), encoding: .amf3).suffix(2)
                == ["3:_result 1 NetConnection.Connect.Success", "3:onBWDone"])
    }

    @Test("everything that a client sent with its requests is in their events")
    func whole() throws {
        let rig = try ServerRig(isConnected: false)
        var request = ServerRig.connect
        request.properties["x-custom"] = .object(AMFProperties([("a", .date(milliseconds: 1, timeZone: 2))]))
        request.arguments = [.string("secret"), .number(3)]
        let publish = PublishRequest(name: "s?key=1", kind: .other("x"), further: [.null, .number(1)])
        let play = PlayRequest(name: "p", start: -2, duration: 4, reset: .boolean(true), further: [.boolean(true)])
        try rig.say(.connect(request), transaction: 7)
        try rig.say(.publish(publish), on: 1, transaction: 8, encoding: .amf3)
        try rig.say(.play(play), on: 2, transaction: 9)
        #expect(
            rig.events == [
                .connectRequested(request, request.command(transaction: 7)),
                .publishRequested(
                    MessageStreamID(1), publish, publish.command(transaction: 8, encoding: .amf3)),
                .playRequested(MessageStreamID(2), play, play.command(transaction: 9)),
            ])
    }

    @Test("another server's status is passed on; what has no form in AMF0 is left out of it")
    func passedOn() throws {
        var status = Status(.publishBadName, "taken", further: [("clientid", .number(4))])
        let policy = ServerPolicy()
        for isWritable in [true, false] {
            if !isWritable {
                status.properties.append(AMFString(String(repeating: "k", count: 70_000)), .null)
            }
            var session = ServerSession()
            var channel = MessageChannel()
            var input = ByteWriter()
            input.append([3] + [UInt8](repeating: 0, count: 3072))
            try channel.write(ServerRig.connect.command(), to: &input)
            try channel.write(PublishRequest(name: "s").command(transaction: 0), to: &input)
            var consumed = 0
            var output = ByteWriter()
            while !session.isDeciding || session.phase == .connecting {
                let step = try session.next(
                    input.bytes.extracting(consumed..<input.count), output: &output)
                consumed += step.consumed
                if case .connectRequested = step.event { policy.decide(step.event, &session, output: &output) }
            }
            session.refuse(status, output: &output)
            let messages = try readMessages([Array(Array(copying: output.bytes).dropFirst(3073))]).messages
            let last = try #require(messages.last)
            let sent = try #require(try Status(command(last.payload.array)))
            #expect(sent.code == .publishBadName && sent.description == "taken" && sent.level == .error)
            #expect(sent.properties.count == (isWritable ? 4 : 3))
        }
    }
}
