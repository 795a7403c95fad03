/// What TLS clients are made from.
package struct TLSClientConfiguration: Sendable {
    /// How much a server must prove.
    package enum Verification: Sendable, Equatable {
        /// A chain to a trusted authority, and the name or address that was asked for.
        case full
        /// Nothing: anybody in between can read and change everything.
        case none
    }

    /// Which authorities are trusted.
    package enum Authorities: Sendable, Equatable {
        /// The system's store, as it is when the context is made; `SSL_CERT_FILE` and `SSL_CERT_DIR` replace it.
        case system
        /// These and no others.
        case custom(PEMSource)
    }

    package var verification = Verification.full
    package var authorities = Authorities.system
    /// Versions that are spoken; the highest that both ends know is taken.
    package var versions = TLSVersion.tls12...TLSVersion.tls13

    /// Offered by ALPN, the most wanted first. Empty: ALPN is not offered.
    package var applicationProtocols: [String] = []

    /// For TLS 1.2.
    package var ciphers = TLSCiphers.modern

    /// Servers whose last session is remembered; the least recently used is forgotten first. Zero: no resumption.
    package var maximumSessions = 256

    /// Records sent under one key before TLS 1.3 changes it; AES-GCM is sound for 2²⁴·⁵ (RFC 8446 §5.5).
    package var maximumRecordsPerKey: UInt32 = 1 << 24

    package init() {}
}
