import Bytes

/// Whom a request goes to: scheme, host and port (RFC 9110 §4.3.1).
package struct HTTPOrigin: Sendable, Hashable {
    package enum Scheme: UInt8, Sendable, Hashable {
        case http
        case https

        package var defaultPort: UInt16 {
            switch self {
            case .http: 80
            case .https: 443
            }
        }

        package var text: StaticString {
            switch self {
            case .http: "http"
            case .https: "https"
            }
        }
    }

    package let scheme: Scheme
    /// A name or an address in lower case, an IPv6 address without its brackets; never empty.
    package let host: String
    package let port: UInt16

    private let isIPv6: Bool

    /// `authority` is `host`, `host:port` or `[address]:port`.
    package init(_ scheme: Scheme, authority: RawSpan) throws(HTTPParseError) {
        let parsed = try Authority(parsing: authority)
        guard !parsed.host.isEmpty else { throw .malformedHost }
        self.scheme = scheme
        host = parsed.host
        port = parsed.port ?? scheme.defaultPort
        isIPv6 = parsed.kind == .ipv6
    }

    /// What `Host` says of it: the port only where it is not the scheme's own.
    package var authority: String {
        let name = isIPv6 ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }
}

/// An absolute `http` or `https` URL, checked; its fragment, which no server is told, is dropped.
package struct HTTPURL: Sendable, Hashable {
    package let origin: HTTPOrigin

    /// Path and query as they go into the request line, encoded: visible ASCII that begins with a slash.
    package let target: String

    package init(_ text: String) throws(HTTPParseError) {
        self = try text.withRawSpan { text throws(HTTPParseError) in try HTTPURL(parsing: text) }
    }

    package init(parsing text: RawSpan) throws(HTTPParseError) {
        guard let scheme = Self.scheme(of: text) else { throw .malformedTarget }
        try self.init(scheme, afterSlashes: text.extracting((scheme.text.utf8CodeUnitCount + 3)..<text.byteCount))
    }

    /// `target` is a path with its query, or nothing for the root.
    package init(origin: HTTPOrigin, target: RawSpan) throws(HTTPParseError) {
        self.origin = origin
        self.target = try Self.checked(target)
    }

    init(_ scheme: HTTPOrigin.Scheme, afterSlashes rest: RawSpan) throws(HTTPParseError) {
        let end = Self.endOfAuthority(rest)
        let origin = try HTTPOrigin(scheme, authority: rest.extracting(0..<end))
        try self.init(origin: origin, target: rest.extracting(end..<rest.byteCount))
    }
}

extension HTTPURL: CustomStringConvertible {
    package var description: String { "\(origin.scheme.text)://\(origin.authority)\(target)" }
}

// MARK: - Parts

extension HTTPURL {
    static func scheme(of text: RawSpan) -> HTTPOrigin.Scheme? {
        if text.byteCount >= 7, text.extracting(0..<7).equalsIgnoringCase("http://") { return .http }
        if text.byteCount >= 8, text.extracting(0..<8).equalsIgnoringCase("https://") { return .https }
        return nil
    }

    private static func endOfAuthority(_ text: RawSpan) -> Int {
        for position in 0..<text.byteCount {
            switch text[position] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return position
            default: continue
            }
        }
        return text.byteCount
    }

    private static func checked(_ text: RawSpan) throws(HTTPParseError) -> String {
        let text = text.extracting(0..<(text.firstIndex(of: UInt8(ascii: "#")) ?? text.byteCount))
        for position in 0..<text.byteCount {
            guard (0x21...0x7E).contains(text[position]) else { throw .malformedTarget }
        }
        guard !text.isEmpty else { return "/" }
        switch text[0] {
        case UInt8(ascii: "/"): return String(copying: text)
        case UInt8(ascii: "?"): return "/" + String(copying: text)
        default: throw .malformedTarget
        }
    }
}
