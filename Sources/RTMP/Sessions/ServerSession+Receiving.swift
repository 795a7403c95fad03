package import Bytes

extension ServerSession {
    /// Looks at `bytes`, everything not yet consumed, and goes on to the first event in them; what is to be sent is
    /// appended to `output`. To be called until it needs input, also where everything was consumed. Of what is then
    /// left, at most 1536 bytes, no more can be said without further ones. After an error the connection is of no use.
    package mutating func next(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(SessionError) -> Step {
        precondition(decision == nil, "a decision is due first")
        if let event = try nextQueued() { return Step(consumed: 0, event: event) }
        var consumed = 0
        if handshake != nil {
            consumed = try shakeHands(bytes, output: &output)
            if handshake != nil { return Step(consumed: consumed, event: .needsInput) }
        }
        while true {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let (taken, incoming) = try read(rest, output: &output)
            consumed += taken
            switch incoming {
            case .needsInput: return Step(consumed: consumed, event: .needsInput)
            case .answered: return Step(consumed: consumed, event: .answered)
            case .event(.setBufferLength(let stream, let milliseconds)):
                return Step(consumed: consumed, event: .bufferLengthSet(stream, milliseconds: milliseconds))
            case .event: break
            case .message(let message):
                if let event = try receive(message, output: &output) {
                    return Step(consumed: consumed, event: event)
                }
            }
        }
    }

    private mutating func shakeHands(_ bytes: RawSpan, output: inout ByteWriter) throws(SessionError) -> Int {
        guard var handshake else { return 0 }
        let before = output.count
        do throws(HandshakeError) {
            let step = try handshake.receive(bytes, output: &output)
            self.handshake = step.isDone ? nil : handshake
            channel.window.sent(output.count - before)
            channel.received(step.consumed, output: &output)
            return step.consumed
        } catch {
            throw .handshake(error)
        }
    }

    private mutating func read(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(SessionError) -> (consumed: Int, incoming: MessageChannel.Incoming) {
        do { return try channel.next(bytes, output: &output) } catch { throw .chunks(error) }
    }

    /// What is left of what was consumed before.
    private mutating func nextQueued() throws(SessionError) -> Event? {
        if let event = queued.take() {
            // A request that had to wait for the end of what was before it.
            if case .playRequested(let stream, let request, let command) = event {
                decision = .play(stream, isReset: request.isReset, command.encoding)
            }
            return event
        }
        guard let (kind, message) = try aggregate.next() else { return nil }
        return .mediaReceived(kind, message)
    }

    private mutating func receive(_ message: Message, output: inout ByteWriter) throws(SessionError) -> Event? {
        let type = message.header.type
        switch type {
        case .commandAMF0, .commandAMF3:
            return try receiveCommand(message, type.encoding ?? .amf0, output: &output)
        case .audio, .video, .dataAMF0, .dataAMF3, .aggregate:
            guard let stream = streams.meant(by: message.header.stream, where: \.isPublishing) else {
                strayMessages += 1
                return nil
            }
            let message = message.on(stream)
            if let kind = type.mediaKind { return .mediaReceived(kind, message) }
            aggregate.open(message)
            return try nextQueued()
        default:
            // Shared objects, and types that nobody has defined.
            return nil
        }
    }
}
