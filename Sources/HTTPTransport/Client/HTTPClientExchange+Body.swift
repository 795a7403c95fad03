package import Bytes
import HTTP
import Reactor

/// How far the body of a request is.
enum OutgoingState {
    /// Not to be sent yet: there is no connection, or `100 Continue` is awaited.
    case held
    /// Goes out of memory as the socket takes it; this much is left.
    case sending(SharedBytes)
    /// The owner writes it; this much is left where the length was declared.
    case streaming(left: Int?)
    case sent
}

extension HTTPClientExchange {
    /// Sends a piece of the body, after `bodyWanted`; shared bytes are not copied without TLS. Watch `isBlocked`.
    package func write(_ bytes: SharedBytes) {
        guard case .streaming(let left) = outgoing, let connection, let socket = connection.socket else { return }
        guard !bytes.isEmpty else { return }
        hasStreamed = true
        guard let left else {
            var header = ByteWriter(capacity: ChunkedEncoder.maximumHeaderBytes)
            ChunkedEncoder.appendHeader(bytes.count, to: &header)
            socket.enqueue(header.bytes)
            socket.enqueue(bytes)
            socket.enqueue(ChunkedEncoder.lineEnd)
            return socket.flush()
        }
        guard bytes.count <= left else { return breakOff() }
        outgoing = .streaming(left: left - bytes.count)
        socket.write(bytes)
    }

    /// Ends the body that was written. A body shorter than was declared breaks the request off.
    package func end() {
        guard case .streaming(let left) = outgoing, let connection, let socket = connection.socket else { return }
        guard left ?? 0 == 0 else { return breakOff() }
        outgoing = .sent
        hasStreamed = true
        if left == nil { socket.write(ChunkedEncoder.end) }
        connection.requestEnded()
    }

    /// Whether nothing may be written now; `bodyWanted` tells when it may.
    package var isBlocked: Bool {
        guard case .streaming = outgoing, let socket = connection?.socket else { return true }
        return socket.isOutputBlocked || socket.isClosed
    }

    private func breakOff() {
        connection?.abandon(self)
        fail(.invalidRequest(.bodyLength))
    }

    /// Whether `100 Continue`, or the end of waiting for it, would set the body going.
    var awaitsContinue: Bool {
        if case .held = outgoing { request.awaitsContinue } else { false }
    }

    /// The head is out and nothing holds the body back any longer.
    func releaseBody() {
        guard case .held = outgoing else { return }
        switch request.body {
        case .none, .stream(length: 0): outgoing = .sent
        case .bytes(let bytes):
            outgoing = .sending(bytes)
            sendMore()
        case .stream(let length):
            outgoing = .streaming(left: length)
            loop.afterRound { self.tellBodyWanted() }
        }
    }

    func outputDrained() {
        switch outgoing {
        case .held, .sent: break
        case .sending: sendMore()
        case .streaming: tellBodyWanted()
        }
    }

    private func tellBodyWanted() {
        if !isBlocked { handler?.bodyWanted(self) }
    }

    /// Goes on with a body in memory, never queueing more than the socket's high watermark and one piece.
    private func sendMore() {
        guard case .sending(var left) = outgoing, let connection, let socket = connection.socket else { return }
        while !left.isEmpty, !socket.isOutputBlocked, !socket.isClosed {
            let size = min(left.count, socket.options.limits.highWatermark)
            socket.write(left[0..<size])
            left = left.dropping(first: size)
        }
        guard left.isEmpty else {
            outgoing = .sending(left)
            return
        }
        outgoing = .sent
        connection.requestEnded()
    }

    /// Whether the request may go out once more after the connection, on which another had been answered, ended without
    /// a byte of an answer to this one (RFC 9110 §9.2.2, RFC 9112 §9.3.1). `nothingSent` says that the kernel took none
    /// of it.
    func mayBeRepeated(nothingSent: Bool) -> Bool {
        guard !hasRetried, !hasStreamed else { return false }
        if nothingSent || request.method.isIdempotent { return true }
        // A server cannot act on a request whose body it has not seen.
        guard request.hasBody, case .held = outgoing else { return false }
        return true
    }
}
