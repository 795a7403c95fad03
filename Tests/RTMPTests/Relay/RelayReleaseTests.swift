import Bytes
import Media
import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("Relay: a client that goes on elsewhere")
struct RelayReleaseTests {
    private static let one = MessageStreamID(1)

    private static func media(_ timestamps: [UInt32], size: Int = 300, on stream: MessageStreamID = one) -> [Message] {
        timestamps.flatMap { timestamp in
            [ChunkStreamID.video, .audio].map { chunkStream in
                Message(
                    chunkStream: chunkStream, timestamp: timestamp, type: chunkStream == .video ? .video : .audio,
                    stream: stream,
                    payload: SharedBytes([UInt8](repeating: UInt8(truncatingIfNeeded: timestamp), count: size)))
            }
        }
    }

    private static func written(_ messages: [Message]) -> [UInt8] {
        var writer = ChunkWriter()
        var output = ByteWriter()
        for message in messages { writer.append(message, to: &output) }
        return Array(copying: output.bytes)
    }

    /// Sends `bytes`; what goes on, and all events but the last, which needs input.
    @discardableResult
    private static func send(
        _ bytes: [UInt8], from side: Relay.Side, through relay: inout Relay
    ) throws -> (onward: [UInt8], events: [RelayDirection.Event]) {
        var rest = bytes[...]
        var passed: [UInt8] = []
        var events: [RelayDirection.Event] = []
        while true {
            var onward = ByteWriter()
            var back = ByteWriter()
            let step = try relay.next(Array(rest).rawSpan, from: side, onward: &onward, back: &back)
            passed += rest.prefix(step.raw.count) + Array(copying: onward.bytes)
            rest = rest.dropFirst(step.consumed)
            if step.event == .needsInput { return (passed, events) }
            events.append(step.event)
        }
    }

    private static func relay(_ client: consuming MessageChannel = MessageChannel(), origin: UInt32 = 1) -> Relay {
        Relay(client: client, on: one, origin: MessageChannel(), on: MessageStreamID(origin))
    }

    @Test("it is between messages exactly where the client has whole ones alone", arguments: [1, 7] as [UInt32])
    func boundaries(origin: UInt32) throws {
        let bytes = Self.written(Self.media([0, 40, 80], on: MessageStreamID(origin)))
        var relay = Self.relay(origin: origin)
        var reader = ChunkReader()
        var boundaries = 0
        var input: [UInt8] = []
        var unread: [UInt8] = []
        for byte in bytes {
            // What is left of a header is given again, as its owner does.
            input.append(byte)
            var onward = ByteWriter()
            var back = ByteWriter()
            while true {
                let step = try relay.next(input.rawSpan, from: .origin, onward: &onward, back: &back)
                unread += input.prefix(step.raw.count) + Array(copying: onward.bytes)
                onward.removeAll()
                input.removeFirst(step.consumed)
                if step.event == .needsInput { break }
            }
            while true {
                let step = try reader.next(unread.rawSpan)
                unread.removeFirst(step.consumed)
                if step.event == .needsInput { break }
            }
            let isWhole = reader.unfinishedChunkStreams.allSatisfy { _ in false }
            #expect(relay.isBetweenMessages == isWhole)
            if isWhole { boundaries += 1 }
        }
        #expect(boundaries > 6 && unread.isEmpty)
    }

    @Test(
        "another origin goes on with it, and what either leg has heard makes no difference",
        arguments: [1, 7] as [UInt32])
    func moves(origin: UInt32) throws {
        let (before, behind) = (Self.media([5_000, 5_040]), Self.media([0, 40, 80], on: MessageStreamID(origin)))
        var first = Self.relay()
        let early = try Self.send(Self.written(before), from: .origin, through: &first).onward
        // The client is in the middle of a message.
        let ping = Self.written(Self.media([0], size: 500))
        try Self.send(Array(ping.prefix(300)), from: .client, through: &first)
        try #require(first.isBetweenMessages)

        var second = Self.relay(first.releaseClient(), origin: origin)
        let late = try Self.send(Self.written(behind), from: .origin, through: &second).onward
        let heard = try readMessages([early + late])
        #expect(
            heard.error == nil && heard.messages.map(\.header.timestamp) == (before + behind).map(\.header.timestamp))
        #expect(heard.messages.map(\.payload) == (before + behind).map(\.payload))

        // Of the video that it was sending nothing goes on; the audio behind it does, whole.
        let rest = try Self.send(Array(ping.dropFirst(300)), from: .client, through: &second).onward
        let said = try readMessages([rest])
        #expect(said.error == nil && said.messages.map(\.header.type) == [.audio])
        #expect(said.messages.first?.payload.count == 500)
    }

    @Test(
        "publish and play are kept back and told, whatever the stream and the encoding",
        arguments: ["publish", "play"], [0, 1, 2] as [UInt32])
    func requests(name: AMFString, stream: UInt32) throws {
        for encoding in [MessageEncoding.amf0, .amf3] {
            let command = Command(name, transaction: 5, [.string("s")], encoding: encoding)
            var channel = MessageChannel()
            var output = ByteWriter()
            try channel.write(command, on: MessageStreamID(stream), to: &output)
            var relay = Self.relay()
            let (onward, events) = try Self.send(Array(copying: output.bytes), from: .client, through: &relay)
            #expect(onward.isEmpty && events == [.requested(MessageStreamID(stream), command)])
        }
    }

    @Test("it tells the client of any of its streams, and makes the origin end its own")
    func notices() throws {
        var relay = Self.relay(origin: 9)
        var toClient = ByteWriter()
        try relay.notify(Status(.playFailed, "Why."), on: MessageStreamID(4), output: &toClient)
        let told = try #require(try readMessages([Array(copying: toClient.bytes)]).messages.first)
        #expect(told.header.stream == MessageStreamID(4))
        #expect(try Status(Command(parsing: told.payload.bytes, .amf0))?.code == .playFailed)
        var toOrigin = ByteWriter()
        try relay.leave(toOrigin: &toOrigin)
        let left = try #require(try readMessages([Array(copying: toOrigin.bytes)]).messages.first)
        let command = try Command(parsing: left.payload.bytes, .amf0)
        #expect(command.name == "deleteStream" && command.argument(0) == .number(9))
    }

    @Test("its session goes on behind the relay: it answers what ended it, and the client publishes again")
    func session() throws {
        var client = MessageChannel()
        var input = ByteWriter()
        input.append([3] + [UInt8](repeating: 0, count: 3072))
        try client.write(ServerRig.connect.command(), to: &input)
        try client.write(Command("createStream", transaction: 2), to: &input)
        try client.write(PublishRequest(name: "s").command(transaction: 3), on: Self.one, to: &input)
        var session = ServerSession()
        var output = ByteWriter()
        try Self.run(&session, Array(copying: input.bytes), &output)
        var relay = Self.relay(session.lend())
        let media = Self.media([0, 40])
        var more = ByteWriter()
        for message in media { client.write(message, to: &more) }
        #expect(session.phase == .publishing)
        #expect(
            try readMessages([try Self.send(Array(copying: more.bytes), from: .client, through: &relay).onward])
                .messages.count == 4)

        session.takeBack(relay.releaseClient())
        output.removeAll()
        let unpublish = ClientCommand.fcUnpublish("s").command(transaction: 6)
        let event = try session.receive(try #require(unpublish), on: .connection, output: &output)
        #expect(event == .publishStopped(Self.one) && session.phase == .connected)
        var again = ByteWriter()
        try client.write(PublishRequest(name: "t").command(transaction: 7), on: Self.one, to: &again)
        try Self.run(&session, Array(copying: again.bytes), &output)
        #expect(session.phase == .publishing)
    }

    /// Accepts everything that is asked for.
    private static func run(_ session: inout ServerSession, _ bytes: [UInt8], _ output: inout ByteWriter) throws {
        var rest = bytes
        while true {
            let step = try session.next(rest.rawSpan, output: &output)
            rest.removeFirst(step.consumed)
            switch step.event {
            case .needsInput: return
            case .connectRequested: session.acceptConnect(output: &output)
            case .publishRequested: return session.acceptPublish(output: &output)
            default: break
            }
        }
    }
}
