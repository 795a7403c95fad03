extension TCPConnection {
    package var isSecure: Bool { security != nil }

    /// What the TLS handshake agreed on; nil without TLS, and before it is done.
    package var tls: TLSNegotiated? { security?.engine.negotiated }

    /// Whether the peer's input ended without TLS's own end: somebody may have cut it short.
    package var inputWasTruncated: Bool {
        guard let security, peerHasFinished else { return false }
        return security.engine.peerEnded() == .truncated
    }

    /// The socket stands: begins the handshake, which a client does by speaking first.
    func startHandshake(_ security: TCPSecurity) {
        state = .handshaking
        secured {
            () throws(TLSError) in
            try security.engine.start(workspace: loop.tlsWorkspace) { sendOrQueue($0) }
        }
    }

    /// Ciphertext from the socket.
    func receivedCiphertext(_ bytes: RawSpan, _ security: TCPSecurity) {
        secured {
            () throws(TLSError) in
            try security.engine.receive(bytes, workspace: loop.tlsWorkspace) {
                sendOrQueue($0)
            } deliver: { event in
                guard state != .closed else { return }
                // The engine is between two records: the owner may write, and must hear of the watermarks while it
                // does.
                isInEngine = false
                defer { isInEngine = true }
                switch event {
                case .established: opened()
                case .plaintext(let bytes): if state == .open { handler?.received(bytes, on: self) }
                case .closedByPeer: inputEnded()
                }
            }
        }
    }

    func encrypt(_ bytes: RawSpan, _ security: TCPSecurity) {
        secured {
            () throws(TLSError) in
            try security.engine.encrypt(bytes, workspace: loop.tlsWorkspace) { sendOrQueue($0) }
        }
    }

    /// Encrypts what waited, small pieces together in one record.
    func encryptWaiting(_ security: TCPSecurity) {
        guard state == .open || state == .closing, security.waitingBytes > 0 else { return }
        let waiting = security.takeWaiting()
        secured {
            () throws(TLSError) in
            try security.engine.encrypt(waiting, workspace: loop.tlsWorkspace) { sendOrQueue($0) }
        }
    }

    /// Tells the peer that the output is whole.
    func sayGoodbye(_ security: TCPSecurity) {
        secured { () throws(TLSError) in
            security.engine.close(workspace: loop.tlsWorkspace) { sendOrQueue($0) }
        }
    }

    /// Runs a call of the engine. Nobody may call the engine again out of what it sends, so the owner hears of the
    /// watermark only afterwards.
    private func secured(_ body: () throws(TLSError) -> Void) {
        let isOutermost = !isInEngine
        isInEngine = true
        do throws(TLSError) { try body() } catch { finish(.tls(error)) }
        guard isOutermost else { return }
        isInEngine = false
        if state != .closed, !output.isEmpty { outputGrew() }
    }
}
