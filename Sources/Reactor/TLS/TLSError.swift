/// Why a TLS connection failed: what happened, and OpenSSL's words for it.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// The peer spoke plain HTTP.
        case plainHTTP
        /// The peer spoke something that is no TLS.
        case notTLS
        case unsupportedVersion
        /// No cipher suite, group or signature algorithm in common.
        case nothingInCommon
        /// No protocol in common by ALPN.
        case noCommonApplicationProtocol
        /// The peer's certificate was refused here.
        case certificate(CertificateFault)
        /// The peer gave up, and said so.
        case alert(TLSAlert)
        /// A record failed its integrity check.
        case corruptRecord
        case oversizedRecord
        /// The peer broke another rule of the protocol.
        case protocolViolation
        /// The name to connect to is no name: empty, overlong, or with a zero byte in it.
        case invalidServerName
        /// Data was written before the handshake was done.
        case notEstablished
        /// Data was written after `close`.
        case closed
        /// OpenSSL failed for a reason of its own: no memory, a broken installation.
        case library
    }

    /// The rule by which a certificate was refused.
    package enum CertificateFault: Equatable, Sendable {
        case expired
        case notYetValid
        /// Not for the name or address that was asked for.
        case wrongName
        case selfSigned
        case unknownAuthority
        case revoked
        /// Not for this use: a client certificate on a server, an authority's mark missing.
        case wrongPurpose
        case badSignature
        /// The key is too short or the digest too weak for the security level.
        case weak
        /// Another of OpenSSL's X509_V_ERR codes.
        case other(code: Int32)
    }

    package let kind: Kind

    /// OpenSSL's text; empty where the error is our own.
    package let reason: String

    package var description: String { reason.isEmpty ? "\(kind)" : "\(kind): \(reason)" }
}

/// A fatal alert by its number (RFC 8446 §6).
package struct TLSAlert: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let handshakeFailure = TLSAlert(rawValue: 40)
    package static let badCertificate = TLSAlert(rawValue: 42)
    package static let certificateExpired = TLSAlert(rawValue: 45)
    package static let certificateUnknown = TLSAlert(rawValue: 46)
    package static let unknownAuthority = TLSAlert(rawValue: 48)
    package static let protocolVersion = TLSAlert(rawValue: 70)
    package static let noApplicationProtocol = TLSAlert(rawValue: 120)
}
