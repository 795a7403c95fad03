package import Bytes
package import HTTP
import Reactor

extension WebSocketConnection {
    /// Payloads of at most this size are copied behind their header: cheaper than a vector of their own.
    private static var maximumCopied: Int { 1_024 }

    /// Sends a text message; `text` must be UTF-8, or the peer will end the connection. Nothing happens once closing.
    package func send(text: SharedBytes) {
        enqueue(.text, text)
        flushUnlessReading()
    }

    package func send(text: String) { send(text: SharedBytes(text)) }

    /// Sends a binary message. A server does not copy the payload; a client must, for it has to mask it. Watch
    /// `isBlocked`.
    package func send(binary: SharedBytes) {
        enqueue(.binary, binary)
        flushUnlessReading()
    }

    /// Sends a binary message of bytes that are only lent: a server copies none that the socket takes at once.
    package func send(binary pieces: borrowing SpanPieces) {
        guard isOpen, pieces.byteCount > 0 else { return }
        guard role == .server else {
            var payload = ByteWriter(capacity: pieces.byteCount)
            for range in pieces.ranges { payload.append(pieces.bytes.extracting(range)) }
            return send(binary: payload.finish())
        }
        var header = ByteWriter(capacity: FrameHeader.maximumBytes)
        FrameEncoder.appendHeader(FrameHeader(.binary, length: pieces.byteCount), to: &header)
        let nothing = SharedBytes.empty
        socket.write(header.bytes, pieces, nothing.bytes)
    }

    /// Queues a binary message without a system call: several leave together with `flush`.
    package func enqueue(binary: SharedBytes) { enqueue(.binary, binary) }

    package func flush() { socket.flush() }

    /// Whether more output is waiting than the socket's high watermark; `outputDrained` tells when it is gone.
    package var isBlocked: Bool { socket.isOutputBlocked }

    /// Begins the closing handshake; `closed` tells of its end. Nothing happens where it has begun.
    ///
    /// `reason` is cut to the 123 bytes that fit.
    package func close(_ code: CloseCode = .normal, reason: String = "") {
        guard isOpen else { return }
        var output = ByteWriter(capacity: FrameHeader.maximumBytes + FrameHeader.maximumControlBytes)
        machine.close(code, reason: reason, maskKey: maskKey(), to: &output)
        socket.enqueue(output.bytes)
        socket.flush()
        closeFrameSent()
    }

    func enqueue(_ opcode: Opcode, _ payload: SharedBytes) {
        guard isOpen else { return }
        var frame = ByteWriter(capacity: FrameHeader.maximumBytes)
        if let key = maskKey() {
            FrameEncoder.append(opcode, payload.bytes, maskKey: key, to: &frame)
            return socket.enqueue(frame.finish())
        }
        FrameEncoder.appendHeader(FrameHeader(opcode, length: payload.count), to: &frame)
        socket.enqueue(frame.bytes)
        if payload.count <= Self.maximumCopied { socket.enqueue(payload.bytes) } else { socket.enqueue(payload) }
    }

    /// While messages are being received, small answers to them leave together.
    private func flushUnlessReading() {
        if !isReading || socket.pendingOutput > 32 * 1024 { socket.flush() }
    }

    /// A fresh key for a client's frame, which nobody may guess (RFC 6455 §5.3); a server masks nothing.
    func maskKey() -> UInt32? {
        guard role == .client else { return nil }
        return SecureRandom.bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
