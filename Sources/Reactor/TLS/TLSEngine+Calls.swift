import COpenSSL

extension TLSEngine {
    /// How a call of OpenSSL's ended.
    enum Outcome {
        case done
        /// It took all the input and waits for more.
        case needsInput
        /// It waits for room in the output: flush and call again.
        case outputFull
        /// The peer has closed its side.
        case peerClosed
        case failed(TLSError)
    }

    /// Runs `body`, a function of OpenSSL's that returns more than zero for success, with `pipe` as the connection.
    func call(_ pipe: inout TLSPipe, _ body: (OpaquePointer) -> Int32) -> Outcome {
        withUnsafeMutablePointer(to: &pipe) { pipe in
            // Safe: the BIO has the pointer while `body` runs, and that is as long as it is valid.
            BIO_set_data(bio, pipe)
            defer { BIO_set_data(bio, nil) }
            // An old error of this thread would be taken for one of this call.
            ERR_clear_error()
            let result = body(ssl)
            if result > 0 { return .done }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: return .needsInput
            case SSL_ERROR_WANT_WRITE: return .outputFull
            case SSL_ERROR_ZERO_RETURN: return .peerClosed
            default: return .failed(.taken(from: ssl, duringHandshake: isHandshaking))
            }
        }
    }

    /// Hands what the pipe holds to `send`.
    func flush(_ pipe: inout TLSPipe, send: (RawSpan) -> Void) {
        guard pipe.written > 0 else { return }
        // Safe: OpenSSL has written that many bytes, and nobody else has the buffer.
        send(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: pipe.output[..<pipe.written])))
        pipe.written = 0
    }

    /// Remembers the error: every later call throws it again.
    func fail(_ error: TLSError) -> TLSError {
        phase = .failed(error)
        return error
    }

    private var isHandshaking: Bool {
        switch phase {
        case .handshaking: true
        case .open, .failed: false
        }
    }
}
