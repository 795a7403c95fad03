package import Bytes

/// Frames a body in chunks (RFC 9112 §7.1). The payload itself is never copied where it is sent as a gather of three:
/// `header`, payload, `lineEnd`.
package enum ChunkedEncoder {
    /// The most bytes a chunk's header takes.
    package static let maximumHeaderBytes = 18

    /// What follows the payload of each chunk.
    package static let lineEnd = SharedBytes([13, 10])

    /// The last chunk and an empty trailer section.
    package static let end = SharedBytes("0\r\n\r\n")

    /// The line before `count` bytes of payload. `count` must not be 0: an empty chunk would end the body.
    package static func appendHeader(_ count: Int, to output: inout ByteWriter) {
        precondition(count > 0, "an empty chunk ends the body")
        output.append(hex: UInt64(count))
        output.append("\r\n")
    }

    /// A whole chunk, for payloads so small that copying is cheaper than gathering; nothing where `payload` is empty.
    package static func append(_ payload: RawSpan, to output: inout ByteWriter) {
        guard !payload.isEmpty else { return }
        output.reserve(payload.byteCount + maximumHeaderBytes + 2)
        appendHeader(payload.byteCount, to: &output)
        output.append(payload)
        output.append("\r\n")
    }

    /// The last chunk with trailer fields. Fields that frame or route a message must not be among them (RFC 9110
    /// §6.5.1) and are left out.
    package static func appendEnd(trailers: borrowing Fields, to output: inout ByteWriter) {
        output.append("0\r\n")
        trailers.append(to: &output) { name in
            switch name {
            case .contentLength, .transferEncoding, .host, .connection, .trailer, .contentEncoding, .contentType,
                .contentRange, .authorization, .setCookie, .cookie, .expect, .te, .upgrade, .keepAlive:
                false
            default:
                true
            }
        }
        output.append("\r\n")
    }
}
