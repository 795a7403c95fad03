import COpenSSL

/// TLS for one connection, without a socket: ciphertext and plaintext go in, plaintext and ciphertext come out.
///
/// ```
///              established              close() or closedByPeer     both
///  handshaking ───────────▶ established ───────────────────────▶ closing ──▶ closed
///       └────────────────────────┴─────────── error ─────────────────┴────▶ failed
/// ```
/// It keeps no bytes between calls but a record that has not arrived whole (at most 16 KiB and its overhead): what a
/// call produces goes to its `send` before it returns, into the socket or the connection's own bounded buffer. Buffers
/// come from the loop's `TLSWorkspace`. Confined to the loop of its connection. `send` must not call the engine;
/// `deliver` may.
package final class TLSEngine {
    package enum State: Equatable {
        case handshaking
        case established
        /// One side has said that it will send no more.
        case closing
        /// Both sides have.
        case closed
        case failed(TLSError)
    }

    enum Phase {
        case handshaking
        case open
        case failed(TLSError)
    }

    enum Side {
        case server(TLSServerCredentials)
        case client(TLSClientContext, server: String)
    }

    let ssl: OpaquePointer
    let bio: OpaquePointer
    let side: Side
    var phase = Phase.handshaking

    /// Records sent since the key was last changed.
    var recordsUnderKey: UInt32 = 0

    /// The server's end of a connection. Throws only where OpenSSL has no memory.
    package convenience init(server: TLSServerContext) throws(TLSError) {
        let credentials = server.credentials
        try self.init(credentials.contexts[ServerNameTable.defaultIndex], side: .server(credentials))
        SSL_set_accept_state(ssl)
    }

    /// The client's end of a connection to `serverName`, a host name or an IP address (IPv6 with or without brackets).
    ///
    /// `start` sends the first bytes.
    package convenience init(client: TLSClientContext, serverName: String) throws(TLSError) {
        let name = try TLSServerName(serverName)
        try self.init(client.library, side: .client(client, server: name.text))
        try name.apply(to: ssl)
        SSL_set_connect_state(ssl)
        client.sessions.offer(to: ssl, for: name.text)
    }

    private init(_ context: TLSLibraryContext, side: Side) throws(TLSError) {
        guard let ssl = SSL_new(context.pointer) else {
            throw TLSError(kind: .library, reason: OpenSSLErrors.take().text)
        }
        guard let bio = BIO_new(context.pipeMethod) else {
            SSL_free(ssl)
            throw TLSError(kind: .library, reason: OpenSSLErrors.take().text)
        }
        SSL_set_bio(ssl, bio, bio)
        self.ssl = ssl
        self.bio = bio
        self.side = side
        // Safe: callbacks run only inside calls of this engine, while it is alive.
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { SSL_free(ssl) }

    /// The engine behind a connection of OpenSSL's, for callbacks.
    static func of(_ ssl: OpaquePointer?) -> TLSEngine? {
        // Safe: set in `init`, and OpenSSL calls back only inside a call of that engine.
        guard let ssl, let pointer = SSL_get_ex_data(ssl, 0) else { return nil }
        return Unmanaged<TLSEngine>.fromOpaque(pointer).takeUnretainedValue()
    }

    var serverCredentials: TLSServerCredentials? {
        switch side {
        case .server(let credentials): credentials
        case .client: nil
        }
    }

    /// Keeps a session that the server has offered for resumption.
    func remember(_ session: OpaquePointer) {
        switch side {
        case .server: break
        case .client(let context, let server): context.sessions.store(session, for: server)
        }
    }
}

// MARK: - State

extension TLSEngine {
    package var state: State {
        switch phase {
        case .handshaking: .handshaking
        case .failed(let error): .failed(error)
        case .open:
            switch (inputEnded, outputEnded) {
            case (false, false): .established
            case (true, true): .closed
            case (true, false), (false, true): .closing
            }
        }
    }

    /// Whether the peer has said that it will send no more.
    package var inputEnded: Bool { SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }

    /// Whether `close` has said that we will send no more.
    package var outputEnded: Bool { SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN != 0 }

    /// How the peer's stream ended, told when the socket is at its end.
    package enum Ending: Equatable {
        /// The peer had said that it was done: what arrived is whole.
        case clean
        /// It had not: somebody may have cut the stream short (RFC 8446 §6.1).
        case truncated
    }

    /// The socket has reached its end. Changes nothing: output is possible as long as the socket takes it.
    package func peerEnded() -> Ending { inputEnded ? .clean : .truncated }

    /// What both ends agreed on; nil before the handshake is done.
    package var negotiated: TLSNegotiated? {
        switch phase {
        case .handshaking, .failed: return nil
        case .open: break
        }
        guard let version = TLSVersion(rawValue: UInt16(truncatingIfNeeded: SSL_version(ssl))) else { return nil }
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        // Safe: OpenSSL's texts live as long as the connection, and are copied here.
        return TLSNegotiated(
            version: version,
            cipher: String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))),
            applicationProtocol: name.map {
                String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
            },
            serverName: SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) },
            resumed: SSL_session_reused(ssl) == 1)
    }
}
