package import Bytes

extension WebSocketMachine {
    /// Looks at `bytes`, everything not yet consumed, and says the first thing they mean.
    ///
    /// `maskKey` masks the frame this may append to `output`, where this side is a client.
    package mutating func receive(
        _ bytes: RawSpan, output: inout ByteWriter, maskKey: UInt32? = nil
    ) -> Step {
        var position = 0
        do throws(WebSocketError) {
            while state != .closed {
                let rest = bytes.extracting(position..<bytes.byteCount)
                let step = try parser.parse(rest)
                position += step.consumed
                switch step.event {
                case .needsInput: return Step(consumed: position, event: .needsInput)
                case .frame(let header): try begin(header)
                case .payload(let range): try take(rest.extracting(range))
                case .frameEnded:
                    if let event = try end(output: &output, maskKey: maskKey) {
                        return Step(consumed: position, event: event)
                    }
                }
            }
            return Step(consumed: bytes.byteCount, event: .discarded)
        } catch {
            return Step(consumed: bytes.byteCount, event: fail(error, output: &output, maskKey: maskKey))
        }
    }

    private mutating func fail(
        _ error: WebSocketError, output: inout ByteWriter, maskKey: UInt32?
    ) -> Event {
        close(error.closeCode, maskKey: maskKey, to: &output)
        state = .closed
        message = nil
        control = nil
        return .failed(error)
    }

    private mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        frame = header
        // A key of zero leaves the payload as it is.
        mask = Mask(key: header.maskKey ?? 0)
        switch header.opcode {
        case .close, .ping, .pong:
            control = ByteWriter(capacity: header.length)
        case .text, .binary:
            guard message == nil else { throw .messageInsideMessage }
            try checkRoom(for: header, after: 0)
            // Memory follows what arrives, not what a header promises.
            let room = min(header.length, 4096)
            message = WebSocketMessage(isText: header.opcode == .text, capacity: room)
        case .continuation:
            guard let held = message?.bytes.count else { throw .continuationWithoutMessage }
            try checkRoom(for: header, after: held)
        }
    }

    private func checkRoom(for header: FrameHeader, after held: Int) throws(WebSocketError) {
        guard header.length <= limits.maximumMessageBytes - held else {
            throw .messageTooLarge(maximum: limits.maximumMessageBytes)
        }
    }

    private mutating func take(_ payload: RawSpan) throws(WebSocketError) {
        if var control = control.take() {
            mask.append(payload, to: &control)
            self.control = consume control
            return
        }
        guard var message = message.take() else { return }
        try message.append(payload, &mask)
        self.message = consume message
    }
}

// MARK: - Whole frames

extension WebSocketMachine {
    /// The frame is complete; nil where that is nothing to speak of.
    private mutating func end(output: inout ByteWriter, maskKey: UInt32?) throws(WebSocketError) -> Event? {
        guard let opcode = frame?.opcode, let isFinal = frame?.isFinal else { return nil }
        frame = nil
        switch opcode {
        case .text, .binary, .continuation:
            return isFinal ? try endMessage() : nil
        case .ping, .pong, .close:
            guard let payload = control.take()?.finish() else { return nil }
            return try endControl(opcode, payload, output: &output, maskKey: maskKey)
        }
    }

    private mutating func endMessage() throws(WebSocketError) -> Event? {
        guard let message = message.take() else { return nil }
        guard message.isWellFormed else { throw .invalidUTF8 }
        // After our close frame the peer may still be sending; nobody listens any more.
        guard isOpen else { return nil }
        let isText = message.isText
        let bytes = message.finish()
        return isText ? .text(bytes) : .binary(bytes)
    }

    private mutating func endControl(
        _ opcode: Opcode, _ payload: SharedBytes, output: inout ByteWriter, maskKey: UInt32?
    ) throws(WebSocketError) -> Event? {
        if opcode == .close { return try endClose(payload, output: &output, maskKey: maskKey) }
        guard isOpen else { return nil }
        if opcode == .pong { return .pong(payload) }
        _ = send(.pong, payload.bytes, maskKey: maskKey, to: &output)
        return .answered
    }

    /// RFC 6455 §5.5.1: no payload, or a code and a reason in UTF-8; the code is echoed.
    private mutating func endClose(
        _ payload: SharedBytes, output: inout ByteWriter, maskKey: UInt32?
    ) throws(WebSocketError) -> Event {
        guard payload.count != 1 else { throw .invalidCloseFrame }
        var code: CloseCode?
        if payload.count >= 2 {
            let number = UInt16(payload.bytes[0]) << 8 | UInt16(payload.bytes[1])
            guard let known = CloseCode(rawValue: number) else { throw .invalidCloseCode(number) }
            code = known
        }
        let reason = payload.dropping(first: min(2, payload.count))
        guard UTF8Validator.isValid(reason.bytes) else { throw .invalidUTF8 }
        close(code ?? .normal, maskKey: maskKey, to: &output)
        state = .closed
        return .closed(code, reason: String(copying: reason.bytes))
    }
}
