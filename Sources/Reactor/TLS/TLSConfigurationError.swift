/// All that is wrong with a TLS configuration, at once.
package struct TLSConfigurationError: Error, Equatable, CustomStringConvertible {
    package let problems: [TLSConfigurationProblem]

    package var description: String { problems.map(\.description).joined(separator: "; ") }
}

/// One mistake: `source` is a path, or the name of the bytes.
package enum TLSConfigurationProblem: Error, Equatable, CustomStringConvertible {
    case noIdentity
    case unreadable(source: String, SystemError)
    /// A directory, a pipe, a device.
    case notFile(source: String)
    case oversized(source: String, maximum: Int)
    case noCertificate(source: String)
    case malformedCertificate(source: String, reason: String)
    case noPrivateKey(source: String)
    case encryptedPrivateKey(source: String)
    case malformedPrivateKey(source: String, reason: String)
    case keyMismatch(certificate: String, key: String)
    /// OpenSSL's security level forbids it: a short key, a weak digest.
    case refusedCertificate(source: String, reason: String)
    /// A name for ALPN has 1 to 255 bytes.
    case invalidApplicationProtocol(String)
    case invalidCiphers(String)
    /// A secret that ticket keys are made from has at least `TLSTicketKeys.minimumSecretBytes`.
    case shortTicketSecret(bytes: Int)
    /// OpenSSL failed for a reason of its own: no memory, a broken installation.
    case library(reason: String)

    package var description: String {
        switch self {
        case .noIdentity:
            "a TLS server needs at least one certificate with its key"
        case .unreadable(let source, let error):
            "\(source): cannot be read: \(error.reason)"
        case .notFile(let source):
            "\(source): is not a regular file"
        case .oversized(let source, let maximum):
            "\(source): larger than \(maximum) bytes"
        case .noCertificate(let source):
            "\(source): no certificate in PEM form"
        case .malformedCertificate(let source, let reason):
            "\(source): a certificate is malformed: \(reason)"
        case .noPrivateKey(let source):
            "\(source): no private key in PEM form"
        case .encryptedPrivateKey(let source):
            "\(source): the private key is encrypted; a key without a passphrase is needed"
        case .malformedPrivateKey(let source, let reason):
            "\(source): the private key is malformed: \(reason)"
        case .keyMismatch(let certificate, let key):
            "\(key): the key does not match the certificate in \(certificate)"
        case .refusedCertificate(let source, let reason):
            "\(source): the certificate is refused: \(reason)"
        case .invalidApplicationProtocol(let name):
            "\"\(name)\" is not an ALPN name of 1 to 255 bytes"
        case .invalidCiphers(let list):
            "\"\(list)\" names no cipher that OpenSSL knows"
        case .shortTicketSecret(let bytes):
            "a secret for session tickets has \(TLSTicketKeys.minimumSecretBytes) bytes or more, not \(bytes)"
        case .library(let reason):
            "OpenSSL failed: \(reason)"
        }
    }
}
