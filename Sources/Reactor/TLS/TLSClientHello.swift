import Bytes

/// Recognises TLS by its first bytes.
package enum TLSClientHello {
    /// Bytes after which the answer is always known.
    package static let decisiveBytes = 11

    /// Whether a connection that begins with `bytes` speaks TLS: true, false, or nil where more bytes are needed to
    /// tell.
    ///
    /// It looks at the record header and the start of the ClientHello (RFC 8446 §4.1.2 and §5.1), to name in a log what
    /// came to a plain port. It is not a validation.
    package static func begins(_ bytes: RawSpan) -> Bool? {
        // Content type 22, version 3.x; length of the record; handshake type 1 and its length of 24 bits; version 3.x.
        let expected: [ClosedRange<UInt8>] = [
            22...22, 3...3, 0...4, 0...0x40, 0...255,
            1...1, 0...1, 0...255, 0...255,
            3...3, 1...4,
        ]
        for position in 0..<min(bytes.byteCount, decisiveBytes) {
            guard expected[position].contains(bytes[position]) else { return false }
        }
        return bytes.byteCount >= decisiveBytes ? true : nil
    }
}
