import COpenSSL

/// An OpenSSL context with what every context of ours has in common, and the functions of its connections' pipes.
///
/// It is set up by whoever makes it, then never changed.
final class TLSLibraryContext: @unchecked Sendable {
    // Safe: OpenSSL counts references to a context atomically and locks what it changes in it (its documentation allows
    // SSL_new on several threads at once); we change nothing after the set-up. The method table is constant.
    let pointer: OpaquePointer
    let pipeMethod: OpaquePointer

    init(isServer: Bool, versions: ClosedRange<TLSVersion>, ciphers: String) throws(TLSConfigurationProblem) {
        guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()),
            let pipeMethod = TLSPipe.makeMethod()
        else { throw .library(reason: OpenSSLErrors.take().text) }
        self.pointer = pointer
        self.pipeMethod = pipeMethod
        _ = copenssl_SSL_CTX_set_min_proto_version(pointer, Int32(versions.lowerBound.rawValue))
        _ = copenssl_SSL_CTX_set_max_proto_version(pointer, Int32(versions.upperBound.rawValue))
        _ = copenssl_SSL_CTX_set_mode(
            pointer,
            copenssl_mode_release_buffers | copenssl_mode_partial_write | copenssl_mode_moving_write_buffer
                | copenssl_mode_no_auto_chain)
        SSL_CTX_set_options(pointer, copenssl_op_no_compression | copenssl_op_no_renegotiation)
        guard SSL_CTX_set_cipher_list(pointer, ciphers) == 1 else {
            _ = OpenSSLErrors.take()
            throw .invalidCiphers(ciphers)
        }
    }

    deinit {
        SSL_CTX_free(pointer)
        BIO_meth_free(pipeMethod)
    }
}
