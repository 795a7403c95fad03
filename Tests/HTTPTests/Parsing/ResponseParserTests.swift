import Bytes
import HTTP
import HTTPModel
import Testing

@Suite("ResponseParser") struct ResponseParserTests {
    private func parse(
        _ text: String, answering method: Method = .get, cut: Int? = nil
    ) throws(HTTPParseError) -> ResponseHead? {
        var parser = ResponseParser()
        var head = ResponseHead()
        let bytes = Array(text.utf8)
        if let cut {
            for end in stride(from: cut, to: bytes.count, by: cut) {
                if try parser.parse(bytes.rawSpan.extracting(0..<end), answering: method, into: &head) != nil {
                    return head
                }
            }
        }
        guard try parser.parse(bytes.rawSpan, answering: method, into: &head) != nil else { return nil }
        return head
    }

    @Test("a response is taken apart into version, status and fields", arguments: [nil, 1, 2, 7])
    func golden(cut: Int?) throws {
        let text = "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nServer: SRS\r\n\r\nabc"
        let head = try #require(try parse(text, cut: cut))
        #expect(head.version == .http11)
        #expect(head.status == .partialContent)
        #expect(head.fields.list == [["Content-Length", "3"], ["Server", "SRS"]])
        #expect(head.framing == .length(3))
        #expect(head.keepAlive)
    }

    @Test(
        "the reason may be anything or missing",
        arguments: [
            "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 Tout va très\tbien\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n",
        ])
    func reason(text: String) throws { #expect(try parse(text)?.status == .ok) }

    @Test(
        "the body depends on the request, the status and the fields",
        arguments: [
            (Method.get, "200", "", BodyFraming.untilClose), (.get, "200", "Content-Length: 0\r\n", .length(0)),
            (.get, "200", "Content-Length: 5\r\n", .length(5)),
            (.get, "200", "Transfer-Encoding: chunked\r\n", .chunked),
            (.head, "200", "Content-Length: 5\r\n", .none), (.head, "200", "Transfer-Encoding: chunked\r\n", .none),
            (.get, "204", "", .none), (.get, "304", "Content-Length: 5\r\n", .none), (.get, "100", "", .none),
            (.get, "101", "", .none),
            (.connect, "200", "", .none), (.connect, "403", "Content-Length: 5\r\n", .length(5)),
        ])
    func framing(method: Method, status: String, fields: String, expected: BodyFraming) throws {
        #expect(try parse("HTTP/1.1 \(status) X\r\n\(fields)\r\n", answering: method)?.framing == expected)
    }

    @Test(
        "the connection stays open only where both the fields and the framing allow",
        arguments: [
            ("HTTP/1.1", "Content-Length: 0", true), ("HTTP/1.1", "Content-Length: 0\r\nConnection: close", false),
            ("HTTP/1.1", "X: y", false), ("HTTP/1.2", "Content-Length: 0", true),
            ("HTTP/1.0", "Content-Length: 0", false),
            ("HTTP/1.0", "Content-Length: 0\r\nConnection: keep-alive", true),
        ])
    func keepAlive(version: String, fields: String, expected: Bool) throws {
        #expect(try parse("\(version) 200 OK\r\n\(fields)\r\n\r\n")?.keepAlive == expected)
    }

    @Test(
        "a bad response is refused, wherever it is cut",
        arguments: [
            ("HTTP/1.1 20 OK\r\n\r\n", HTTPParseError.malformedStatusLine),
            ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 099 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1  200 OK\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 200OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1\r\n\r\n", .malformedStatusLine),
            ("http/1.1 200 OK\r\n\r\n", .malformedStatusLine), ("ICY 200 OK\r\n\r\n", .malformedStatusLine),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", .malformedStatusLine), ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .controlCharacter), ("HTTP/1.1 200 OK\n\n", .bareLineFeed),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .foldedField),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .whitespaceBeforeColon),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndTransferEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unsupportedTransferEncoding),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInHTTP10),
        ])
    func refused(text: String, error: HTTPParseError) {
        for cut in [nil, 1, 3] {
            #expect(throws: error) { try parse(text, cut: cut) }
        }
    }

    @Test("fields that only a request may have mean nothing in a response")
    func requestFields() throws {
        #expect(try parse("HTTP/1.1 200 OK\r\nHost: a b\r\nHost: c\r\nExpect: x\r\n\r\n") != nil)
    }

    @Test("every truncation is incomplete, never an error")
    func truncations() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
        for end in 0..<text.utf8.count {
            let isParsed = try parse(String(decoding: text.utf8.prefix(end), as: UTF8.self)) != nil
            #expect(!isParsed, "at \(end)")
        }
    }
}
