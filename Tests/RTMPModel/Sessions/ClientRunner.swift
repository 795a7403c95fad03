import Bytes
package import RTMP
package import TestKit

extension ClientSession {
    /// To `rtmp://127.0.0.1/live`, stream `s`.
    package init(publishing: Bool, settings: ClientSettings = ClientSettings(), limits: SessionLimits = SessionLimits())
    {
        let connect = ConnectRequest(
            properties: AMFProperties([
                ("app", .string("live")), ("tcUrl", .string("rtmp://127.0.0.1/live")),
                ("objectEncoding", .number(settings.encoding == .amf3 ? 3 : 0)),
            ]))
        self.init(
            connect: connect, publishing ? .publish(PublishRequest(name: "s")) : .play(PlayRequest(name: "s")),
            settings: settings, crypto: settings.handshake == .simple ? .none : .seeded(2), limits: limits)
    }
}

/// Everything that a session made of its input, but for what depends on how the input was cut.
package struct ClientTranscript: Equatable, Sendable {
    /// Without `needsInput` and `answered`.
    package var events: [ClientSession.Event] = []
    package var error: SessionError?
    package var phase = SessionPhase.handshaking
    package var messages: [Message] = []
}

/// Feeds a client bytes that come in pieces, the way a connection would, and checks what must hold of each step.
package func runClientSession(
    publishing: Bool, settings: ClientSettings = ClientSettings(), _ pieces: [[UInt8]]
) throws(BrokenInvariant) -> ClientTranscript {
    var transcript = ClientTranscript()
    var session = ClientSession(publishing: publishing, settings: settings)
    var output = ByteWriter()
    session.start(output: &output)
    var model = ClientModel(isPublisher: publishing)
    var input: [UInt8] = []
    var total = 0
    loop: for piece in pieces {
        input += piece
        total += piece.count
        while true {
            let before = output.count
            let step: ClientSession.Step
            do { step = try session.next(input.rawSpan, output: &output) } catch {
                transcript.error = error
                break loop
            }
            input.removeFirst(step.consumed)
            try model.check(step.event)
            try requireBound(output.count - before, input: total)
            guard step.event != .needsInput else { break }
            if step.event != .answered { transcript.events.append(step.event) }
        }
        try require(input.count <= HandshakeStep.maximumUnconsumedBytes, "\(input.count) bytes are left unconsumed")
    }
    transcript.phase = session.phase
    transcript.messages = try parsed(Array(copying: output.bytes)).messages
    return transcript
}

/// In which order a client may say what.
private struct ClientModel {
    let isPublisher: Bool
    private var isConnected = false
    private var isAccepted = false
    private var isOver = false

    init(isPublisher: Bool) { self.isPublisher = isPublisher }

    mutating func check(_ event: ClientSession.Event) throws(BrokenInvariant) {
        switch event {
        case .connected:
            try require(!isConnected && !isOver, "connected twice")
            isConnected = true
        case .accepted:
            try require(isConnected && !isAccepted && !isOver, "accepted out of order")
            isAccepted = true
        case .refused(let what, _):
            try require(!isAccepted && !isOver && isConnected == (what != .connect), "\(what) refused out of order")
            isOver = true
        case .mediaReceived: try require(isAccepted && !isPublisher, "media of nothing that plays")
        case .needsInput, .answered, .statusReceived, .streamEventReceived, .commandReceived: break
        }
    }
}
