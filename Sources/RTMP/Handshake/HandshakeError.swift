/// Why the first bytes of a connection are no RTMP handshake; the connection is of no use after it.
package enum HandshakeError: Error, Equatable {
    /// Neither 3, which is RTMP, nor anything else that is known by its first byte.
    case unsupportedVersion(UInt8)
    /// RTMPE, with version 6 or 8: RTMP in a cipher that protects nothing. It is not spoken here.
    case encryptedRTMP(version: UInt8)
    /// A TLS record: the peer wants RTMPS on a port that speaks RTMP.
    case tls
    /// An HTTP request or response, RTMPT among them.
    case http
}

extension HandshakeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupportedVersion(let version): "RTMP version \(version) is not supported, only version 3 is"
        case .encryptedRTMP(let version): "RTMPE (version \(version)) is not supported; use RTMPS"
        case .tls: "TLS arrived on a port that speaks plain RTMP"
        case .http: "HTTP arrived on a port that speaks RTMP"
        }
    }
}
