import Bytes
import HTTP
import HTTPModel
import Testing

/// Requests that two programs on one path might end at different bytes (RFC 9112 §11.2); every one must be refused.
@Suite("Request smuggling") struct SmugglingTests {
    static let framing: [BadRequest] = [
        BadRequest(fields: "Content-Length: 1\r\nContent-Length: 2", .repeatedContentLength),
        BadRequest(fields: "Content-Length: 1\r\nContent-Length: 1", .repeatedContentLength),
        BadRequest(fields: "Content-Length: 1\r\ncontent-length: 1", .repeatedContentLength),
        BadRequest(fields: "Content-Length: 1, 1", .invalidContentLength),
        BadRequest(fields: "Content-Length: 1 1", .invalidContentLength),
        BadRequest(fields: "Content-Length: +1", .invalidContentLength),
        BadRequest(fields: "Content-Length: -1", .invalidContentLength),
        BadRequest(fields: "Content-Length: 0x1", .invalidContentLength),
        BadRequest(fields: "Content-Length: 1.0", .invalidContentLength),
        BadRequest(fields: "Content-Length: 1_0", .invalidContentLength),
        BadRequest(fields: "Content-Length:", .invalidContentLength),
        BadRequest(fields: "Content-Length: ١", .invalidContentLength),
        BadRequest(fields: "Content-Length: 9223372036854775808", .invalidContentLength),
        BadRequest(fields: "Content-Length: 18446744073709551617", .invalidContentLength),
        BadRequest(fields: "Content-Length : 1", .whitespaceBeforeColon),
        BadRequest(fields: "Content-Length\u{B}: 1", .controlCharacter),
        BadRequest(fields: "Content-Length: 1\r\nTransfer-Encoding: chunked", .lengthAndTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunked\r\nContent-Length: 0", .lengthAndTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .repeatedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunked, chunked", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunked, identity", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: identity, chunked", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: gzip, chunked", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: identity", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: ,chunked", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: xchunked", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunkedx", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: \"chunked\"", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: chunked;x=1", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding: \u{B}chunked", .controlCharacter),
        BadRequest(fields: "Transfer-Encoding:", .unsupportedTransferEncoding),
        BadRequest(fields: "Transfer-Encoding : chunked", .whitespaceBeforeColon),
        BadRequest(fields: " Transfer-Encoding: chunked", .foldedField),
        BadRequest(fields: "X: a\r\n Transfer-Encoding: chunked", .foldedField),
        BadRequest(fields: "Transfer-Encoding:\r\n chunked", .unsupportedTransferEncoding),
        BadRequest(fields: "X: a\nTransfer-Encoding: chunked", .bareLineFeed),
        BadRequest(fields: "X: a\rTransfer-Encoding: chunked", .bareCarriageReturn),
        BadRequest(fields: "X: a\u{0}\r\nContent-Length: 1", .controlCharacter),
        BadRequest("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInHTTP10),
        BadRequest("GET /x HTTP/1.1\r\nHost: a\r\n\r\n GET /y HTTP/1.1\r\n", .malformedRequestLine),
    ]

    static let bodies: [BadRequest] = [
        BadRequest(chunks: "\r\n", .invalidChunkSize),
        BadRequest(chunks: ";x\r\n", .invalidChunkSize),
        BadRequest(chunks: "g\r\n", .invalidChunkSize),
        BadRequest(chunks: "-1\r\n", .invalidChunkSize),
        BadRequest(chunks: "+1\r\n", .invalidChunkSize),
        BadRequest(chunks: "0x1\r\n", .invalidChunkSize),
        BadRequest(chunks: " 1\r\n", .invalidChunkSize),
        BadRequest(chunks: "1 \r\n", .invalidChunkSize),
        BadRequest(chunks: "1\t;x\r\n", .invalidChunkSize),
        BadRequest(chunks: "1_0\r\n", .invalidChunkSize),
        BadRequest(chunks: "8000000000000000\r\n", .invalidChunkSize),
        BadRequest(chunks: "10000000000000001\r\n", .invalidChunkSize),
        BadRequest(chunks: "00000000000000001\r\n", .invalidChunkSize),
        BadRequest(chunks: "1\n", .invalidChunkSize),
        BadRequest(chunks: "1\rX", .bareCarriageReturn),
        BadRequest(chunks: "1;a\nb\r\n", .bareLineFeed),
        BadRequest(chunks: "1;a\rb\r\n", .bareCarriageReturn),
        BadRequest(chunks: "1;a\u{0}\r\n", .controlCharacter),
        BadRequest(chunks: "1\r\nab\r\n", .missingChunkEnd),
        BadRequest(chunks: "1\r\na\n0\r\n", .missingChunkEnd),
        BadRequest(chunks: "1\r\na\rb", .missingChunkEnd),
        BadRequest(chunks: "2\r\na\r\n0\r\n\r\n", .missingChunkEnd),
        BadRequest(chunks: "0\r\n\n", .bareLineFeed),
        BadRequest(chunks: "0\r\nX: a\n\r\n", .bareLineFeed),
        BadRequest(chunks: "0\r\nX\r\n", .missingColon),
        BadRequest(chunks: "0\r\nX : a\r\n", .whitespaceBeforeColon),
        BadRequest(chunks: "0\r\n: a\r\n", .emptyFieldName),
        BadRequest(chunks: "0\r\n X: a\r\n", .foldedField),
        BadRequest(chunks: "0\r\nX: a\r\n b\r\n", .foldedField),
        BadRequest(chunks: "0\r\nX(: a\r\n", .invalidFieldName),
        BadRequest(chunks: "0\r\nX: \u{1}\r\n", .controlCharacter),
        BadRequest(chunks: "0\r\nX: a\rb\r\n", .bareCarriageReturn),
        BadRequest(chunks: "0\r\n\rX", .bareCarriageReturn),
    ]

    @Test("ambiguous lengths and codings", arguments: framing)
    func ambiguousFraming(_ bad: BadRequest) { expect(bad) }

    @Test("ambiguous chunks", arguments: bodies)
    func ambiguousBody(_ bad: BadRequest) { expect(bad) }

    private func expect(_ bad: BadRequest, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(RequestReader.read([bad.bytes]).error == bad.error, sourceLocation: sourceLocation)
        verifySplits(bad.bytes, sourceLocation: sourceLocation)
    }
}

extension BadRequest {
    /// A head that announces chunks, then these.
    init(chunks: String, _ error: HTTPParseError) {
        self.init("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", error)
    }
}
