import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("RequestParser") struct RequestParserTests {
    static let typical =
        "GET /live/a%20b.flv?token=x%2Fy HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent:  VLC/3.0\t\r\nX-Empty:\r\n\r\n"

    @Test("a request is taken apart into method, target, version and fields")
    func golden() throws {
        let read = RequestReader.read(Self.typical)
        #expect(read.error == nil)
        #expect(read.left == 0)
        let request = try #require(read.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/live/a%20b.flv?token=x%2Fy")
        #expect(request.segments == ["live", "a b.flv"])
        #expect(request.version == .http11)
        #expect(request.fields == [["Host", "example.com:8080"], ["User-Agent", "VLC/3.0"], ["X-Empty", ""]])
        #expect(request.framing == .none)
        #expect(request.keepAlive)
        #expect(request.isComplete)
    }

    @Test("a later minor version is read as 1.1", arguments: ["1.2", "1.9"])
    func laterVersion(number: String) throws {
        let text = "POST / HTTP/\(number)\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        let request = try #require(RequestReader.read(text).requests.first)
        #expect(request.version == .http11 && request.keepAlive && request.isComplete)
        #expect(RequestReader.read("GET / HTTP/\(number)\r\n\r\n").error == .missingHost)
    }

    @Test("what follows a request is left for the next one")
    func pipelined() {
        let read = RequestReader.read(
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET")
        #expect(read.requests.map(\.target) == ["/1", "/2"])
        #expect(read.requests.map(\.body) == [[], Array("abc".utf8)])
        #expect(read.left == 3)
    }

    @Test("a head that is filled again keeps nothing of the request before")
    func reuse() throws {
        var parser = RequestParser()
        var head = RequestHead()
        let first =
            "POST http://h/a/b?c=d HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
        let second = "GET / HTTP/1.0\r\n\r\n"
        _ = try parser.parse(first.bytes.rawSpan, into: &head)
        _ = try parser.parse(second.bytes.rawSpan, into: &head)
        var fresh = RequestHead()
        var other = RequestParser()
        _ = try other.parse(second.bytes.rawSpan, into: &fresh)
        #expect(ReadRequest(head) == ReadRequest(fresh))
        #expect(text(head.target.rawQuery) == nil)
        #expect(!head.target.hasAuthority)
        #expect(text(head.authority) == nil)
    }

    @Test(
        "the framing follows from the fields",
        arguments: [
            ("", BodyFraming.none),
            ("Content-Length: 0\r\n", .length(0)),
            ("Content-Length: 9223372036854775807\r\n", .length(.max)),
            ("content-LENGTH:12\r\n", .length(12)),
            ("Content-Length: 007\r\n", .length(7)),
            ("Transfer-Encoding: chunked\r\n", .chunked),
            ("transfer-encoding:   CHUNKED  \r\n", .chunked),
        ])
    func framing(fields: String, expected: BodyFraming) throws {
        let read = RequestReader.read("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        #expect(read.error == nil)
        #expect(try #require(read.requests.first).framing == expected)
    }

    @Test(
        "the connection stays open as version and Connection say",
        arguments: [
            ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Keep-Alive, CLOSE", false),
            ("HTTP/1.1", "keep-alive", true), ("HTTP/1.1", "upgrade", true), ("HTTP/1.1", "closed", true),
            ("HTTP/1.0", "", false), ("HTTP/1.0", "Keep-Alive", true), ("HTTP/1.0", "keep-alive, close", false),
        ])
    func keepAlive(version: String, connection: String, expected: Bool) throws {
        let read = RequestReader.read("GET / \(version)\r\nHost: a\r\nConnection: \(connection)\r\n\r\n")
        #expect(try #require(read.requests.first).keepAlive == expected)
    }

    @Test(
        "an expectation counts only in HTTP/1.1 and before a body",
        arguments: [
            ("HTTP/1.1", "Content-Length: 1", true), ("HTTP/1.1", "Transfer-Encoding: chunked", true),
            ("HTTP/1.1", "Content-Length: 0", false), ("HTTP/1.0", "Content-Length: 1", false),
        ])
    func expectation(version: String, field: String, expected: Bool) throws {
        let read = RequestReader.read("PUT / \(version)\r\nHost: a\r\nExpect: 100-Continue\r\n\(field)\r\n\r\n")
        #expect(try #require(read.requests.first).expectsContinue == expected)
    }

    @Test(
        "an upgrade needs Connection and HTTP/1.1",
        arguments: [
            ("HTTP/1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket", UpgradeWish.webSocket),
            ("HTTP/1.1", "Connection: upgrade\r\nUpgrade: h2c", .other),
            ("HTTP/1.1", "Connection: upgrade\r\nUpgrade: h2c, websocket", .webSocket),
            ("HTTP/1.1", "Upgrade: websocket", .none), ("HTTP/1.1", "Connection: upgrade", .none),
            ("HTTP/1.0", "Connection: upgrade\r\nUpgrade: websocket", .none),
        ])
    func upgrade(version: String, fields: String, expected: UpgradeWish) throws {
        let read = RequestReader.read("GET / \(version)\r\nHost: a\r\n\(fields)\r\n\r\n")
        #expect(try #require(read.requests.first).upgrade == expected)
    }

    @Test("up to two empty lines before a request are skipped")
    func emptyLines() {
        #expect(RequestReader.read("\r\n\r\nGET / HTTP/1.0\r\n\r\n").requests.count == 1)
        #expect(RequestReader.read("\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n").error == .malformedRequestLine)
    }

    @Test("a parser knows whether a request has begun")
    func hasStarted() throws {
        var parser = RequestParser()
        var head = RequestHead()
        #expect(!parser.hasStarted)
        _ = try parser.parse("\r\n".bytes.rawSpan, into: &head)
        #expect(!parser.hasStarted)
        _ = try parser.parse("\r\nG".bytes.rawSpan, into: &head)
        #expect(parser.hasStarted)
        _ = try parser.parse("\r\nGET / HTTP/1.0\r\n\r\n".bytes.rawSpan, into: &head)
        #expect(!parser.hasStarted)
    }
}

@Suite("RequestParser, however the bytes are cut") struct RequestParserSplitTests {
    @Test(
        "every split of a good request gives the same",
        arguments: [
            RequestParserTests.typical,
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        ])
    func good(text: String) { verifySplits(Array(text.utf8)) }

    @Test("every truncation of a good request is incomplete, never an error")
    func truncations() {
        let bytes = Array(
            "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;q=1\r\nabc\r\n0\r\nT: v\r\n\r\n".utf8)
        for end in 0..<bytes.count {
            let read = RequestReader.read([Array(bytes[..<end])])
            #expect(read.error == nil, "at \(end)")
            #expect(read.requests.allSatisfy { !$0.isComplete }, "at \(end)")
        }
        #expect(RequestReader.read([bytes]).requests.first?.isComplete == true)
    }

    @Test("every first byte either begins a token, an empty line, or is refused at once")
    func firstBytes() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789".utf8).union(UInt8(ascii: "a")...UInt8(ascii: "z"))
            .union(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        for byte in UInt8.min...UInt8.max {
            let error = RequestReader.read([[byte]]).error
            let expected: HTTPParseError? =
                tokens.contains(byte) || byte == 13 ? nil : byte == 10 ? .bareLineFeed : .malformedRequestLine
            #expect(error == expected, "byte \(byte)")
        }
    }

    @Test("a long head that comes byte by byte is understood")
    func longHead() {
        let long = String(repeating: "a", count: 7000)
        let text = "GET /\(long) HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n"
        let read = RequestReader.read(text.utf8.map { [$0] })
        #expect(read.requests.count == 1)
        #expect(read.error == nil)
    }
}
