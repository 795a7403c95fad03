package import Bytes
package import RTMP
package import TestKit

extension HandshakeCrypto {
    /// Costs nothing and is never right, so that every handshake is a simple one.
    package static let none = HandshakeCrypto { count in
        [UInt8](repeating: 0x55, count: count)
    } hmacSHA256: { _, _ in
        [UInt8](repeating: 0xAA, count: 32)
    }
}

extension ServerSession {
    package init(limits: SessionLimits = SessionLimits(), chunkSize: Int = 60_000, crypto: HandshakeCrypto = .none) {
        self.init(
            settings: ServerSettings(name: "Test", version: "1", chunkSize: chunkSize), crypto: crypto,
            limits: limits)
    }
}

/// How an owner decides in a test.
package struct ServerPolicy: Sendable {
    package var acceptsConnect = true
    package var acceptsPublish = true
    package var acceptsPlay = true

    package init(connect: Bool = true, publish: Bool = true, play: Bool = true) {
        acceptsConnect = connect
        acceptsPublish = publish
        acceptsPlay = play
    }

    /// Decides on what was asked; nothing where nothing was.
    package func decide(
        _ event: ServerSession.Event, _ session: inout ServerSession, output: inout ByteWriter
    ) {
        switch event {
        case .connectRequested:
            guard acceptsConnect else { return session.refuse(Status(.connectRejected, "no"), output: &output) }
            session.acceptConnect(output: &output)
        case .publishRequested:
            guard acceptsPublish else { return session.refuse(Status(.publishDenied, "no"), output: &output) }
            session.acceptPublish(output: &output)
        case .playRequested:
            guard acceptsPlay else { return session.refuse(Status(.playStreamNotFound, "no"), output: &output) }
            session.acceptPlay(output: &output)
        case .needsInput, .answered, .mediaReceived, .publishStopped, .playStopped, .pauseChanged, .seekRequested,
            .audioWished, .videoWished, .bufferLengthSet, .unknownCommandReceived:
            break
        }
    }
}

/// Everything that a session made of its input, but for what depends on how the input was cut.
package struct ServerTranscript: Equatable, Sendable {
    /// Without `needsInput` and `answered`.
    package var events: [ServerSession.Event] = []
    package var error: SessionError?
    package var phase = SessionPhase.handshaking
    package var droppedMessages = 0
    /// Of the handshake.
    package var answer: [UInt8] = []
    /// Without acknowledgements.
    package var messages: [Message] = []
}

/// Feeds a server bytes that come in pieces, the way a connection would, and checks what must hold of each step.
package func runServerSession(
    _ pieces: [[UInt8]], policy: ServerPolicy = ServerPolicy(), limits: SessionLimits = SessionLimits()
) throws(BrokenInvariant) -> ServerTranscript {
    var transcript = ServerTranscript()
    var session = ServerSession(limits: limits)
    var model = ServerModel()
    var output = ByteWriter()
    var input: [UInt8] = []
    var total = 0
    loop: for piece in pieces {
        input += piece
        total += piece.count
        while true {
            let before = output.count
            let step: ServerSession.Step
            do { step = try session.next(input.rawSpan, output: &output) } catch {
                transcript.error = error
                break loop
            }
            input.removeFirst(step.consumed)
            try model.check(step.event, phase: session.phase, policy: policy)
            policy.decide(step.event, &session, output: &output)
            try requireBound(output.count - before, input: total)
            guard step.event != .needsInput else { break }
            if step.event != .answered { transcript.events.append(step.event) }
        }
        try require(input.count <= HandshakeStep.maximumUnconsumedBytes, "\(input.count) bytes are left unconsumed")
    }
    transcript.phase = session.phase
    transcript.droppedMessages = session.droppedMessages
    (transcript.answer, transcript.messages) = try parsed(Array(copying: output.bytes))
    return transcript
}

/// A step costs less than 4 KiB of output and twice what has come.
func requireBound(_ grown: Int, input: Int) throws(BrokenInvariant) {
    try require(grown <= 4096 + 2 * input, "\(grown) bytes of output for \(input) of input")
}

/// The handshake, and the messages behind it, acknowledgements left out: all of it must be readable, to the last byte.
func parsed(_ sent: [UInt8]) throws(BrokenInvariant) -> (handshake: [UInt8], messages: [Message]) {
    let handshakeBytes = min(sent.count, 1 + 2 * 1536)
    let read = try readMessages([Array(sent.dropFirst(handshakeBytes))])
    try require(read.error == nil, "what a session sends is refused: \(String(describing: read.error))")
    let messages = read.messages.filter { $0.header.type != .acknowledgement }
    return (Array(sent.prefix(handshakeBytes)), messages)
}

/// What each stream does, told by events alone.
private struct ServerModel {
    private var publishing: Set<MessageStreamID> = []
    private var playing: Set<MessageStreamID> = []
    private var isConnected = false

    mutating func check(
        _ event: ServerSession.Event, phase: SessionPhase, policy: ServerPolicy
    ) throws(BrokenInvariant) {
        switch event {
        case .needsInput, .answered: break
        case .connectRequested:
            try require(!isConnected, "a second connect")
            isConnected = policy.acceptsConnect
        case .publishRequested(let stream, _, _):
            try require(isConnected && isIdle(stream), "a publish on \(stream), which is busy")
            if policy.acceptsPublish { publishing.insert(stream) }
        case .playRequested(let stream, _, _):
            try require(isConnected && isIdle(stream), "a play on \(stream), which is busy")
            if policy.acceptsPlay { playing.insert(stream) }
        case .mediaReceived(let kind, let message):
            try require(publishing.contains(message.header.stream), "media of a stream that does not publish")
            try require(message.header.type.mediaKind == kind, "\(message.header.type) is not \(kind)")
        case .publishStopped(let stream):
            try require(publishing.remove(stream) != nil, "\(stream) stops, but did not publish")
        case .playStopped(let stream):
            try require(playing.remove(stream) != nil, "\(stream) stops, but did not play")
        case .pauseChanged(let stream, _, _), .seekRequested(let stream, _), .audioWished(let stream, _),
            .videoWished(let stream, _):
            try require(playing.contains(stream), "\(stream) is steered, but does not play")
        case .bufferLengthSet: break
        case .unknownCommandReceived: try require(isConnected, "a command before connect")
        }
        let isActive = !publishing.isEmpty || !playing.isEmpty
        if isActive, case .needsInput = event { try require(phase == .publishing || phase == .playing, "\(phase)") }
    }

    private func isIdle(_ stream: MessageStreamID) -> Bool {
        !publishing.contains(stream) && !playing.contains(stream)
    }
}
