import RTMP
import RTMPModel
import TestKit
import Testing

/// What real programs sent each other is understood by our side of the same connection, wherever it is cut.
@Suite("Sessions of real programs") struct RecordedSessionTests {
    private func server(_ session: RecordedSession) throws -> ServerTranscript {
        try runServerSession([try session.bytes()])
    }

    /// Every message of media that a recording holds.
    private func media(_ session: RecordedSession) throws -> [Message] {
        try readMessages([try session.chunks()]).messages.filter { $0.header.type.mediaKind != nil }
    }

    @Test("ffmpeg publishes to our server")
    func ffmpegPublishes() throws {
        let transcript = try server(.ffmpegPublishes)
        #expect(transcript.error == nil && transcript.phase == .publishing && transcript.droppedMessages == 0)
        let lines = transcript.events.compactMap { line($0) }
        #expect(lines.prefix(2).map { $0.split(separator: " ")[0] } == ["connect", "publish"])
        let received = transcript.events.compactMap { event -> Message? in
            if case .mediaReceived(_, let message) = event { message } else { nil }
        }
        #expect(received == (try media(.ffmpegPublishes)) && received.count > 5)
    }

    @Test("ffmpeg and librtmp play from our server", arguments: [RecordedSession.ffmpegPlays, .librtmpPlays])
    func plays(session: RecordedSession) throws {
        let transcript = try server(session)
        let names = transcript.events.compactMap { line($0)?.split(separator: " ")[0] }
        #expect(names.contains("connect") && names.filter { $0 == "play" }.count >= 1)
        #expect(transcript.error == nil && transcript.droppedMessages == 0)
        let sent = try transcript.messages.map(describe)
        let start = try #require(sent.firstIndex(of: "onStatus@1 NetStream.Play.Start"))
        #expect(
            sent[(start - 2)...(start + 2)].map { $0.split(separator: " ")[0] } == [
                "begin", "onStatus@1", "onStatus@1", "data", "data",
            ])
        #expect(sent.allSatisfy { !$0.hasPrefix("_error") })
    }

    @Test("our client publishes to nginx")
    func publishesToNginx() throws {
        let transcript = try runClientSession(
            publishing: true, settings: ClientSettings(handshake: .digest(.digestFirst)),
            [try RecordedSession.nginxAccepts.bytes()])
        #expect(transcript.error == nil && transcript.phase == .publishing)
        guard case .connected(let server, let status) = transcript.events[0],
            case .accepted(let stream, let start) = transcript.events[1],
            case .statusReceived(_, let stop) = transcript.events[2]
        else {
            Issue.record("\(transcript.events)")
            return
        }
        #expect(server["fmsVer"] == .string("FMS/3,0,1,123") && status.code == .connectSuccess)
        #expect(stream == MessageStreamID(1) && start?.code == .publishStart && stop.code == .unpublishSuccess)
    }

    @Test("our client plays from nginx")
    func playsFromNginx() throws {
        let transcript = try runClientSession(
            publishing: false, settings: ClientSettings(handshake: .digest(.keyFirst)),
            [try RecordedSession.nginxServes.bytes()])
        #expect(transcript.error == nil && transcript.phase == .playing)
        let received = transcript.events.compactMap { event -> Message? in
            if case .mediaReceived(_, let message) = event { message } else { nil }
        }
        #expect(received == (try media(.nginxServes)) && received.count == 29)
        #expect(transcript.events.contains(.streamEventReceived(.streamBegin(MessageStreamID(1)))))
    }

    private enum Transcript: Equatable {
        case server(ServerTranscript)
        case client(ClientTranscript)
    }

    private func run(
        _ session: RecordedSession, _ pieces: [[UInt8]]
    ) throws(BrokenInvariant) -> Transcript {
        switch session {
        case .ffmpegPublishes, .ffmpegPlays, .librtmpPlays: .server(try runServerSession(pieces))
        case .nginxAccepts: .client(try runClientSession(publishing: true, pieces))
        case .nginxServes: .client(try runClientSession(publishing: false, pieces))
        }
    }

    @Test("each comes to the same however it is cut", arguments: RecordedSession.allCases)
    func cutAnywhere(session: RecordedSession) throws {
        let bytes = Array(try session.bytes().prefix(4200))
        let whole = try requireSame(bytes, session.rawValue) { pieces throws(BrokenInvariant) in
            try run(session, pieces)
        }
        let commands = RecordedSession.helloBytes + RecordedSession.answerBytes
        for cut in [1, 1536, 1537, 1538, 3000] + Array(commands...min(bytes.count, commands + 700)) {
            #expect(try run(session, [Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }
}
