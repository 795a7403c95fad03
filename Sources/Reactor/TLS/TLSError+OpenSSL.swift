import COpenSSL

/// What OpenSSL left in this thread's error queue, taken out of it.
struct OpenSSLErrors {
    /// The first reason of the SSL library's own, nil where only other parts of OpenSSL have complained.
    ///
    /// What lies below it (a cipher, a parser) is told first, and means nothing without it.
    private(set) var reason: Int32?

    /// All reasons, oldest first.
    private(set) var text = ""

    /// Most errors whose text is kept; the rest is dropped.
    private static let maximumTexts = 4

    /// Empties the queue.
    static func take() -> OpenSSLErrors {
        var errors = OpenSSLErrors()
        var texts: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            if errors.reason == nil, ERR_GET_LIB(code) == ERR_LIB_SSL { errors.reason = ERR_GET_REASON(code) }
            guard texts.count < maximumTexts else { continue }
            // Safe: the reason is a constant of the library, or null.
            texts.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
        }
        errors.text = texts.joined(separator: "; ")
        return errors
    }
}

extension TLSError {
    /// The error behind a failed call on `ssl`; empties the error queue.
    static func taken(from ssl: OpaquePointer, duringHandshake: Bool) -> TLSError {
        let errors = OpenSSLErrors.take()
        guard let reason = errors.reason else { return TLSError(kind: .library, reason: errors.text) }
        if reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            let code = Int32(truncatingIfNeeded: SSL_get_verify_result(ssl))
            // Safe: the text is a constant of the library.
            let text = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? errors.text
            return TLSError(kind: .certificate(CertificateFault(code: code)), reason: text)
        }
        return TLSError(kind: Kind(reason: reason, duringHandshake: duringHandshake), reason: errors.text)
    }
}

extension TLSError.Kind {
    /// What a reason of OpenSSL's SSL library means for us.
    fileprivate init(reason: Int32, duringHandshake: Bool) {
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            self = .plainHTTP
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_UNKNOWN_PROTOCOL, SSL_R_BAD_RECORD_TYPE, SSL_R_UNEXPECTED_RECORD:
            self = duringHandshake ? .notTLS : .protocolViolation
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH,
            SSL_R_WRONG_SSL_VERSION, SSL_R_BAD_LEGACY_VERSION:
            self = .unsupportedVersion
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS,
            SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SUITABLE_GROUPS:
            self = .nothingInCommon
        case SSL_R_NO_APPLICATION_PROTOCOL:
            self = .noCommonApplicationProtocol
        case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_DECRYPTION_FAILED:
            self = .corruptRecord
        case SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_DATA_LENGTH_TOO_LONG, SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
            self = .oversizedRecord
        case SSL_AD_REASON_OFFSET...(SSL_AD_REASON_OFFSET + 255):
            self = .alert(TLSAlert(rawValue: UInt8(reason - SSL_AD_REASON_OFFSET)))
        default:
            self = .protocolViolation
        }
    }
}

extension TLSError.CertificateFault {
    /// What an X509_V_ERR code means for us.
    fileprivate init(code: Int32) {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .wrongName
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            self = .unknownAuthority
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        case X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_INVALID_CA, X509_V_ERR_KEYUSAGE_NO_CERTSIGN: self = .wrongPurpose
        case X509_V_ERR_CERT_SIGNATURE_FAILURE: self = .badSignature
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: self = .weak
        default: self = .other(code: code)
        }
    }
}
