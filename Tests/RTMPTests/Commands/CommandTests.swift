import Bytes
import RTMP
import Testing

@Suite("Command") struct CommandTests {
    @Test("what real clients send is written again byte for byte", arguments: RealClients.all)
    func realClients(_ message: Captured) throws {
        if message.type == 18 {
            let read = try data(message.bytes)
            #expect(read.name.equals(message.name))
            #expect(try write(read) == message.bytes)
        } else {
            let read = try command(message.bytes)
            #expect(read.name.equals(message.name))
            #expect(try write(read) == message.bytes)
        }
    }

    @Test("a truncated message is one with less in it, or an error", arguments: RealClients.all)
    func truncations(_ message: Captured) throws {
        for count in message.bytes.indices {
            let bytes = Array(message.bytes[..<count])
            let read: Command
            do throws(CommandError) {
                read = try command(bytes)
            } catch .malformed(.truncated(let offset)) {
                #expect(offset <= count)
                continue
            } catch {
                // The second value of a data message is no number.
                #expect(error == .missingTransaction && message.type == 18)
                continue
            }
            // A transaction and an end marker are put in where they were cut off.
            #expect(try write(read).count <= count + 12)
        }
    }

    @Test("every first byte but that of a text is refused")
    func firstBytes() {
        for byte in UInt8.min...UInt8.max where byte != 2 {
            let bytes = [byte] + hex("0007 636f6e6e656374 00 3ff0000000000000 05")
            #expect(throws: CommandError.self, "\(byte)") { try command(bytes) }
        }
        #expect(throws: CommandError.malformed(.truncated(offset: 0))) { try command([]) }
    }

    @Test("a message of AMF3 has a zero byte in front, which some senders leave out")
    func amf3() throws {
        let plain = hex("02 0004 706c6179 00 4008000000000000 05 02 0001 61")
        let expected = Command("play", transaction: 3, [.string("a")], encoding: .amf3)
        #expect(try command([0] + plain, .amf3) == expected)
        #expect(try command(plain, .amf3) == expected)
        #expect(try write(expected) == [0] + plain)
        #expect(throws: CommandError.missingName) { try command([0] + [UInt8](repeating: 0, count: 8), .amf0) }
    }

    @Test("AMF0 and AMF3 mix in one message, as Flash players send it")
    func mixed() throws {
        let bytes = hex("00 02 0004 63616c6c 00 4008000000000000 11 0a 0b 01 03 61 04 05 01 02 0001 62 11 06 00 11 03")
        let read = try command(bytes, .amf3)
        #expect(read.object?["a"]?.number == 5)
        #expect(read.arguments == [.string("b"), .avmPlus(.string("a")), .avmPlus(.boolean(true))])
        #expect(read.argument(1)?.string == "a")
        let again = try command(try write(read), .amf3)
        #expect(again == read)
    }

    @Test("object and transaction may be missing")
    func short() throws {
        let bare = try command(hex("02 0008 6f6e4257446f6e65"))
        #expect(bare == Command("onBWDone", transaction: 0, object: nil))
        #expect(try write(bare) == hex("02 0008 6f6e4257446f6e65 00 0000000000000000"))
        let noObject = try command(hex("02 0008 6f6e4257446f6e65 00 3ff0000000000000"))
        #expect(noObject == Command("onBWDone", transaction: 1, object: nil))
        #expect(throws: CommandError.missingTransaction) { try command(hex("02 0001 61 02 0001 62")) }
    }

    @Test("a limit of the values is one of the message")
    func limits() {
        let bytes = RealClients.ffmpegPublisher[0].bytes
        #expect(throws: CommandError.malformed(.tooManyValues(maximum: 3))) {
            try Command(parsing: bytes.rawSpan, .amf0, limits: AMFLimits(maximumValues: 3))
        }
    }
}

@Suite("ClientCommand") struct ClientCommandTests {
    private func commands(_ messages: [Captured]) throws -> [ClientCommand] {
        try messages.filter { $0.type == 20 }.map { try ClientCommand(try command($0.bytes)) }
    }

    @Test("FFmpeg publishes")
    func ffmpegPublisher() throws {
        let read = try commands(RealClients.ffmpegPublisher)
        guard case .connect(let connect) = read.first else {
            Issue.record("\(read)")
            return
        }
        #expect(connect.app == "live" && connect.type == "nonprivate")
        #expect(connect.flashVer == "FMLE/3.0 (compatible; Lavf59.27.100)")
        #expect(connect.tcUrl == "rtmp://127.0.0.1:19991/live")
        let name: AMFString = "livestream?secret=abc"
        #expect(
            Array(read.dropFirst()) == [
                .releaseStream(name), .fcPublish(name), .createStream, .publish(PublishRequest(name: name)),
                .fcUnpublish(name), .deleteStream(id: 1),
            ])
    }

    @Test("FFmpeg plays")
    func ffmpegPlayer() throws {
        let read = try commands(RealClients.ffmpegPlayer)
        guard case .connect(let connect) = read.first else {
            Issue.record("\(read)")
            return
        }
        #expect(connect.fpad == false && connect.capabilities == 15 && connect.audioCodecs == 4071)
        #expect(connect.videoCodecs == 252 && connect.videoFunction == 1 && connect.objectEncoding == nil)
        #expect(
            Array(read.dropFirst()) == [
                .createStream, .getStreamLength("b/livestream"),
                .play(PlayRequest(name: "b/livestream", start: -2000)),
            ])
    }

    @Test("librtmp connects with further arguments")
    func librtmp() throws {
        let connect = try ConnectRequest(try command(RealClients.librtmpPlayer[0].bytes))
        #expect(connect.app == "live/a/b")
        let object: AMFProperties<AMF0Value> = AMFProperties([("code", .number(1)), ("key", .string("text"))])
        #expect(connect.arguments == [.boolean(true), .string("hello"), .object(object), .null])
    }

    /// No transactions, and a name where an id belongs.
    @Test("GStreamer publishes and plays")
    func gstreamer() throws {
        let read = try commands(RealClients.gstreamerPublisher)
        #expect(
            Array(read.dropFirst()) == [
                .releaseStream("gst"), .fcPublish("gst"), .createStream, .publish(PublishRequest(name: "gst")),
                .fcUnpublish("gst"), .deleteStream(id: nil),
            ])
        #expect(
            try commands(RealClients.gstreamerPlayer).dropFirst() == [
                .createStream, .play(PlayRequest(name: "gst", start: -2)),
            ])
    }

    static let requests: [ClientCommand] = [
        .connect(ConnectRequest(properties: AMFProperties([("app", .string("live"))]), arguments: [.null])),
        .createStream, .releaseStream("a"), .fcPublish("a"), .fcUnpublish("a"), .fcSubscribe("a"),
        .getStreamLength("a"), .checkBandwidth, .publish(PublishRequest(name: "a")),
        .publish(PublishRequest(name: "a", kind: nil)), .publish(PublishRequest(name: "a", kind: .record)),
        .publish(PublishRequest(name: "a", kind: .append)),
        .publish(PublishRequest(name: "a", kind: .other("awwa"), further: [.number(1)])),
        .play(PlayRequest(name: "a")), .play(PlayRequest(name: "a", start: -1)),
        .play(PlayRequest(name: "a", start: 0, duration: -1, reset: .boolean(false), further: [.null])),
        .closeStream, .deleteStream(id: 1), .deleteStream(id: nil), .pause(true, milliseconds: 1500),
        .seek(milliseconds: 10), .receiveAudio(false), .receiveVideo(true),
    ]

    @Test("a request is read as it was written, in both encodings", arguments: requests)
    func roundTrips(request: ClientCommand) throws {
        for encoding in [MessageEncoding.amf0, .amf3] {
            let written = try #require(request.command(transaction: 4, encoding: encoding))
            let read = try command(try write(written), encoding)
            #expect(read == written)
            #expect(try ClientCommand(read) == request)
        }
    }

    @Test(
        "a command without the argument that it needs is refused",
        arguments: ["publish", "play", "releaseStream", "FCPublish", "FCUnpublish", "seek", "pause", "receiveAudio"])
    func missingArgument(name: String) {
        for arguments in [[], [AMF0Value.null]] {
            let command = Command(AMFString(name), transaction: 1, arguments)
            #expect(throws: CommandError.wrongArgument(index: 0)) { try ClientCommand(command) }
        }
    }

    @Test("what is unknown is kept for others", arguments: ["play2", "FCSubscribe2", "", "connect\u{301}"])
    func unknown(name: String) throws {
        #expect(try ClientCommand(Command(AMFString(name), transaction: 1)) == .other)
        #expect(ClientCommand.other.command(transaction: 1) == nil)
        #expect(try ClientCommand(Command(.bytes([0xFF]), transaction: 1)) == .other)
    }

    @Test("types and numbers that are none are kept where they stood")
    func oddArguments() throws {
        let publish = Command("publish", transaction: 1, [.string("a"), .null, .string("x")])
        #expect(try PublishRequest(publish) == PublishRequest(name: "a", kind: nil, further: [.null, .string("x")]))
        #expect(try PublishRequest(publish).command(transaction: 1) == publish)
        let play = Command("play", transaction: 1, [.string("a"), .undefined, .number(2)])
        #expect(try PlayRequest(play) == PlayRequest(name: "a", further: [.undefined, .number(2)]))
        #expect(try PlayRequest(play).command(transaction: 1) == play)
    }

    @Test("a duration without a start, and a reset without both, get the numbers that mean nothing special")
    func filledPlay() {
        #expect(
            PlayRequest(name: "a", reset: .boolean(true)).command(transaction: 1).arguments == [
                .string("a"), .number(-2), .number(-1), .boolean(true),
            ])
        #expect(PlayRequest(name: "a").isReset && !PlayRequest(name: "a", reset: .number(0)).isReset)
    }
}
