extension HTTPParseError {
    /// The status a server answers with.
    package var status: Status {
        switch self {
        case .targetTooLong: .uriTooLong
        case .headTooLarge, .tooManyFields, .trailersTooLarge: .headerFieldsTooLarge
        case .methodTooLong, .unsupportedTransferEncoding: .notImplemented
        case .unsupportedVersion: .versionNotSupported
        case .unsupportedExpectation: .expectationFailed
        case .bodyTooLarge: .contentTooLarge
        case .bareLineFeed, .bareCarriageReturn, .controlCharacter, .malformedRequestLine, .malformedStatusLine,
            .malformedTarget, .malformedPercentEncoding, .encodedControlCharacter, .backslashInPath, .invalidUTF8,
            .pathAboveRoot, .missingHost, .repeatedHost, .malformedHost, .tooManyQueryItems, .foldedField,
            .emptyFieldName, .whitespaceBeforeColon, .invalidFieldName, .missingColon, .invalidContentLength,
            .repeatedContentLength, .lengthAndTransferEncoding, .transferEncodingInHTTP10, .repeatedTransferEncoding,
            .invalidChunkSize, .chunkExtensionsTooLarge, .missingChunkEnd, .truncated:
            .badRequest
        }
    }

    /// What is wrong, in words for the answer and the log; never contains what the peer sent.
    package var message: StaticString {
        switch self {
        case .bareLineFeed: "line feed without carriage return"
        case .bareCarriageReturn: "carriage return without line feed"
        case .controlCharacter: "control character in the head"
        case .malformedRequestLine: "malformed request line"
        case .malformedStatusLine: "malformed status line"
        case .methodTooLong: "method name too long"
        case .unsupportedVersion: "HTTP version not supported"
        case .targetTooLong: "request target too long"
        case .malformedTarget: "malformed request target"
        case .malformedPercentEncoding:
            "percent sign without two hexadecimal digits; a percent sign that is meant is %25"
        case .encodedControlCharacter: "encoded control character in the request target"
        case .backslashInPath: "backslash in the path"
        case .invalidUTF8:
            "request target is not UTF-8 when its escapes are undone; a percent sign that is meant is %25"
        case .pathAboveRoot: "path leads above the root"
        case .missingHost: "Host is missing"
        case .repeatedHost: "Host is repeated"
        case .malformedHost: "malformed Host"
        case .tooManyQueryItems: "too many query parameters"
        case .headTooLarge: "header fields too large"
        case .tooManyFields: "too many header fields"
        case .foldedField: "folded header field"
        case .emptyFieldName: "empty header field name"
        case .whitespaceBeforeColon: "whitespace before the colon of a header field"
        case .invalidFieldName: "invalid character in a header field name"
        case .missingColon: "header field without colon"
        case .invalidContentLength: "invalid Content-Length"
        case .repeatedContentLength: "Content-Length is repeated"
        case .lengthAndTransferEncoding: "both Content-Length and Transfer-Encoding"
        case .transferEncodingInHTTP10: "Transfer-Encoding in HTTP/1.0"
        case .repeatedTransferEncoding: "Transfer-Encoding is repeated"
        case .unsupportedTransferEncoding: "transfer coding not supported"
        case .unsupportedExpectation: "expectation not supported"
        case .invalidChunkSize: "invalid chunk size"
        case .chunkExtensionsTooLarge: "chunk extensions too large"
        case .missingChunkEnd: "chunk longer than its size"
        case .trailersTooLarge: "trailer fields too large"
        case .bodyTooLarge: "body too large"
        case .truncated: "message ended early"
        }
    }
}
