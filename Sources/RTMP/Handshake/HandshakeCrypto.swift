/// What the digest handshake needs from outside: this target imports no randomness and no digests.
package struct HandshakeCrypto: Sendable {
    /// So many random bytes. They need not be secret: the handshake protects nothing.
    package let randomBytes: @Sendable (Int) -> [UInt8]
    /// HMAC with SHA-256 (RFC 2104): 32 bytes.
    package let hmacSHA256: @Sendable (_ message: RawSpan, _ key: RawSpan) -> [UInt8]

    package init(
        randomBytes: @escaping @Sendable (Int) -> [UInt8],
        hmacSHA256: @escaping @Sendable (_ message: RawSpan, _ key: RawSpan) -> [UInt8]
    ) {
        self.randomBytes = randomBytes
        self.hmacSHA256 = hmacSHA256
    }
}

/// The keys of the digest handshake: known to everybody, so that they prove nothing but that a peer speaks it.
enum HandshakeKeys {
    /// Ends both keys; without it they sign what is sent first (C1, S1), with it what answers (C2, S2).
    private static let tail: [UInt8] = [
        0xF0, 0xEE, 0xC2, 0x4A, 0x80, 0x68, 0xBE, 0xE8, 0x2E, 0x00, 0xD0, 0xD1, 0x02, 0x9E, 0x7E, 0x57,
        0x6E, 0xEC, 0x5D, 0x2D, 0x29, 0x80, 0x6F, 0xAB, 0x93, 0xB8, 0xE6, 0x36, 0xCF, 0xEB, 0x31, 0xAE,
    ]

    static let clientFirst = Array("Genuine Adobe Flash Player 001".utf8)
    static let clientAnswer = clientFirst + tail
    static let serverFirst = Array("Genuine Adobe Flash Media Server 001".utf8)
    static let serverAnswer = serverFirst + tail
}
