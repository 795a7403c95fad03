import Bytes
import RTMP
import RTMPModel
import Testing

/// What SRS 5 and 6 answer, command for command and in their order, as its protocol stack writes it.
@Suite("ClientSession in front of SRS") struct SRSAnswerTests {
    private static let handshake: [UInt8] = [3] + [UInt8](repeating: 0, count: 3072)
    private static let stream = MessageStreamID(1)
    private static let server = AMFProperties<AMF0Value>([
        ("fmsVer", .string("FMS/3,5,3,888")), ("capabilities", .number(127)), ("mode", .number(1)),
    ])
    private static let begun = AMFProperties<AMF0Value>([
        ("level", .string("status")), ("code", .string("NetConnection.Connect.Success")),
        ("description", .string("Connection succeeded")), ("objectEncoding", .number(0)),
        (
            "data",
            .ecmaArray(
                AMFProperties([
                    ("version", .string("3,5,3,888")), ("srs_sig", .string("SRS")), ("srs_server", .string("SRS/6")),
                    ("srs_version", .string("6.0.0")), ("srs_server_ip", .string("10.0.0.1")), ("srs_pid", .number(7)),
                    ("srs_id", .string("vid-1234")),
                ]))
        ),
    ])

    /// A status with what SRS adds to it.
    private static func status(_ code: StatusCode, _ description: AMFString) -> Status {
        Status(code, description, further: [("details", .string("stream")), ("clientid", .string("ASAICiss"))])
    }

    /// What comes before anything is asked for: windows, the size of chunks, the answer to connect, and onBWDone.
    private static func connected(_ channel: inout MessageChannel, _ output: inout ByteWriter) throws {
        channel.write(.windowAcknowledgementSize(2_500_000), to: &output)
        channel.write(.setPeerBandwidth(2_500_000, .dynamic), to: &output)
        channel.setChunkSize(60_000, to: &output)
        try channel.write(.connectResult(server: server, Status(properties: begun)), to: &output)
        try channel.write(.onBWDone(), to: &output)
    }

    @Test("a publisher is accepted by onStatus, not by the onFCPublish before it")
    func publishes() throws {
        var channel = MessageChannel()
        var output = ByteWriter()
        try Self.connected(&channel, &output)
        // The answers to releaseStream and FCPublish have no value, and say so.
        try channel.write(.result(transaction: 2, [.undefined]), to: &output)
        try channel.write(.result(transaction: 3, [.undefined]), to: &output)
        try channel.write(.createStreamResult(transaction: 4, streamID: 1), to: &output)
        let said = Status(.publishStart, "Started publishing stream.")
        try channel.write(.onFCPublish(said), on: Self.stream, to: &output)
        let accepted = Self.status(.publishStart, "Started publishing stream.")
        try channel.write(.onStatus(accepted), on: Self.stream, to: &output)
        let transcript = try runClientSession(publishing: true, [Self.handshake + Array(copying: output.bytes)])
        #expect(transcript.error == nil && transcript.phase == .publishing)
        #expect(
            transcript.events == [
                .connected(Self.server, Status(properties: Self.begun)), .commandReceived(.connection, .onBWDone()),
                .commandReceived(Self.stream, .onFCPublish(said)), .accepted(Self.stream, accepted),
            ])
    }

    @Test("a player is accepted by Play.Start between Play.Reset and what makes Flash show it")
    func plays() throws {
        var channel = MessageChannel()
        var output = ByteWriter()
        try Self.connected(&channel, &output)
        try channel.write(.createStreamResult(transaction: 2, streamID: 1), to: &output)
        channel.write(.user(.streamBegin(Self.stream)), to: &output)
        let (reset, start) = (
            Self.status(.playReset, "Playing and resetting stream."), Self.status(.playStart, "Started playing stream.")
        )
        try channel.write(.onStatus(reset), on: Self.stream, to: &output)
        try channel.write(.onStatus(start), on: Self.stream, to: &output)
        try channel.write(.sampleAccess(), on: Self.stream, to: &output)
        let data = AMFProperties<AMF0Value>([("code", .string("NetStream.Data.Start"))])
        try channel.write(DataMessage("onStatus", [.object(data)]), on: Self.stream, to: &output)
        let transcript = try runClientSession(publishing: false, [Self.handshake + Array(copying: output.bytes)])
        #expect(transcript.error == nil && transcript.phase == .playing)
        #expect(
            transcript.events.prefix(5) == [
                .connected(Self.server, Status(properties: Self.begun)), .commandReceived(.connection, .onBWDone()),
                .streamEventReceived(.streamBegin(Self.stream)), .statusReceived(Self.stream, reset),
                .accepted(Self.stream, start),
            ])
        let rest = transcript.events.dropFirst(5).map { event in
            if case .mediaReceived(let kind, _) = event { "\(kind)" } else { "\(event)" }
        }
        #expect(rest == ["data", "data"])
    }

    @Test("what is said behind the end of publishing is passed over")
    func unpublishes() throws {
        var channel = MessageChannel()
        var output = ByteWriter()
        try Self.connected(&channel, &output)
        try channel.write(.createStreamResult(transaction: 4, streamID: 1), to: &output)
        try channel.write(.onStatus(Self.status(.publishStart, "")), on: Self.stream, to: &output)
        let end = Status(.unpublishSuccess, "Stop publishing stream.")
        try channel.write(.onFCUnpublish(end), on: Self.stream, to: &output)
        try channel.write(.result(transaction: 6, [.undefined]), on: Self.stream, to: &output)
        try channel.write(
            .onStatus(Self.status(.unpublishSuccess, "Stream is now unpublished")), on: Self.stream, to: &output)
        let transcript = try runClientSession(publishing: true, [Self.handshake + Array(copying: output.bytes)])
        #expect(transcript.error == nil && transcript.phase == .publishing)
        #expect(
            transcript.events.suffix(2) == [
                .commandReceived(Self.stream, .onFCUnpublish(end)),
                .statusReceived(Self.stream, Self.status(.unpublishSuccess, "Stream is now unpublished")),
            ])
    }
}
