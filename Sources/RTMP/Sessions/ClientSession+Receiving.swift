package import Bytes
import Media

extension ClientSession {
    /// Looks at `bytes`, everything not yet consumed, and goes on to the first event in them; what is to be sent is
    /// appended to `output`. To be called until it needs input, also where everything was consumed. Of what is then
    /// left, at most 1536 bytes, no more can be said without further ones. After an error the connection is of no use.
    package mutating func next(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(SessionError) -> Step {
        if let event = try nextQueued() { return Step(consumed: 0, event: event) }
        var consumed = 0
        if state == .handshaking {
            consumed = try shakeHands(bytes, output: &output)
            if state == .handshaking { return Step(consumed: consumed, event: .needsInput) }
        }
        while true {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let (taken, incoming) = try read(rest, output: &output)
            consumed += taken
            switch incoming {
            case .needsInput: return Step(consumed: consumed, event: .needsInput)
            case .answered: return Step(consumed: consumed, event: .answered)
            case .event(let event): return Step(consumed: consumed, event: .streamEventReceived(event))
            case .message(let message):
                if let event = try receive(message, output: &output) {
                    return Step(consumed: consumed, event: event)
                }
            }
        }
    }

    private mutating func shakeHands(_ bytes: RawSpan, output: inout ByteWriter) throws(SessionError) -> Int {
        let before = output.count
        let step: HandshakeStep
        do { step = try handshake.receive(bytes, output: &output) } catch { throw .handshake(error) }
        channel.window.sent(output.count - before)
        channel.received(step.consumed, output: &output)
        if step.isDone {
            state = .connecting
            try send(connect.command(transaction: takeTransaction()), to: &output)
        }
        return step.consumed
    }

    private mutating func read(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(SessionError) -> (consumed: Int, incoming: MessageChannel.Incoming) {
        do { return try channel.next(bytes, output: &output) } catch { throw .chunks(error) }
    }

    /// What is left of what was consumed before.
    private mutating func nextQueued() throws(SessionError) -> Event? {
        if let event = queued.take() { return event }
        guard let (kind, message) = try aggregate.next() else { return nil }
        return .mediaReceived(kind, message)
    }

    private mutating func receive(_ message: Message, output: inout ByteWriter) throws(SessionError) -> Event? {
        let type = message.header.type
        switch type {
        case .commandAMF0, .commandAMF3:
            return try receiveCommand(message, type.encoding ?? .amf0, output: &output)
        case .audio, .video, .dataAMF0, .dataAMF3, .aggregate:
            return try receiveMedia(message)
        default:
            // Shared objects, and types that nobody has defined.
            return nil
        }
    }

    /// Servers that send media, but no Play.Start, exist; of data alone that cannot be told, for it may come in front.
    private mutating func receiveMedia(_ message: Message) throws(SessionError) -> Event? {
        guard !isPublisher else { return nil }
        let kind = message.header.type.mediaKind
        switch state {
        case .requesting(_, let stream):
            guard kind != .data else { return nil }
            state = .running(stream)
            if let kind { queued = .mediaReceived(kind, message) } else { aggregate.open(message) }
            return .accepted(stream, nil)
        case .running:
            if let kind { return .mediaReceived(kind, message) }
            aggregate.open(message)
            return try nextQueued()
        case .handshaking, .connecting, .creatingStream, .over: return nil
        }
    }
}
