import Bytes

/// A request method (RFC 9110 §9). Names are case-sensitive.
///
/// A method without a case of its own is kept by name, inline, so that no request allocates for it.
package enum Method: Sendable, Hashable {
    case get, head, post, put, delete, patch, options, connect, trace
    case other(MethodName)

    /// The method that `bytes` name, or nil where they are no token or longer than `MethodName.maximumBytes`.
    package init?(_ bytes: RawSpan) {
        switch bytes.byteCount {
        case 3 where bytes.equals("GET"): self = .get
        case 3 where bytes.equals("PUT"): self = .put
        case 4 where bytes.equals("HEAD"): self = .head
        case 4 where bytes.equals("POST"): self = .post
        case 5 where bytes.equals("PATCH"): self = .patch
        case 5 where bytes.equals("TRACE"): self = .trace
        case 6 where bytes.equals("DELETE"): self = .delete
        case 7 where bytes.equals("OPTIONS"): self = .options
        case 7 where bytes.equals("CONNECT"): self = .connect
        default:
            guard let name = MethodName(bytes) else { return nil }
            self = .other(name)
        }
    }

    /// Whether the request asks for no change (RFC 9110 §9.2.1).
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .patch, .connect, .other: false
        }
    }

    /// Whether the request may be sent again when its first try died without an answer (RFC 9110 §9.2.2).
    package var isIdempotent: Bool {
        switch self {
        case .get, .head, .options, .trace, .put, .delete: true
        case .post, .patch, .connect, .other: false
        }
    }

    func append(to output: inout ByteWriter) {
        switch self {
        case .get: output.append("GET")
        case .head: output.append("HEAD")
        case .post: output.append("POST")
        case .put: output.append("PUT")
        case .delete: output.append("DELETE")
        case .patch: output.append("PATCH")
        case .options: output.append("OPTIONS")
        case .connect: output.append("CONNECT")
        case .trace: output.append("TRACE")
        case .other(let name): name.append(to: &output)
        }
    }
}

extension Method: CustomStringConvertible {
    package var description: String {
        var text = ByteWriter(capacity: MethodName.maximumBytes)
        append(to: &text)
        return String(copying: text.bytes)
    }
}

/// The name of a method this program has no case for: a token of 1 to 16 bytes, kept inline.
package struct MethodName: Sendable, Hashable {
    /// Longer names are answered with 501, as RFC 9112 §3 asks.
    package static let maximumBytes = 16

    /// Little-endian: the first byte of the name is the lowest; zero bytes fill the rest.
    private let first: UInt64
    private let second: UInt64

    package init?(_ bytes: RawSpan) {
        guard bytes.byteCount <= Self.maximumBytes, CharacterSet.token.matches(bytes) else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for position in 0..<bytes.byteCount {
            let byte = UInt64(bytes[position]) << UInt64(8 * (position & 7))
            if position < 8 { words.0 |= byte } else { words.1 |= byte }
        }
        (first, second) = words
    }

    func append(to output: inout ByteWriter) {
        for var word in [first, second] {
            while word != 0 {
                output.u8(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
    }
}
