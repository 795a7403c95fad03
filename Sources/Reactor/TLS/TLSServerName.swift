import COpenSSL

/// What a client calls its server: a host name or an IP address.
struct TLSServerName {
    /// In lower case, without an IPv6 address's brackets or a name's last dot (RFC 6066 §3).
    let text: String

    init(_ name: String) throws(TLSError) {
        var name = name.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name.hasSuffix(".") { name.removeLast() }
        guard (1...255).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw TLSError(kind: .invalidServerName, reason: "")
        }
        text = name
    }

    /// Makes `ssl` ask for this server, and accept a certificate for it alone.
    ///
    /// An address is not sent: the extension carries names only (RFC 6066 §3).
    func apply(to ssl: OpaquePointer) throws(TLSError) {
        let parameters = SSL_get0_param(ssl)
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, text) == 1 { return }
        ERR_clear_error()
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard X509_VERIFY_PARAM_set1_host(parameters, text, text.utf8.count) == 1,
            copenssl_SSL_set_tlsext_host_name(ssl, text) == 1
        else { throw TLSError(kind: .invalidServerName, reason: OpenSSLErrors.take().text) }
    }
}
