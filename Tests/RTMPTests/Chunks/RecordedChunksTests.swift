import Bytes
import RTMP
import RTMPModel
import TestKit
import Testing

/// What real programs send is read whole.
@Suite("Chunks of real programs") struct RecordedChunksTests {
    private func messages(_ session: RecordedSession) throws -> [Message] {
        let read = try readMessages([try session.chunks()])
        #expect(read.error == nil)
        return read.messages
    }

    private func types(_ messages: [Message]) -> [UInt8] { messages.map(\.header.type.number) }

    private func name(_ message: Message) -> String {
        // An AMF0 string: a marker, two bytes of length, the text.
        String(copying: message.payload.bytes.extracting(3..<(3 + Int(message.payload.bytes[2]))))
    }

    @Test("ffmpeg publishes: commands, then metadata, then media that grows in time")
    func publisher() throws {
        let messages = try messages(.ffmpegPublishes)
        #expect(types(messages).prefix(7) == [20, 1, 20, 20, 20, 20, 18])
        let commands = messages.filter { $0.header.type == .commandAMF0 }
        #expect(
            commands.map { name($0) } == ["connect", "releaseStream", "FCPublish", "createStream", "publish"])
        #expect(try ControlMessage(messages[1]) == .setChunkSize(4096))
        let media = messages.dropFirst(7)
        #expect(media.allSatisfy { $0.header.type == .audio || $0.header.type == .video })
        #expect(media.allSatisfy { $0.header.stream == MessageStreamID(1) })
        for type in [MessageType.audio, .video] {
            let times = media.filter { $0.header.type == type }.map(\.header.timestamp)
            #expect(times.count > 1)
            #expect(times == times.sorted())
        }
    }

    @Test("nginx accepts: window, bandwidth, chunk size, results")
    func acceptor() throws {
        let messages = try messages(.nginxAccepts)
        #expect(types(messages) == [5, 6, 1, 20, 20, 20, 20])
        #expect(try ControlMessage(messages[1]) == .setPeerBandwidth(5_000_000, .dynamic))
        #expect(try ControlMessage(messages[2]) == .setChunkSize(4096))
        #expect(messages.suffix(4).map { name($0) } == ["_result", "_result", "onStatus", "onStatus"])
    }

    @Test("librtmp plays: headers of every format, also on a chunk stream that is fresh")
    func librtmpPlayer() throws {
        let messages = try messages(.librtmpPlays)
        let events = try messages.compactMap { try ControlMessage($0) }
        #expect(events.contains(.user(.setBufferLength(.connection, milliseconds: 300))))
        #expect(events.contains(.user(.setBufferLength(MessageStreamID(1), milliseconds: 36_000_000))))
        #expect(
            messages.filter { $0.header.type == .commandAMF0 }.map { name($0) }
                == ["connect", "createStream", "FCSubscribe", "play", "deleteStream"])
    }

    @Test("ffmpeg plays")
    func ffmpegPlayer() throws {
        let messages = try messages(.ffmpegPlays)
        #expect(types(messages).first == 20)
        #expect(name(messages[0]) == "connect")
    }

    @Test("nginx serves: stream begin, then media")
    func server() throws {
        let messages = try messages(.nginxServes)
        let events = try messages.compactMap { try ControlMessage($0) }
        #expect(events.contains(.user(.streamBegin(MessageStreamID(1)))))
        // As another reader takes the same bytes apart.
        #expect(types(messages) == [5, 6, 1, 20, 20, 4, 20, 18, 18] + Array(repeating: 8, count: 27))
        #expect(messages.prefix(12).map(\.payload.count) == [4, 5, 4, 190, 29, 6, 96, 24, 387, 7, 188, 185])
        #expect(messages.suffix(3).map(\.payload.count) == [183, 197, 181])
    }

    @Test("each is read the same wherever it is cut", arguments: RecordedSession.allCases)
    func cuts(session: RecordedSession) throws {
        let bytes = Array(try session.chunks().prefix(3000))
        let whole = try readMessages([bytes])
        #expect(whole.error == nil)
        #expect(try readMessages(bytes.map { [$0] }) == whole)
        for cut in 0...min(bytes.count, 1200) {
            #expect(try readMessages([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test("what is cut off short gives fewer messages and no error", arguments: RecordedSession.allCases)
    func truncated(session: RecordedSession) throws {
        let bytes = Array(try session.chunks().prefix(1200))
        let whole = try readMessages([bytes]).messages
        for count in 0...bytes.count {
            let read = try readMessages([Array(bytes[..<count])])
            #expect(read.error == nil)
            #expect(read.messages.elementsEqual(whole.prefix(read.messages.count)))
        }
    }

    @Test("each comes out of a relay, and of a writer, as it went in", arguments: RecordedSession.allCases)
    func relayed(session: RecordedSession) throws {
        let bytes = try session.chunks()
        let whole = try readMessages([bytes])
        var generator = SplitMix(seed: 7)
        let relayed = try relay(bytes.pieces(largest: 1500, using: &generator))
        #expect(try readMessages([relayed]) == whole)
        // Its headers are as small as those that came, but for one that might be ambiguous.
        #expect(relayed.count <= bytes.count + 16)
    }
}
