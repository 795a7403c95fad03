import Bytes
import Media
import RTMP
import RTMPModel
import TestKit
import Testing

/// Our client against our server, over a link that cuts what it carries into pieces.
@Suite("Both sessions joined") struct JoinedSessionTests {
    struct Link: Sendable, CustomTestStringConvertible {
        let style: HandshakeStyle
        let encoding: MessageEncoding
        let clientChunks: Int
        let serverChunks: Int
        let largestPiece: Int

        var testDescription: String {
            "\(style) \(encoding) chunks of \(clientChunks) and \(serverChunks), pieces up to \(largestPiece)"
        }

        static let all: [Link] = [
            Link(style: .simple, encoding: .amf0, clientChunks: 128, serverChunks: 128, largestPiece: 1),
            Link(style: .simple, encoding: .amf3, clientChunks: 60_000, serverChunks: 128, largestPiece: 7),
            Link(
                style: .digest(.keyFirst), encoding: .amf0, clientChunks: 4096, serverChunks: 60_000,
                largestPiece: 1500),
            Link(
                style: .digest(.digestFirst), encoding: .amf3, clientChunks: 129, serverChunks: 0xFF_FFFF,
                largestPiece: 100_000),
            Link(
                style: .digest(.digestFirst), encoding: .amf0, clientChunks: 0xFF_FFFF, serverChunks: 200,
                largestPiece: 1),
        ]

        func client(publishing: Bool) -> ClientSession {
            ClientSession(
                publishing: publishing,
                settings: ClientSettings(handshake: style, encoding: encoding, chunkSize: clientChunks))
        }
    }

    private let frames: [(MediaKind, UInt32, [UInt8])] = [
        (.data, 0, [2, 0, 1, 65]), (.video, 0, [UInt8](repeating: 0x17, count: 70_000)), (.audio, 3, [0xAF, 1]),
        (.video, 0xFFFFFF, [UInt8](repeating: 0x27, count: 300)), (.video, 0x1000005, []),
    ]

    @Test("a publish arrives, frame by frame, and ends once", arguments: Link.all)
    func publish(link: Link) throws {
        let pair = SessionPair(
            client: link.client(publishing: true),
            server: ServerSession(chunkSize: link.serverChunks, crypto: .seeded(1)),
            largestPiece: link.largestPiece)
        try pair.run()
        #expect(pair.client.phase == .publishing && pair.server.phase == .publishing)
        #expect(pair.client.stream == MessageStreamID(1))
        for (kind, timestamp, payload) in frames {
            pair.client.send(kind, timestamp: timestamp, SharedBytes(payload), to: &pair.toServer)
        }
        try pair.run()
        let received = pair.serverEvents.compactMap { event -> Message? in
            if case .mediaReceived(_, let message) = event { message } else { nil }
        }
        #expect(received.map(\.payload.array) == frames.map(\.2))
        #expect(received.map(\.header.timestamp) == frames.map(\.1))
        #expect(received.map(\.header.type.mediaKind) == frames.map(\.0))
        try pair.client.stop(output: &pair.toServer)
        try pair.run()
        #expect(pair.serverEvents.filter { $0 == .publishStopped(MessageStreamID(1)) }.count == 1)
        #expect(pair.client.stream == nil)
        // Nothing is sent of what is over.
        let before = pair.toServer.count
        pair.client.send(.audio, timestamp: 0, SharedBytes([1]), to: &pair.toServer)
        try pair.client.stop(output: &pair.toServer)
        #expect(pair.toServer.count == before)
    }

    @Test("a play gets what was serialised once for all, and ends once", arguments: Link.all)
    func play(link: Link) throws {
        let pair = SessionPair(
            client: link.client(publishing: false),
            server: ServerSession(chunkSize: link.serverChunks, crypto: .seeded(1)),
            largestPiece: link.largestPiece)
        try pair.run()
        #expect(pair.client.phase == .playing && pair.server.phase == .playing)
        for (kind, timestamp, payload) in frames {
            let type: MessageType = kind == .audio ? .audio : kind == .video ? .video : .dataAMF0
            let message = Message(
                chunkStream: try #require(ChunkStreamID(6)), timestamp: timestamp, type: type,
                stream: MessageStreamID(1), payload: SharedBytes(payload))
            pair.toClient.append(whole(message, chunkSize: link.serverChunks))
        }
        try pair.run()
        let received = pair.clientEvents.compactMap { event -> Message? in
            if case .mediaReceived(_, let message) = event { message } else { nil }
        }
        // The two data messages of the beginning come first.
        #expect(received.dropFirst(2).map(\.payload.array) == frames.map(\.2))
        #expect(received.dropFirst(2).map(\.header.timestamp) == frames.map(\.1))
        try pair.client.stop(output: &pair.toServer)
        try pair.run()
        #expect(pair.serverEvents.filter { $0 == .playStopped(MessageStreamID(1)) }.count == 1)
        #expect(pair.server.phase == .connected)
    }

    @Test(
        "what the server refuses, the client is told",
        arguments: [
            (ServerPolicy(connect: false), ClientSession.Refused.connect, StatusCode.connectRejected),
            (ServerPolicy(publish: false), .request, .publishDenied),
        ])
    func refused(policy: ServerPolicy, what: ClientSession.Refused, code: StatusCode) throws {
        let pair = SessionPair(
            client: ClientSession(publishing: true), server: ServerSession(), policy: policy, largestPiece: 50)
        try pair.run()
        #expect(pair.clientEvents.last == .refused(what, Status(code, "no")))
        #expect(pair.client.phase == .connected && pair.server.phase != .publishing)
    }

    @Test("windows make both sides acknowledge")
    func windows() throws {
        let pair = SessionPair(
            client: ClientSession(publishing: true, settings: ClientSettings(window: 10_000)),
            server: ServerSession(), largestPiece: 1000)
        try pair.run()
        for time in 0..<40 as Range<UInt32> {
            let payload = SharedBytes([UInt8](repeating: 1, count: 100_000))
            pair.client.send(.video, timestamp: time, payload, to: &pair.toServer)
        }
        try pair.run()
        #expect(pair.client.channel.window.sentBytes > 4_000_000)
        #expect(pair.client.channel.window.unacknowledgedBytes < 1_300_000)
    }
}

/// Two sessions and the bytes between them.
final class SessionPair {
    var client: ClientSession
    var server: ServerSession
    var toServer = ByteWriter()
    var toClient = ByteWriter()
    private(set) var clientEvents: [ClientSession.Event] = []
    private(set) var serverEvents: [ServerSession.Event] = []
    private let policy: ServerPolicy
    private let largestPiece: Int
    private var serverInput: [UInt8] = []
    private var clientInput: [UInt8] = []
    private var generator = SplitMix(seed: 3)

    init(
        client: consuming ClientSession, server: consuming ServerSession, policy: ServerPolicy = ServerPolicy(),
        largestPiece: Int
    ) {
        self.client = client
        self.server = server
        self.policy = policy
        self.largestPiece = largestPiece
        self.client.start(output: &toServer)
    }

    /// Carries bytes until neither side has anything to say.
    func run() throws {
        while !toServer.isEmpty || !toClient.isEmpty {
            for piece in Array(copying: toServer.take().bytes).pieces(largest: largestPiece, using: &generator) {
                try receiveServer(piece)
            }
            for piece in Array(copying: toClient.take().bytes).pieces(largest: largestPiece, using: &generator) {
                try receiveClient(piece)
            }
        }
        #expect(serverInput.isEmpty && clientInput.isEmpty)
    }

    private func receiveServer(_ piece: [UInt8]) throws {
        serverInput += piece
        while true {
            let bytes = serverInput
            let step = try server.next(bytes.rawSpan, output: &toClient)
            serverInput.removeFirst(step.consumed)
            policy.decide(step.event, &server, output: &toClient)
            if step.event == .needsInput { return }
            serverEvents.append(step.event)
        }
    }

    private func receiveClient(_ piece: [UInt8]) throws {
        clientInput += piece
        while true {
            let bytes = clientInput
            let step = try client.next(bytes.rawSpan, output: &toServer)
            clientInput.removeFirst(step.consumed)
            if step.event == .needsInput { return }
            clientEvents.append(step.event)
        }
    }
}

extension ByteWriter {
    /// What was written, which is gone from here.
    fileprivate mutating func take() -> SharedBytes {
        let taken = SharedBytes(copying: bytes)
        removeAll()
        return taken
    }
}
