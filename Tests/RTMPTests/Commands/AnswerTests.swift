import RTMP
import Testing

@Suite("Answers and notices") struct AnswerTests {
    @Test("onStatus is these bytes")
    func onStatus() throws {
        let bytes = try write(Command.onStatus(Status(.publishStart, "ok")))
        let expected = """
            02 0008 6f6e537461747573  00 0000000000000000  05  03
            0005 6c6576656c  02 0006 737461747573
            0004 636f6465  02 0017 4e657453747265616d2e5075626c6973682e5374617274
            000b 6465736372697074696f6e  02 0002 6f6b
            000009
            """
        #expect(bytes == hex(expected))
        let status = try #require(Status(try command(bytes)))
        #expect(status.code == .publishStart && status.level == .status && status.description == "ok")
    }

    @Test("the answer to createStream is these bytes")
    func createStream() throws {
        let answer = Command.createStreamResult(transaction: 4, streamID: 1)
        #expect(try write(answer) == hex("02 0007 5f726573756c74 00 4010000000000000 05 00 3ff0000000000000"))
        #expect(answer.createdStreamID == 1 && answer.isSuccess == true)
        #expect(Command.result(transaction: 4, [.number(-1)]).createdStreamID == nil)
        #expect(Command.error(transaction: 4, Status(.callFailed, "")).createdStreamID == nil)
    }

    @Test("the answer to connect is _result or _error, as its status says")
    func connect() {
        let server: AMFProperties<AMF0Value> = AMFProperties([("fmsVer", .string("FMS/3,5,3,888"))])
        let accepted = Command.connectResult(
            server: server, Status(.connectSuccess, "", further: [("objectEncoding", .number(0))]))
        #expect(accepted.isSuccess == true && accepted.object?["fmsVer"]?.string == "FMS/3,5,3,888")
        #expect(accepted.argument(0)?["objectEncoding"]?.number == 0)
        let rejected = Command.connectResult(server: server, Status(.connectRejected, "no"))
        #expect(rejected.isSuccess == false && Status(rejected)?.code == .connectRejected)
        #expect(Command.onBWDone().isSuccess == nil && Status(.onBWDone()) == nil)
    }

    @Test("codes have the level that players expect", arguments: StatusCode.allCases)
    func levels(code: StatusCode) {
        let words = ["Reject", "Fail", "Invalid", "Shutdown", "BadName", "Denied", "NoAccess", "NotFound"]
        let isError = words.contains { code.rawValue.contains($0) }
        let expected: StatusLevel = code == .playInsufficientBandwidth ? .warning : isError ? .error : .status
        #expect(code.level == expected)
        #expect(Status(code, "").level == expected)
    }

    @Test("a code that is not known keeps its text and its level")
    func unknownCode() {
        let status = Status(
            properties: AMFProperties([("level", .string("error")), ("code", .string("NetStream.Odd"))]))
        #expect(status.code == nil && status.codeText == "NetStream.Odd" && status.level == .error)
        #expect(status.description == nil)
        #expect(Status(properties: AMFProperties([("code", .string("NetStream.Play.Failed"))])).level == .error)
    }

    @Test("notices to encoders are commands of their own")
    func encoderNotices() throws {
        for notice in [
            Command.onFCPublish(Status(.publishStart, "")), .onFCUnpublish(Status(.unpublishSuccess, "")), .onBWDone(),
        ] {
            #expect(try command(try write(notice)) == notice)
            #expect(notice.transaction == 0)
        }
    }
}

@Suite("DataMessage") struct DataMessageTests {
    @Test("FFmpeg's metadata is understood, and goes to players without @setDataFrame")
    func ffmpeg() throws {
        let bytes = try #require(RealClients.ffmpegPublisher.first { $0.type == 18 }).bytes
        let message = try data(bytes)
        let metadata = try #require(message.metadata)
        #expect(metadata.width == 320 && metadata.height == 240 && metadata.frameRate == 10)
        #expect(metadata.videoDataRate == 195.3125 && metadata.videoCodec == .flv(2))
        #expect(metadata.audioCodec == .flv(10) && metadata.audioSampleRate == 44100)
        #expect(metadata.isStereo == false && metadata.audioChannels == 1 && metadata.duration == 2)
        #expect(metadata.encoder == "Lavf59.27.100" && metadata.properties["filesize"]?.number == 0)
        let players = try #require(message.forPlayers)
        #expect(players.name == "onMetaData" && players.metadata == metadata)
        #expect(players.asDataFrame == message && message.asDataFrame == message && players.forPlayers == players)
        #expect(metadata.message() == players)
    }

    @Test("messages for the server alone do not go to players")
    func serverOnly() {
        #expect(DataMessage("@clearDataFrame", [.string("onMetaData")]).forPlayers == nil)
        #expect(DataMessage("@setDataFrame", []).forPlayers == nil)
        #expect(DataMessage("@setDataFrame", [.null]).forPlayers == nil)
    }

    @Test("other messages go on as they are", arguments: ["onTextData", "onFI", "onCuePoint", "onUserDataEvent"])
    func others(name: String) throws {
        for encoding in [MessageEncoding.amf0, .amf3] {
            let values: [AMF0Value] = [.object(AMFProperties([("text", .string("hi"))])), .avmPlus(.integer(3))]
            let message = DataMessage(AMFString(name), values, encoding: encoding)
            #expect(try data(try write(message), encoding) == message)
            #expect(message.forPlayers == message && message.metadata == nil)
        }
    }

    @Test("sample access is these bytes")
    func sampleAccess() throws {
        #expect(
            try write(DataMessage.sampleAccess())
                == hex("02 0011 7c52746d7053616d706c65416363657373 0101 0101"))
    }

    @Test("metadata in AMF3 is read like that in AMF0")
    func amf3Metadata() throws {
        let object = AMF3Object(properties: AMFProperties([("width", .integer(640)), ("framerate", .double(25))]))
        let message = DataMessage("onMetaData", [.avmPlus(.object(object))], encoding: .amf3)
        let metadata = try #require(try data(try write(message), .amf3).metadata)
        #expect(metadata.width == 640 && metadata.frameRate == 25)
    }

    @Test("a message without a name is refused")
    func missingName() {
        #expect(throws: CommandError.missingName) { try data([5]) }
        #expect(throws: CommandError.malformed(.truncated(offset: 0))) { try data([]) }
        #expect(throws: CommandError.malformed(.truncated(offset: 1))) { try data([0], .amf3) }
    }
}

@Suite("StreamMetadata") struct StreamMetadataTests {
    @Test(
        "a codec is a number of FLV, a FourCC as number or text, or another text",
        arguments: [
            (.number(7), .flv(7)), (.number(12), .flv(12)), (.number(1_635_148_593), .fourCC(0x6176_6331)),
            (.string("avc1"), .fourCC(0x6176_6331)), (.string("mp4a"), .fourCC(0x6D70_3461)),
            (.string("VP6"), .name("VP6")), (.string("H.264/AVC"), .name("H.264/AVC")), (.number(.nan), nil),
            (.number(-1), nil), (.number(7.5), nil), (.string(""), nil), (.null, nil),
        ] as [(AMF0Value, MetadataCodec?)])
    func codecs(value: AMF0Value, tag: MetadataCodec?) {
        let metadata = StreamMetadata(properties: AMFProperties([("videocodecid", value)]))
        #expect(metadata.videoCodec == tag)
        if let tag { #expect(MetadataCodec(tag.value) == tag) }
    }

    @Test("what is set is written, in the order of setting")
    func written() throws {
        var metadata = StreamMetadata()
        metadata.duration = 0
        metadata.width = 1920
        metadata.height = 1080
        metadata.frameRate = 29.97
        metadata.videoDataRate = 2500
        metadata.videoCodec = .fourCC(0x6876_6331)
        metadata.audioDataRate = 128
        metadata.audioSampleRate = 48000
        metadata.audioChannels = 2
        metadata.isStereo = true
        metadata.audioCodec = .flv(10)
        metadata.encoder = "Sluice"
        let read = try data(try write(metadata.message()))
        #expect(read.metadata == metadata)
        #expect(
            metadata.properties.pairs.map(\.key.repaired) == [
                "duration", "width", "height", "framerate", "videodatarate", "videocodecid", "audiodatarate",
                "audiosamplerate", "audiochannels", "stereo", "audiocodecid", "encoder",
            ])
        metadata.width = nil
        #expect(metadata.width == nil && metadata.properties.count == 11)
    }
}
