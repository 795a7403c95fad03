/// A protocol version that is still allowed; the raw value is the one on the wire.
package enum TLSVersion: UInt16, Sendable, Comparable, CaseIterable, CustomStringConvertible {
    case tls12 = 0x0303
    case tls13 = 0x0304

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }

    package var description: String {
        switch self {
        case .tls12: "TLS 1.2"
        case .tls13: "TLS 1.3"
        }
    }
}

/// What both ends agreed on.
package struct TLSNegotiated: Sendable, Equatable {
    package let version: TLSVersion

    /// OpenSSL's name of the cipher suite, `TLS_AES_256_GCM_SHA384`.
    package let cipher: String

    /// The protocol chosen by ALPN (RFC 7301), nil where none was.
    package let applicationProtocol: String?

    /// The name the client asked for (RFC 6066 §3), nil where it sent none. On a server this is the peer's text.
    package let serverName: String?

    /// Whether an earlier session was resumed instead of a full handshake.
    package let resumed: Bool
}
