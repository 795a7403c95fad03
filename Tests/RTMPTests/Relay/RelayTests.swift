import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

@Suite("Relay: what goes on as it came, and what does not")
struct RelayTests {
    /// A relay between two connections, and what both have been sent.
    private struct Rig {
        var relay: Relay
        var toClient: [UInt8] = []
        var toOrigin: [UInt8] = []
        /// Bytes that went on untouched.
        var rawBytes = 0
        var commands: [Command?] = []

        init(client: UInt32 = 1, besides others: [UInt32]? = nil, origin: UInt32 = 1) {
            relay = Relay(
                client: MessageChannel(), on: MessageStreamID(client),
                besides: others.map { $0.map { MessageStreamID($0) } }, origin: MessageChannel(),
                on: MessageStreamID(origin))
        }

        mutating func send(_ bytes: [UInt8], from side: Relay.Side = .client) throws {
            var rest = bytes[...]
            while true {
                var onward = ByteWriter()
                var back = ByteWriter()
                let step = try relay.next(Array(rest).rawSpan, from: side, onward: &onward, back: &back)
                let passed = Array(rest.prefix(step.raw.count)) + Array(copying: onward.bytes)
                rawBytes += step.raw.count
                if side == .client {
                    toOrigin += passed
                    toClient += Array(copying: back.bytes)
                } else {
                    toClient += passed
                    toOrigin += Array(copying: back.bytes)
                }
                rest = rest.dropFirst(step.consumed)
                switch step.event {
                case .needsInput: return
                case .forwarded: break
                case .command(_, let command): commands.append(command)
                case .requested(_, let command): commands.append(command)
                }
            }
        }

        var atOrigin: [Message] { get throws { try readMessages([toOrigin]).messages } }
        var atClient: [Message] { get throws { try readMessages([toClient]).messages } }
    }

    private static func message(
        _ type: MessageType, _ timestamp: UInt32, on stream: UInt32 = 1, chunkStream: ChunkStreamID = .video,
        size: Int = 300
    ) -> Message {
        Message(
            chunkStream: chunkStream, timestamp: timestamp, type: type, stream: MessageStreamID(stream),
            payload: SharedBytes([UInt8](repeating: UInt8(truncatingIfNeeded: timestamp), count: size)))
    }

    private static func written(_ messages: [Message]) -> [UInt8] {
        var writer = ChunkWriter()
        var output = ByteWriter()
        for message in messages { writer.append(message, to: &output) }
        return Array(copying: output.bytes)
    }

    private static let stream = [
        message(.video, 0), message(.audio, 10, chunkStream: .audio, size: 20), message(.video, 40),
        message(.audio, 33, chunkStream: .audio, size: 20), message(.video, 80), message(.video, 120),
    ]

    @Test("media between streams of one number goes on untouched, headers and all")
    func raw() throws {
        let bytes = Self.written(Self.stream)
        var rig = Rig()
        try rig.send(bytes)
        #expect(rig.toOrigin == bytes)
        #expect(rig.rawBytes == bytes.count)
    }

    @Test("between streams of two numbers media gets other headers and the same payload")
    func rewritten() throws {
        var rig = Rig(client: 1, origin: 7)
        try rig.send(Self.written(Self.stream))
        #expect(rig.rawBytes == 0)
        let expected = Self.stream.map {
            Message(
                chunkStream: $0.header.chunkStream, timestamp: $0.header.timestamp, type: $0.header.type,
                stream: MessageStreamID(7), payload: $0.payload)
        }
        #expect(try rig.atOrigin == expected)
    }

    @Test("a stream whose beginning the receiver has not seen is rewritten until a header tells all it needs")
    func lateStart() throws {
        var writer = ChunkWriter()
        var before = ByteWriter()
        writer.append(Self.stream[0], to: &before)
        var output = ByteWriter()
        for message in [Self.message(.video, 40), Self.message(.video, 100), Self.message(.video, 150)] {
            writer.append(message, to: &output)
        }
        // The session has read the first message: the relay gets its reader.
        var channel = MessageChannel()
        var rest = Array(copying: before.bytes)
        while !rest.isEmpty { rest.removeFirst(try channel.reader.next(rest.rawSpan).consumed) }
        var rig = Rig()
        rig.relay = Relay(
            client: channel, on: MessageStreamID(1), origin: MessageChannel(), on: MessageStreamID(1))
        let bytes = Array(copying: output.bytes)
        try rig.send(bytes)
        #expect(rig.rawBytes > 0 && rig.rawBytes < bytes.count)
        #expect(try rig.atOrigin.map(\.header.timestamp) == [40, 100, 150])
    }

    @Test("a change of the chunk size in the middle of a message is made on the other leg at the same place")
    func chunkSize() throws {
        var writer = ChunkWriter()
        var output = ByteWriter()
        let message = Self.stream[0]
        let payload = message.payload.array
        writer.open(message.header, to: &output)
        output.append(Array(payload[..<128]))
        writer.append(ControlMessage.setChunkSize(50).message, to: &output)
        writer.chunkSize = 50
        for start in stride(from: 128, to: 300, by: 50) {
            writer.goOn(.video, to: &output)
            output.append(Array(payload[start..<min(300, start + 50)]))
        }
        writer.append(Self.stream[1], to: &output)
        for origin: UInt32 in [1, 2] {
            var rig = Rig(origin: origin)
            try rig.send(Array(copying: output.bytes))
            let media = try rig.atOrigin.filter { !$0.header.type.isControl }
            #expect(media.map(\.payload.array) == [payload, Self.stream[1].payload.array])
        }
    }

    @Test("extended timestamps go on whatever the sender's dialect")
    func extended() throws {
        let late = [Self.message(.video, 0x0100_0000), Self.message(.video, 0x0100_0028)]
        var rig = Rig()
        try rig.send(Self.written(late))
        #expect(rig.rawBytes == 0)
        #expect(try rig.atOrigin == late)
    }

    @Test("a command is read, sent on, and means the stream of the other leg")
    func commands() throws {
        var rig = Rig(client: 3, origin: 5)
        let commands = [
            Command("FCUnpublish", transaction: 6, [.string("a")]),
            Command("deleteStream", transaction: 7, [.number(3)]),
            Command("deleteStream", transaction: 8, [.number(9)]),
        ]
        var channel = MessageChannel()
        var output = ByteWriter()
        for command in commands { try channel.write(command, to: &output) }
        try rig.send(Array(copying: output.bytes))
        #expect(rig.commands == commands)
        let heard = try rig.atOrigin.map { try Command(parsing: $0.payload.bytes, .amf0) }
        #expect(heard.map { $0.argument(0) } == [.string("a"), .number(5), .number(9)])
    }

    @Test("what is about a connection stays there; what is about the stream is told with its number")
    func control() throws {
        var rig = Rig(client: 1, origin: 4)
        let told: [ControlMessage] = [
            .windowAcknowledgementSize(5_000_000), .user(.pingRequest(77)), .acknowledgement(5),
            .user(.streamBegin(MessageStreamID(4))), .user(.streamEOF(MessageStreamID(9))),
        ]
        var channel = MessageChannel()
        var output = ByteWriter()
        for control in told { channel.write(control, to: &output) }
        try rig.send(Array(copying: output.bytes), from: .origin)
        #expect(try rig.atClient == [ControlMessage.user(.streamBegin(MessageStreamID(1))).message])
        #expect(try rig.atOrigin == [ControlMessage.user(.pingResponse(77)).message])
    }

    @Test(
        "an aborted message is aborted on the other leg, and the next one arrives whole", arguments: [1, 2] as [UInt32])
    func abort(origin: UInt32) throws {
        var writer = ChunkWriter()
        var output = ByteWriter()
        writer.open(Self.stream[0].header, to: &output)
        output.append([UInt8](repeating: 0, count: 128))
        writer.append(ControlMessage.abort(chunkStream: ChunkStreamID.video.number).message, to: &output)
        writer.append(Self.message(.video, 60, size: 10), to: &output)
        var rig = Rig(origin: origin)
        try rig.send(Array(copying: output.bytes))
        let media = try rig.atOrigin.filter { !$0.header.type.isControl }
        #expect(media.map(\.header.timestamp) == [60])
    }

    @Test("streams that nobody has asked for do not go on")
    func otherStreams() throws {
        var rig = Rig()
        try rig.send(Self.written([Self.message(.video, 0, on: 2), Self.message(.video, 40)]))
        #expect(try rig.atOrigin.map(\.header.timestamp) == [40])
    }

    @Test("media on a stream that was never created is of the one that is relayed", arguments: [1, 5, 7] as [UInt32])
    func strangeStreams(origin: UInt32) throws {
        var rig = Rig(client: 1, besides: [2], origin: origin)
        var channel = MessageChannel()
        var output = ByteWriter()
        channel.write(Self.message(.video, 10, on: 7), to: &output)
        channel.write(Self.message(.video, 20, on: 2), to: &output)
        channel.write(Self.message(.video, 30), to: &output)
        channel.write(Self.message(.video, 40, on: 9), to: &output)
        // It is for something else from here on.
        try channel.write(
            Command("publish", transaction: 0, [.string("b")]), on: MessageStreamID(9), to: &output)
        channel.write(Self.message(.video, 50, on: 9), to: &output)
        channel.write(Self.message(.video, 60, on: 7), to: &output)
        try rig.send(Array(copying: output.bytes))
        let media = try rig.atOrigin
        #expect(media.map(\.header.timestamp) == [10, 30, 40, 60])
        #expect(media.allSatisfy { $0.header.stream == MessageStreamID(origin) && $0.payload.count == 300 })
        try rig.send(Self.written([Self.message(.video, 0, on: 11)]), from: .origin)
        #expect(try rig.atClient.isEmpty)
    }

    @Test("streams that a client uses for something else are bounded; behind that nothing strange goes on")
    func manyStreams() throws {
        var rig = Rig(besides: [])
        var channel = MessageChannel()
        var output = ByteWriter()
        for stream in 2..<UInt32(RelayDirection.maximumOthers + 3) {
            channel.write(Self.message(.video, stream, on: 1_000), to: &output)
            try channel.write(Command("play", transaction: 0), on: MessageStreamID(stream), to: &output)
        }
        channel.write(Self.message(.video, 0, on: 1_000), to: &output)
        channel.write(Self.message(.video, 1), to: &output)
        try rig.send(Array(copying: output.bytes))
        let times = try rig.atOrigin.map(\.header.timestamp)
        #expect(times == (2..<UInt32(RelayDirection.maximumOthers + 3)).map { $0 } + [1])
    }

    @Test("legs with chunks of different sizes are told to use one")
    func begin() throws {
        var client = MessageChannel()
        let origin = MessageChannel()
        let size = Array(copying: whole(ControlMessage.setChunkSize(4_096).message, chunkSize: 128).bytes)
        _ = try client.reader.next(size.rawSpan)
        var relay = Relay(client: client, on: MessageStreamID(1), origin: origin, on: MessageStreamID(1))
        var toClient = ByteWriter()
        var toOrigin = ByteWriter()
        relay.begin(toClient: &toClient, toOrigin: &toOrigin)
        let isTold = !toClient.isEmpty
        #expect(!isTold)
        #expect(
            try readMessages([Array(copying: toOrigin.bytes)]).messages == [ControlMessage.setChunkSize(4_096).message])
    }
}
