import Bytes

/// A host and an optional port (`uri-host [ ":" port ]`, RFC 9110 §7.2), checked.
package struct Authority: Sendable, Hashable {
    /// A name or an address in lower case, an IPv6 address without its brackets; may be empty.
    package let host: String

    /// Nil where the sender named none.
    package let port: UInt16?

    package let kind: Kind

    package enum Kind: UInt8, Sendable, Hashable {
        case name
        case ipv4
        case ipv6
    }

    package init(parsing bytes: RawSpan) throws(HTTPParseError) {
        let layout = try Layout(bytes)
        let text = bytes.extracting(layout.host)
        var lowered = ByteWriter(capacity: max(text.byteCount, 1))
        for position in 0..<text.byteCount { lowered.u8(text[position].lowercased) }
        host = String(copying: lowered.bytes)
        port = layout.port
        kind = layout.kind
    }
}

extension Authority {
    /// Where the parts of an authority lie in its bytes.
    struct Layout {
        let host: Range<Int>
        let port: UInt16?
        let kind: Kind

        /// User information, percent-encoding and zone identifiers are refused: nothing that reaches a server needs
        /// them.
        init(_ bytes: RawSpan) throws(HTTPParseError) {
            let end: Int
            if bytes.byteCount > 0, bytes[0] == UInt8(ascii: "[") {
                guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { throw .malformedHost }
                guard IPAddressText.isIPv6(bytes.extracting(1..<bracket)) else { throw .malformedHost }
                host = 1..<bracket
                kind = .ipv6
                end = bracket + 1
            } else {
                var at = 0
                while at < bytes.byteCount, CharacterSet.registeredName.contains(bytes[at]) { at += 1 }
                host = 0..<at
                kind = IPAddressText.isIPv4(bytes.extracting(0..<at)) ? .ipv4 : .name
                end = at
            }
            port = try Self.port(bytes.extracting(end..<bytes.byteCount))
        }

        /// Nothing, or a colon and up to five digits; RFC 3986 §3.2.3 lets the digits be missing.
        private static func port(_ bytes: RawSpan) throws(HTTPParseError) -> UInt16? {
            guard !bytes.isEmpty else { return nil }
            guard bytes[0] == UInt8(ascii: ":") else { throw .malformedHost }
            let digits = bytes.extracting(1..<bytes.byteCount)
            guard !digits.isEmpty else { return nil }
            guard digits.byteCount <= 5, let number = digits.decimal, let port = UInt16(exactly: number) else {
                throw .malformedHost
            }
            return port
        }
    }
}
