package import Bytes
import COpenSSL

extension TLSEngine {
    /// Most plaintext in one record (RFC 8446 §5.1), in bytes.
    private static let recordBytes = 16 << 10

    /// Room that one record, and a change of keys before it, can need in the output.
    private static let recordRoom = recordBytes + 512

    /// Encrypts `plaintext` and hands all of the ciphertext to `send`, in pieces of a few records.
    ///
    /// Nothing is kept: the caller bounds what it buffers by what it passes in.
    package func encrypt(_ plaintext: RawSpan, workspace: TLSWorkspace, send: (RawSpan) -> Void) throws(TLSError) {
        try checkWritable()
        let output = workspace.take()
        defer { workspace.give(output) }
        var pipe = TLSPipe(input: UnsafeRawBufferPointer(start: nil, count: 0), output: output)
        try write(plaintext, to: &pipe, send: send)
        flush(&pipe, send: send)
    }

    /// The same for bytes in several pieces: small ones share records, as one `writev` would share packets.
    package func encrypt(
        _ pieces: some Sequence<SharedBytes>, workspace: TLSWorkspace, send: (RawSpan) -> Void
    ) throws(TLSError) {
        try checkWritable()
        let output = workspace.take()
        let record = workspace.take()
        defer {
            workspace.give(output)
            workspace.give(record)
        }
        var pipe = TLSPipe(input: UnsafeRawBufferPointer(start: nil, count: 0), output: output)
        var filled = 0
        for piece in pieces {
            var start = 0
            while start < piece.count {
                let count = min(Self.recordBytes - filled, piece.count - start)
                piece.bytes.withUnsafeBytes { bytes in
                    // Safe: `filled + count` is at most a record, and the buffer is larger than that.
                    UnsafeMutableRawBufferPointer(rebasing: record[filled...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
                }
                filled += count
                start += count
                guard filled == Self.recordBytes else { continue }
                try write(record[..<filled], to: &pipe, send: send)
                filled = 0
            }
        }
        try write(record[..<filled], to: &pipe, send: send)
        flush(&pipe, send: send)
    }

    /// Tells the peer that no more will come (close_notify). Reading goes on until the peer says the same.
    ///
    /// Does nothing before the handshake is done, after a failure, or a second time.
    package func close(workspace: TLSWorkspace, send: (RawSpan) -> Void) {
        guard case .open = phase, !outputEnded else { return }
        let output = workspace.take()
        defer { workspace.give(output) }
        var pipe = TLSPipe(input: UnsafeRawBufferPointer(start: nil, count: 0), output: output)
        // Zero means that the peer has not said so yet, and is no failure.
        if case .failed = call(&pipe, { SSL_shutdown($0) >= 0 ? 1 : -1 }) { ERR_clear_error() }
        flush(&pipe, send: send)
    }

    private func checkWritable() throws(TLSError) {
        switch phase {
        case .handshaking: throw TLSError(kind: .notEstablished, reason: "")
        case .failed(let error): throw error
        case .open: if outputEnded { throw TLSError(kind: .closed, reason: "") }
        }
    }

    private func write(
        _ bytes: Slice<UnsafeMutableRawBufferPointer>, to pipe: inout TLSPipe, send: (RawSpan) -> Void
    ) throws(TLSError) {
        // Safe: the caller has initialised these bytes, and changes them only after this call.
        try write(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes)), to: &pipe, send: send)
    }

    private func write(_ plaintext: RawSpan, to pipe: inout TLSPipe, send: (RawSpan) -> Void) throws(TLSError) {
        try plaintext.withUnsafeBytes { bytes throws(TLSError) in
            var start = 0
            while start < bytes.count {
                // With room for a whole record a write never has to be repeated.
                if pipe.room < Self.recordRoom { flush(&pipe, send: send) }
                changeKeyWhenDue()
                var count = 0
                let outcome = call(&pipe) {
                    // Safe: OpenSSL reads no further than the end of `bytes`.
                    SSL_write_ex(
                        $0, bytes.baseAddress.map { $0 + start }, min(bytes.count - start, Self.recordBytes), &count)
                }
                start += count
                switch outcome {
                case .done: recordsUnderKey += 1
                case .outputFull: flush(&pipe, send: send)
                case .needsInput, .peerClosed:
                    throw fail(TLSError(kind: .library, reason: "a write waited for the peer"))
                case .failed(let error):
                    flush(&pipe, send: send)
                    throw fail(error)
                }
            }
        }
    }

    /// Lets the next record be preceded by a KeyUpdate once enough were sent under one key (RFC 8446 §5.5).
    private func changeKeyWhenDue() {
        let maximum =
            switch side {
            case .server(let credentials): credentials.maximumRecordsPerKey
            case .client(let context, _): context.configuration.maximumRecordsPerKey
            }
        guard recordsUnderKey >= maximum, SSL_version(ssl) == TLS1_3_VERSION else { return }
        recordsUnderKey = 0
        SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED)
    }
}
