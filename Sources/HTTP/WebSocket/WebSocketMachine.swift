package import Bytes

/// One WebSocket connection: frames in, whole messages out, and the answers that the protocol itself asks for.
///
///     ┌──────┐  close()   ┌─────────┐
///     │ open │ ─────────▶ │ closing │
///     └──────┘            └─────────┘
///        │ close frame: echoed  │ close frame
///        ▼                      ▼
///     ┌─────────────────────────────┐
///     │           closed            │ ◀── any breach of the rules: told with a close frame
///     └─────────────────────────────┘
///
/// Frames to send are appended to `output`; a client's must be masked with a fresh random key each. An idle connection
/// holds no memory: a message's is given away with the message.
package struct WebSocketMachine: ~Copyable {
    package struct Limits: Sendable, Hashable {
        /// Of one message, all its fragments together; longer ones end the connection with 1009.
        package var maximumMessageBytes: Int

        package init(maximumMessageBytes: Int = 1 << 20) { self.maximumMessageBytes = maximumMessageBytes }
    }

    enum State: UInt8, Sendable {
        case open
        case closing
        case closed
    }

    var state = State.open
    var parser: FrameParser
    /// The message of which a part has come.
    var message: WebSocketMessage?
    /// The payload of the control frame being read.
    var control: ByteWriter?
    /// The frame being read.
    var frame: FrameHeader?
    var mask = Mask(key: 0)
    let role: WebSocketRole
    let limits: Limits

    package init(role: WebSocketRole, limits: Limits = Limits()) {
        self.role = role
        self.limits = limits
        parser = FrameParser(role: role)
    }
}

extension WebSocketMachine {
    package enum Event: Sendable, Equatable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        case text(SharedBytes)
        case binary(SharedBytes)
        /// A ping was answered: `output` has grown.
        case answered
        case pong(SharedBytes)
        /// The peer has closed; `output` may have grown by the echo. Flush, then close the connection.
        case closed(CloseCode?, reason: String)
        /// The peer broke the rules; `output` has grown by a close frame where none was sent before. Flush, then close.
        case failed(WebSocketError)
        /// What follows is of no interest; drop it.
        case discarded
    }

    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    /// Whether messages may still be sent.
    package var isOpen: Bool { state == .open }

    /// Appends a text or binary message, a ping or a pong, in one frame.
    ///
    /// False, and nothing is appended, where the connection is closing, a ping or pong has more than 125 bytes, or the
    /// opcode is for a fragment or a close, which are not sent this way. A client passes a fresh random `maskKey`.
    package func send(
        _ opcode: Opcode, _ payload: RawSpan, maskKey: UInt32? = nil, to output: inout ByteWriter
    ) -> Bool {
        guard isOpen, opcode != .close, opcode != .continuation else { return false }
        guard !opcode.isControl || payload.byteCount <= FrameHeader.maximumControlBytes else { return false }
        FrameEncoder.append(opcode, payload, maskKey: role == .client ? maskKey ?? 0 : nil, to: &output)
        return true
    }

    /// Begins the closing handshake; the peer's answer comes as `closed`. Nothing happens where it has begun.
    package mutating func close(
        _ code: CloseCode, reason: String = "", maskKey: UInt32? = nil, to output: inout ByteWriter
    ) {
        guard state == .open else { return }
        state = .closing
        FrameEncoder.appendClose(
            code, reason: reason, maskKey: role == .client ? maskKey ?? 0 : nil, to: &output)
    }

    /// The connection has ended; nil where that was due.
    package mutating func inputEnded() -> Event? {
        switch state {
        case .open, .closing:
            state = .closed
            return .failed(.truncated)
        case .closed:
            return nil
        }
    }
}
