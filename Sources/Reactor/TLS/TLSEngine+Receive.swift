import COpenSSL

/// What arrives on a TLS connection, in this order.
package enum TLSEvent: ~Escapable {
    /// The handshake is done: `negotiated` is known, and data may be written.
    case established
    /// Decrypted bytes, valid during the call. At most once per `receive` of up to `Scratch.maximum` bytes.
    case plaintext(RawSpan)
    /// The peer will send no more; what arrived is whole. Writing is still possible.
    case closedByPeer
}

extension TLSEngine {
    /// Begins the handshake: a client's first bytes go to `send`, a server waits.
    package func start(workspace: TLSWorkspace, send: (RawSpan) -> Void) throws(TLSError) {
        try receive(RawSpan(), workspace: workspace, send: send, deliver: { _ in })
    }

    /// Takes what the socket has read, all of it.
    ///
    /// Answers of the protocol go to `send`, and what it means for the connection to `deliver`. What was whole before
    /// an error is delivered before the error is thrown; an alert for the peer is sent before it too.
    package func receive(
        _ ciphertext: RawSpan, workspace: TLSWorkspace, send: (RawSpan) -> Void, deliver: (TLSEvent) -> Void
    ) throws(TLSError) {
        if case .failed(let error) = phase { throw error }
        let output = workspace.take()
        let plaintext = workspace.take()
        defer {
            workspace.give(output)
            workspace.give(plaintext)
        }
        try ciphertext.withUnsafeBytes { bytes throws(TLSError) in
            var pipe = TLSPipe(input: bytes, output: output)
            if case .handshaking = phase {
                guard try handshake(&pipe, send: send) else { return }
                deliver(.established)
            }
            try read(&pipe, into: plaintext, send: send, deliver: deliver)
        }
    }

    /// Goes on with the handshake as far as the input allows; true when it is done.
    private func handshake(_ pipe: inout TLSPipe, send: (RawSpan) -> Void) throws(TLSError) -> Bool {
        while true {
            let outcome = call(&pipe) { SSL_do_handshake($0) }
            flush(&pipe, send: send)
            switch outcome {
            case .done:
                phase = .open
                rememberRenewedTicket()
                return true
            case .outputFull: continue
            case .needsInput: return false
            case .peerClosed: throw fail(TLSError(kind: .protocolViolation, reason: "closed during the handshake"))
            case .failed(let error): throw fail(error)
            }
        }
    }

    /// TLS 1.2 can renew the ticket of a session that it resumes; OpenSSL's callback tells of new sessions only.
    private func rememberRenewedTicket() {
        guard SSL_session_reused(ssl) == 1, SSL_version(ssl) == TLS1_2_VERSION, let session = SSL_get_session(ssl)
        else { return }
        remember(session)
    }

    private func read(
        _ pipe: inout TLSPipe, into plaintext: UnsafeMutableRawBufferPointer, send: (RawSpan) -> Void,
        deliver: (TLSEvent) -> Void
    ) throws(TLSError) {
        var filled = 0
        while !inputEnded || filled > 0 {
            var count = 0
            // Safe: OpenSSL writes at most the room behind `filled`, which is never zero here.
            let outcome = call(&pipe) {
                SSL_read_ex($0, plaintext.baseAddress.map { $0 + filled }, plaintext.count - filled, &count)
            }
            filled += count
            if case .done = outcome, filled < plaintext.count { continue }
            flush(&pipe, send: send)
            if case .outputFull = outcome { continue }
            if filled > 0 {
                // Safe: the first `filled` bytes are initialised, and nobody else has this buffer until `give`.
                deliver(.plaintext(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: plaintext[..<filled]))))
                filled = 0
            }
            switch outcome {
            case .done, .outputFull: break
            case .needsInput: return
            case .peerClosed: return deliver(.closedByPeer)
            case .failed(let error): throw fail(error)
            }
        }
    }
}
