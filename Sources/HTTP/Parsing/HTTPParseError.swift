/// Why bytes from a peer are not an acceptable HTTP/1.1 message; the connection cannot be used after it.
package enum HTTPParseError: Error, Equatable {
    // MARK: Lines and characters
    /// A line feed that no carriage return precedes. RFC 9112 §2.2 lets a recipient accept it; this one does not,
    /// because two programs on a path that disagree on where a line ends are what request smuggling is made of.
    case bareLineFeed
    case bareCarriageReturn
    /// NUL or another control character in a start line, a field or a chunk header.
    case controlCharacter

    // MARK: Start line
    case malformedRequestLine
    case malformedStatusLine
    case methodTooLong
    case unsupportedVersion
    case targetTooLong(maximum: Int)

    // MARK: Target and Host
    case malformedTarget
    case malformedPercentEncoding
    /// A NUL or another control character, percent-encoded.
    case encodedControlCharacter
    case backslashInPath
    case invalidUTF8
    /// `..` above the root.
    case pathAboveRoot
    case missingHost
    case repeatedHost
    case malformedHost
    case tooManyQueryItems(maximum: Int)

    // MARK: Fields
    case headTooLarge(maximum: Int)
    case tooManyFields(maximum: Int)
    /// A field line continued on the next one (`obs-fold`, RFC 9112 §5.2).
    case foldedField
    case emptyFieldName
    case whitespaceBeforeColon
    case invalidFieldName
    case missingColon

    // MARK: Framing
    case invalidContentLength
    case repeatedContentLength
    case lengthAndTransferEncoding
    case transferEncodingInHTTP10
    case repeatedTransferEncoding
    /// A transfer coding other than exactly `chunked`.
    case unsupportedTransferEncoding
    case unsupportedExpectation

    // MARK: Body
    case invalidChunkSize
    case chunkExtensionsTooLarge(maximum: Int)
    case missingChunkEnd
    case trailersTooLarge(maximum: Int)
    case bodyTooLarge(maximum: Int)
    /// The peer closed before the message was complete.
    case truncated
}
