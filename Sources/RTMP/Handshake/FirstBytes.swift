import Bytes

/// Judges what a connection begins with, and names what is no RTMP but known.
enum FirstBytes {
    /// Words that HTTP begins with, in either direction; RTSP shares some of them.
    private static let words: [StaticString] = [
        "GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "CONN", "TRAC", "PATC", "PRI ", "HTTP",
    ]

    /// True where it is RTMP's version byte; false where more bytes are needed to tell what else it is.
    static func areRTMP(_ bytes: RawSpan) throws(HandshakeError) -> Bool {
        guard bytes.byteCount > 0 else { return false }
        switch bytes[0] {
        case HandshakePacket.version: return true
        case 6, 8: throw .encryptedRTMP(version: bytes[0])
        case 0x15, 0x16:
            // A TLS alert or handshake, then the major version of TLS.
            guard bytes.byteCount > 1 else { return false }
            if bytes[1] == 3 { throw .tls }
        default:
            let seen = min(bytes.byteCount, 4)
            for word in words where word.rawSpan.extracting(0..<seen).elementsEqual(bytes.extracting(0..<seen)) {
                if seen == 4 { throw .http }
                return false
            }
        }
        throw .unsupportedVersion(bytes[0])
    }
}
