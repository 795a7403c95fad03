import Bytes
import RTMP
import RTMPModel
import Testing

/// The order in which a real program says what, and what it must be told.
struct ClientOrder: Sendable, CustomTestStringConvertible {
    struct Turn: Sendable {
        let command: Command?
        let control: ControlMessage?
        let stream: UInt32
        let lines: [String]
    }

    let name: String
    let turns: [Turn]
    var testDescription: String { name }

    static let connected = [
        "! connect live", "window 2500000", "bandwidth 2500000", "chunk size 60000",
        "_result 1 NetConnection.Connect.Success", "onBWDone",
    ]
    static let published = ["! publish s@1", "begin 1", "onStatus@1 NetStream.Publish.Start"]
    static let plays = [
        "! play s@1", "begin 1", "onStatus@1 NetStream.Play.Reset", "onStatus@1 NetStream.Play.Start",
        "data |RtmpSampleAccess@1", "data onStatus@1",
    ]

    static func call(
        _ transaction: Double, _ call: ClientCommand, on stream: UInt32 = 0, _ lines: [String]
    ) -> Turn {
        Turn(command: call.command(transaction: transaction), control: nil, stream: stream, lines: lines)
    }

    static func control(_ control: ControlMessage, _ lines: [String]) -> Turn {
        Turn(command: nil, control: control, stream: 0, lines: lines)
    }

    static let connect = call(1, .connect(ServerRig.connect), connected)
    static let live = ClientCommand.publish(PublishRequest(name: "s"))

    static let publishers = [
        ClientOrder(
            name: "OBS",
            turns: [
                connect, control(.setChunkSize(4096), []),
                call(2, .releaseStream("s"), ["_result 2"]),
                call(3, .fcPublish("s"), ["_result 3", "onFCPublish NetStream.Publish.Start"]),
                call(4, .checkBandwidth, ["_result 4"]), call(5, .createStream, ["_result 5 = 1"]),
                call(6, live, on: 1, published),
                call(
                    7, .fcUnpublish("s"),
                    ["! publish stopped @1", "_result 7", "onFCUnpublish NetStream.Unpublish.Success"]),
                call(8, .deleteStream(id: 1), []),
            ]),
        ClientOrder(
            name: "FFmpeg publishes",
            turns: [
                connect, control(.setChunkSize(4096), []), call(2, .releaseStream("s"), ["_result 2"]),
                call(3, .fcPublish("s"), ["_result 3", "onFCPublish NetStream.Publish.Start"]),
                call(4, .createStream, ["_result 4 = 1"]), call(5, .checkBandwidth, ["_result 5"]),
                call(6, live, on: 1, published),
                call(
                    7, .fcUnpublish("s"),
                    ["! publish stopped @1", "_result 7", "onFCUnpublish NetStream.Unpublish.Success"]),
                call(8, .deleteStream(id: 1), []),
            ]),
        ClientOrder(
            name: "FMLE",
            turns: [
                connect, call(2, .releaseStream("s"), ["_result 2"]),
                call(3, .fcPublish("s"), ["_result 3", "onFCPublish NetStream.Publish.Start"]),
                call(4, .createStream, ["_result 4 = 1"]), call(5, live, on: 1, published),
                call(0, .checkBandwidth, []),
                call(
                    6, .fcUnpublish("s"),
                    ["! publish stopped @1", "_result 6", "onFCUnpublish NetStream.Unpublish.Success"]),
                call(0, .closeStream, on: 1, []), call(7, .deleteStream(id: 1), []),
            ]),
        ClientOrder(
            name: "GStreamer's rtmp2sink, which gives no transactions",
            turns: [
                connect, call(0, .releaseStream("s"), []),
                call(0, .fcPublish("s"), ["onFCPublish NetStream.Publish.Start"]),
                call(2, .createStream, ["_result 2 = 1"]), call(0, live, on: 1, published),
                call(0, .fcUnpublish("s"), ["! publish stopped @1", "onFCUnpublish NetStream.Unpublish.Success"]),
                call(0, .deleteStream(id: nil), []),
            ]),
        ClientOrder(
            name: "a Flash camera, which closes its stream and publishes again",
            turns: [
                connect, call(2, .createStream, ["_result 2 = 1"]), call(0, live, on: 1, published),
                call(0, .closeStream, on: 1, ["! publish stopped @1"]), call(0, live, on: 1, published),
                call(0, .deleteStream(id: 1), on: 0, ["! publish stopped @1"]),
                call(3, .createStream, ["_result 3 = 1"]),
            ]),
    ]

    static let players = [
        ClientOrder(
            name: "FFmpeg plays",
            turns: [
                connect, control(.windowAcknowledgementSize(2_500_000), []),
                call(2, .createStream, ["_result 2 = 1"]), call(3, .checkBandwidth, ["_result 3"]),
                call(4, .getStreamLength("s"), ["_result 4 = 0"]),
                call(5, .play(PlayRequest(name: "s", start: -2000)), on: 1, plays),
                control(
                    .user(.setBufferLength(MessageStreamID(1), milliseconds: 3000)), ["! buffer@1 3000"]),
                call(6, .deleteStream(id: 1), ["! play stopped @1"]),
            ]),
        ClientOrder(
            name: "librtmp, as in VLC, plays",
            turns: [
                connect, control(.windowAcknowledgementSize(5_000_000), []),
                control(.user(.setBufferLength(.connection, milliseconds: 300)), ["! buffer@0 300"]),
                call(2, .checkBandwidth, ["_result 2"]), call(3, .createStream, ["_result 3 = 1"]),
                call(4, .fcSubscribe("s"), ["_result 4", "onFCSubscribe NetStream.Play.Start"]),
                call(5, .play(PlayRequest(name: "s", start: -1000)), on: 1, plays),
                control(
                    .user(.setBufferLength(MessageStreamID(1), milliseconds: 36_000_000)), ["! buffer@1 36000000"]),
                control(.user(.pingRequest(77)), ["pong 77"]),
                call(0, .deleteStream(id: 1), ["! play stopped @1"]),
            ]),
        ClientOrder(
            name: "GStreamer's rtmp2src, which gives no transactions",
            turns: [
                connect, call(2, .createStream, ["_result 2 = 1"]),
                call(0, .play(PlayRequest(name: "s", start: -2)), on: 1, plays),
                control(.user(.setBufferLength(MessageStreamID(1), milliseconds: 300)), ["! buffer@1 300"]),
            ]),
        ClientOrder(
            name: "Flash plays, pauses, mutes and seeks",
            turns: [
                connect, call(2, .createStream, ["_result 2 = 1"]),
                call(
                    0, .play(PlayRequest(name: "s", start: -2, duration: -1, reset: .boolean(false))), on: 1,
                    plays.filter { !$0.contains("Reset") }),
                call(
                    0, .pause(true, milliseconds: 40), on: 1,
                    ["! pause@1 40.0", "onStatus@1 NetStream.Pause.Notify", "eof 1"]),
                call(
                    0, .pause(false, milliseconds: 40), on: 1,
                    ["! unpause@1 40.0", "onStatus@1 NetStream.Unpause.Notify", "begin 1"]),
                call(0, .receiveAudio(false), on: 1, ["! audio@1 false"]),
                call(0, .receiveVideo(true), on: 1, ["! video@1 true"]),
                call(0, .seek(milliseconds: 500), on: 1, ["! seek@1 500.0"]),
                call(0, .play(PlayRequest(name: "s")), on: 1, ["! play stopped @1"] + plays),
                call(0, .closeStream, on: 1, ["! play stopped @1"]),
            ]),
    ]
}

@Suite("Orders of commands of real clients") struct ClientOrderTests {
    @Test(
        "each is answered as it expects, one command after the other",
        arguments: ClientOrder.publishers + ClientOrder.players)
    func orders(order: ClientOrder) throws {
        let rig = try ServerRig(isConnected: false)
        for turn in order.turns {
            let lines =
                if let control = turn.control { try rig.say(control) } else {
                    try rig.say(try #require(turn.command), on: turn.stream)
                }
            #expect(
                lines == turn.lines, "to \(turn.command?.name.description ?? "\(String(describing: turn.control))")")
        }
    }

    @Test("none has to wait for an answer", arguments: ClientOrder.publishers + ClientOrder.players)
    func pipelined(order: ClientOrder) throws {
        let rig = try ServerRig(isConnected: false)
        var channel = MessageChannel()
        var bytes: [UInt8] = []
        for turn in order.turns { bytes += try chunks(of: turn, &channel) }
        #expect(try rig.feed(bytes) == order.turns.flatMap(\.lines))
    }
}

extension ClientOrderTests {
    private func chunks(of turn: ClientOrder.Turn, _ channel: inout MessageChannel) throws -> [UInt8] {
        var output = ByteWriter()
        switch turn.control {
        case .setChunkSize(let size)?: channel.setChunkSize(Int(size), to: &output)
        case let control?: channel.write(control, to: &output)
        case nil:
            try channel.write(try #require(turn.command), on: MessageStreamID(turn.stream), to: &output)
        }
        return Array(copying: output.bytes)
    }
}
