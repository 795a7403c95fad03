import Bytes
import HTTP
import HTTPModel
import Testing

/// A request that must be refused, and why.
struct BadRequest: CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]
    let error: HTTPParseError

    init(_ text: String, _ error: HTTPParseError) {
        bytes = Array(text.utf8)
        self.error = error
    }

    /// A request line that is in order, then these lines.
    init(fields: String, _ error: HTTPParseError) {
        self.init("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", error)
    }

    var testDescription: String { "\(error): \(String(decoding: bytes.prefix(80), as: UTF8.self).debugDescription)" }
}

@Suite("Requests that are refused") struct RequestRefusalTests {
    static let startLines: [BadRequest] = [
        BadRequest("GET\r\n", .malformedRequestLine),
        BadRequest("GET /\r\n", .malformedRequestLine),
        BadRequest("GET  HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("GET  / HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("GET /  HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("GET / HTTP/1.1 \r\n", .malformedRequestLine),
        BadRequest("GET /a b HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("GET\t/ HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("GET /\t HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("GET / http/1.1\r\n", .malformedRequestLine),
        BadRequest("GET / HTTP/1.1x\r\n", .malformedRequestLine),
        BadRequest("GET / HTTP/11\r\n", .malformedRequestLine),
        BadRequest("GET / HTTPS/1.1\r\n", .malformedRequestLine),
        BadRequest(" GET / HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("G@T / HTTP/1.1\r\n", .malformedRequestLine),
        BadRequest("G\u{7F}T / HTTP/1.1\r\n", .controlCharacter),
        BadRequest("GET / HTTP/2.0\r\n", .unsupportedVersion),
        BadRequest("GET / HTTP/0.9\r\n", .unsupportedVersion),
        BadRequest("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        BadRequest("ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\n", .methodTooLong),
        BadRequest("GET /\u{0} HTTP/1.1\r\n", .controlCharacter),
        BadRequest("GET / HTTP/1.1\n", .bareLineFeed),
        BadRequest("GET / HTTP/1.1\rX", .bareCarriageReturn),
        BadRequest("\nGET / HTTP/1.1\r\n", .bareLineFeed),
        BadRequest("\rGET / HTTP/1.1\r\n", .bareCarriageReturn),
        BadRequest("\u{16}\u{3}\u{1}\u{2}", .malformedRequestLine),
    ]

    static let fieldLines: [BadRequest] = [
        BadRequest(fields: "X: a\r\n b", .foldedField),
        BadRequest(fields: "X: a\r\n\tb", .foldedField),
        BadRequest("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
        BadRequest(fields: ": a", .emptyFieldName),
        BadRequest(fields: "X : a", .whitespaceBeforeColon),
        BadRequest(fields: "X\t: a", .whitespaceBeforeColon),
        BadRequest(fields: "X Y: a", .invalidFieldName),
        BadRequest(fields: "X(Y): a", .invalidFieldName),
        BadRequest(fields: "Xé: a", .invalidFieldName),
        BadRequest(fields: "\"X\": a", .invalidFieldName),
        BadRequest(fields: "X", .missingColon),
        BadRequest(fields: "X ", .missingColon),
        BadRequest(fields: "X: a\u{0}b", .controlCharacter),
        BadRequest(fields: "X: a\u{1B}b", .controlCharacter),
        BadRequest(fields: "X: a\u{7F}b", .controlCharacter),
        BadRequest(fields: "X: a\rb", .bareCarriageReturn),
        BadRequest(fields: "X: a\r\r\nY: b", .bareCarriageReturn),
        BadRequest(fields: "X: a\nY: b", .bareLineFeed),
        BadRequest("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
        BadRequest("GET / HTTP/1.1\r\n\r\n", .missingHost),
        BadRequest(fields: "Host: a", .repeatedHost),
        BadRequest("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost),
        BadRequest(fields: "Expect: 100-continue, x", .unsupportedExpectation),
        BadRequest(fields: "Expect: 200-ok", .unsupportedExpectation),
    ]

    @Test("a bad start line", arguments: startLines)
    func startLine(_ bad: BadRequest) { expect(bad) }

    @Test("a bad field line", arguments: fieldLines)
    func fieldLine(_ bad: BadRequest) { expect(bad) }

    @Test(
        "a bad Host",
        arguments: [
            "a b", "a/b", "user@a", "a:x", "a:123456", "a:65536", "[::1", "::1", "[::1]x", "[v1.x]", "[fe80::1%25eth0]",
            "%41", "a\\b", "é",
        ])
    func host(_ host: String) {
        expect(BadRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", .malformedHost))
    }

    @Test(
        "a bad target",
        arguments: [
            ("a", HTTPParseError.malformedTarget), ("ftp://a/", .malformedTarget), ("http:/a", .malformedTarget),
            ("http:///a", .malformedHost), ("http://a b/", .malformedRequestLine), ("http://u@a/", .malformedHost),
            ("/a#b", .malformedTarget), ("http://a#b", .malformedTarget), ("*", .malformedTarget),
            ("**", .malformedTarget),
            ("?a", .malformedTarget), ("/%", .malformedPercentEncoding), ("/%4", .malformedPercentEncoding),
            ("/%4g", .malformedPercentEncoding), ("/%g4", .malformedPercentEncoding),
            ("/a%00", .encodedControlCharacter),
            ("/%0d%0aX", .encodedControlCharacter), ("/%7f", .encodedControlCharacter), ("/a\\b", .backslashInPath),
            ("/a%5Cb", .backslashInPath), ("/..", .pathAboveRoot), ("/a/../..", .pathAboveRoot),
            ("/%2e%2E/etc", .pathAboveRoot), ("/a/%2e./%2e%2e/b", .pathAboveRoot),
            ("/a/../../etc/passwd", .pathAboveRoot),
            ("/%ff", .invalidUTF8), ("/%c0%af", .invalidUTF8), ("/%c0%ae%c0%ae/", .invalidUTF8),
            ("/%ed%a0%80", .invalidUTF8),
            ("/%c3/%a9", .invalidUTF8), ("/%f4%90%80%80", .invalidUTF8),
        ])
    func target(_ target: String, _ error: HTTPParseError) {
        expect(BadRequest("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", error))
    }

    @Test(
        "CONNECT takes an authority and nothing else does",
        arguments: [
            ("CONNECT", "/"), ("CONNECT", "a"), ("CONNECT", "http://a:1/"), ("CONNECT", ":1"), ("GET", "a:1"),
        ])
    func authorityForm(method: String, target: String) {
        let read = RequestReader.read("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(read.error == .malformedTarget || read.error == .malformedHost)
        #expect(read.error?.status == .badRequest)
    }

    private func expect(_ bad: BadRequest, sourceLocation: SourceLocation = #_sourceLocation) {
        let read = RequestReader.read([bad.bytes])
        #expect(read.error == bad.error, sourceLocation: sourceLocation)
        verifySplits(bad.bytes, sourceLocation: sourceLocation)
    }
}

@Suite("Limits of a request") struct RequestLimitTests {
    private let limits = HeadLimits(maximumHeadBytes: 200, maximumFieldCount: 3, maximumTargetBytes: 50)

    private func error(_ text: String) -> HTTPParseError? {
        verifySplits(Array(text.utf8), limits: limits)
        return RequestReader.read(text, limits: limits).error
    }

    @Test("a target is bounded, complete or not")
    func target() {
        let fits = String(repeating: "a", count: 49)
        #expect(error("GET /\(fits) HTTP/1.0\r\n\r\n") == nil)
        #expect(error("GET /\(fits)b HTTP/1.0\r\n\r\n") == .targetTooLong(maximum: 50))
        #expect(error("GET /" + String(repeating: "a", count: 100)) == .targetTooLong(maximum: 50))
        #expect(error(String(repeating: "A", count: 300)) == .targetTooLong(maximum: 50))
        #expect(HTTPParseError.targetTooLong(maximum: 50).status == .uriTooLong)
    }

    @Test("a head is bounded to the byte, complete or not")
    func head() {
        let start = "GET / HTTP/1.0\r\nX: "
        let fits = String(repeating: "x", count: 200 - start.utf8.count - 4)
        #expect(error(start + fits + "\r\n\r\n") == nil)
        #expect(error(start + fits + "y\r\n\r\n") == .headTooLarge(maximum: 200))
        #expect(error(start + fits + fits) == .headTooLarge(maximum: 200))
        #expect(HTTPParseError.headTooLarge(maximum: 200).status == .headerFieldsTooLarge)
    }

    @Test("fields are counted")
    func count() {
        #expect(error("GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n") == nil)
        #expect(error("GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n") == .tooManyFields(maximum: 3))
    }

    @Test("a fault inside the bound outweighs what lies beyond it")
    func order() {
        let long = String(repeating: "x", count: 300)
        #expect(error("GET / HTTP/1.0\r\nX: \u{0}\(long)") == .controlCharacter)
        #expect(error("GET / HTTP/3.0\r\nX: \(long)") == .unsupportedVersion)
    }

    @Test("a bound on the target beyond that of the head still answers 414")
    func targetBeyondHead() {
        let wide = HeadLimits(maximumHeadBytes: 100, maximumTargetBytes: 8192)
        let text = "GET /" + String(repeating: "a", count: 200)
        #expect(RequestReader.read(text, limits: wide).error == .targetTooLong(maximum: 8192))
        verifySplits(Array(text.utf8), limits: wide)
    }
}
