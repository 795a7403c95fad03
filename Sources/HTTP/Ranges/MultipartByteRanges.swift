package import Bytes

/// The parts around the bytes of a `multipart/byteranges` body (RFC 9110 §14.6): for each range `appendHeader`, then
/// its bytes, and `appendEnd` after the last.
package struct MultipartByteRanges: Sendable {
    /// Must not occur in the content; the caller makes it of something random. 1 to 70 characters of a token.
    package let boundary: String
    /// Of the whole representation.
    package let contentType: String
    package let length: Int

    /// Nil where `boundary` is no token or too long, or `contentType` could not stand in a field.
    package init?(boundary: String, contentType: String, length: Int) {
        guard boundary.utf8.count <= 70, boundary.withRawSpan({ CharacterSet.token.matches($0) }),
            contentType.withRawSpan({ Fields.isValid($0) })
        else { return nil }
        self.boundary = boundary
        self.contentType = contentType
        self.length = length
    }

    /// The `Content-Type` of the response.
    package var responseContentType: String { "multipart/byteranges; boundary=" + boundary }

    package func appendHeader(_ range: Range<Int>, to output: inout ByteWriter) {
        output.append("\r\n--")
        output.append(text: boundary)
        output.append("\r\nContent-Type: ")
        output.append(text: contentType)
        output.append("\r\nContent-Range: ")
        ByteRanges.appendContentRange(range, of: length, to: &output)
        output.append("\r\n\r\n")
    }

    package func appendEnd(to output: inout ByteWriter) {
        output.append("\r\n--")
        output.append(text: boundary)
        output.append("--\r\n")
    }
}
