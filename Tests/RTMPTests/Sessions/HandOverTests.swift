import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

/// A relay goes on with two connections where their sessions stopped.
@Suite("Handing a connection over") struct HandOverTests {
    /// A client that publishes: everything up to its publish, the beginning of a message on another chunk stream among
    /// it, then the rest of that message and media.
    private func publisher(chunkSize: Int) throws -> (head: [UInt8], tail: [UInt8], media: [Message]) {
        var channel = MessageChannel()
        var head = ByteWriter()
        head.append([3] + [UInt8](repeating: 0, count: 3072))
        try channel.write(ServerRig.connect.command(), to: &head)
        try channel.write(Command("createStream", transaction: 2), to: &head)
        channel.setChunkSize(chunkSize, to: &head)
        let stream = MessageStreamID(1)
        let metadata = Message(
            chunkStream: try #require(ChunkStreamID(7)), type: .dataAMF0, stream: stream,
            payload: SharedBytes([UInt8](repeating: 5, count: chunkSize + 20)))
        // The first chunk of the metadata comes in front of the publish, the second one behind.
        channel.writer.open(metadata.header, to: &head)
        head.append(metadata.payload[0..<chunkSize])
        try channel.write(PublishRequest(name: "s").command(transaction: 3), on: stream, to: &head)
        var tail = ByteWriter()
        channel.writer.goOn(metadata.header.chunkStream, to: &tail)
        tail.append(metadata.payload.dropping(first: chunkSize))
        let media = [3000, 0, 1, 200].enumerated().map { index, count in
            Message(
                chunkStream: ChunkStreamID(index % 2 == 0 ? 4 : 70_00)!, timestamp: UInt32(index) * 40,
                type: index % 2 == 0 ? .audio : .video, stream: stream,
                payload: SharedBytes([UInt8](repeating: UInt8(index), count: count)))
        }
        for message in media { channel.write(message, to: &tail) }
        return (Array(copying: head.bytes), Array(copying: tail.bytes), [metadata] + media)
    }

    @Test("a relay forwards what comes behind, chunk by chunk, under another stream id", arguments: [128, 500, 4096])
    func relays(chunkSize: Int) throws {
        let (head, tail, media) = try publisher(chunkSize: chunkSize)
        var server = ServerSession()
        var toClient = ByteWriter()
        var rest = head
        while !server.isDeciding || server.phase != .connected {
            let step = try server.next(rest.rawSpan, output: &toClient)
            rest.removeFirst(step.consumed)
            if case .connectRequested = step.event { server.acceptConnect(output: &toClient) }
        }
        #expect(rest.isEmpty)
        server.acceptPublish(output: &toClient)
        var downstream = server.lend()

        // The origin gave the stream another number.
        var toOrigin = ByteWriter()
        var upstream = try origin(&toOrigin)
        toOrigin.removeAll()
        upstream.setChunkSize(downstream.reader.chunkSize, to: &toOrigin)
        for piece in cuts(of: tail)[2] { try relay(piece, &rest, &downstream, &upstream, &toOrigin) }
        #expect(rest.isEmpty)

        // What the origin's side of the connection reads.
        let read = try readMessages([originPrefix + Array(copying: toOrigin.bytes)])
        let arrived = read.messages.filter { $0.header.type != .setChunkSize && $0.header.stream.number == 9 }
            .filter { $0.header.type.mediaKind != nil }
        #expect(read.error == nil)
        #expect(arrived.map(\.payload) == media.map(\.payload))
        #expect(arrived.map(\.header.timestamp) == media.map(\.header.timestamp))
        #expect(arrived.map(\.header.type) == media.map(\.header.type))
    }

    /// What the client said to the origin behind the handshake: without it the relay's headers say nothing.
    private var originPrefix: [UInt8] {
        get throws {
            var output = ByteWriter()
            _ = try origin(&output)
            return Array(Array(copying: output.bytes).dropFirst(3073))
        }
    }

    private func origin(_ output: inout ByteWriter) throws -> MessageChannel {
        var client = ClientSession(publishing: true)
        client.start(output: &output)
        var channel = MessageChannel()
        var answers = ByteWriter()
        answers.append([3] + [UInt8](repeating: 0, count: 3072))
        try channel.write(.connectResult(server: AMFProperties(), Status(.connectSuccess, "")), to: &answers)
        try channel.write(.createStreamResult(transaction: 4, streamID: 9), to: &answers)
        try channel.write(.onStatus(Status(.publishStart, "")), on: MessageStreamID(9), to: &answers)
        var consumed = 0
        while client.stream == nil {
            consumed += try client.next(
                answers.bytes.extracting(consumed..<answers.count), output: &output
            ).consumed
        }
        #expect(client.stream == MessageStreamID(9))
        return client.handOver()
    }

    /// Forwards fragments as they come, and whole what the session has seen the beginning of.
    private func relay(
        _ piece: [UInt8], _ rest: inout [UInt8], _ from: inout MessageChannel, _ to: inout MessageChannel,
        _ output: inout ByteWriter
    ) throws {
        rest += piece
        while true {
            let step = try from.reader.next(rest.rawSpan)
            defer { rest.removeFirst(step.consumed) }
            guard case .fragment(let fragment) = step.event else { return }
            let payload = rest.rawSpan.extracting(fragment.payload)
            var header = fragment.header
            header.stream = MessageStreamID(9)
            if from.assembler.isUnfinished(header.chunkStream) {
                guard let message = try from.assembler.add(payload, of: fragment) else { continue }
                to.write(
                    Message(
                        chunkStream: header.chunkStream, timestamp: header.timestamp, type: header.type,
                        stream: header.stream, payload: message.payload), to: &output)
            } else {
                if fragment.opensMessage {
                    to.writer.open(header, to: &output)
                } else if fragment.opensChunk {
                    to.writer.goOn(header.chunkStream, to: &output)
                }
                output.append(payload)
            }
        }
    }
}
