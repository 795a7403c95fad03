/// What a TLS server is made from.
package struct TLSServerConfiguration: Sendable {
    /// The default first: it answers clients that send no name, or a name that no certificate is for.
    package var identities: [TLSIdentity]

    /// Versions that are spoken; the highest that both ends know is taken.
    package var versions = TLSVersion.tls12...TLSVersion.tls13

    /// By ALPN, the most wanted first. Empty: ALPN is not answered. A client that offers only others is refused
    /// (RFC 7301 §3.2); one that offers none is served.
    package var applicationProtocols: [String] = []

    /// For TLS 1.2; the server's order decides.
    package var ciphers = TLSCiphers.modern

    /// Keys of session tickets, kept across reloads; nil: sessions can't be resumed.
    package var ticketKeys: TLSTicketKeys?

    /// Records sent under one key before TLS 1.3 changes it; AES-GCM is sound for 2²⁴·⁵ (RFC 8446 §5.5).
    package var maximumRecordsPerKey: UInt32 = 1 << 24

    package init(identities: [TLSIdentity], ticketKeys: TLSTicketKeys? = TLSTicketKeys()) {
        self.identities = identities
        self.ticketKeys = ticketKeys
    }
}
