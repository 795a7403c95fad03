import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("ResponseEncoder") struct ResponseEncoderTests {
    private func encode(
        _ status: Status, _ body: OutgoingBody, to method: Method = .get, _ version: Version = .http11,
        keepAlive: Bool = true, fields: Fields = Fields(), date: String = ""
    ) -> String {
        let plan = ResponsePlan(status, body, to: method, version, keepAlive: keepAlive)
        var output = ByteWriter()
        ResponseEncoder.encode(plan, fields, date: date.bytes.rawSpan, into: &output)
        return String(copying: output.bytes)
    }

    @Test("a whole head")
    func golden() throws {
        var fields = Fields()
        fields.append(.server, "Sluice")
        fields.append(.contentType, "text/plain")
        let text = encode(.ok, .length(5), fields: fields, date: "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(
            text == """
                HTTP/1.1 200 OK\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Server: Sluice\r
                Content-Type: text/plain\r
                Content-Length: 5\r
                \r

                """)
    }

    @Test(
        "framing and connection follow from the plan",
        arguments: [
            (
                Status.ok, OutgoingBody.none, Method.get, Version.http11, true,
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            ),
            (.ok, .stream, .get, .http11, true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            (.ok, .stream, .get, .http10, true, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
            (
                .ok, .length(1), .get, .http10, true,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n"
            ),
            (
                .ok, .length(1), .get, .http11, false,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
            ),
            (.ok, .length(1), .head, .http11, true, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"),
            (.noContent, .none, .get, .http11, true, "HTTP/1.1 204 No Content\r\n\r\n"),
            (.noContent, .length(3), .get, .http11, true, "HTTP/1.1 204 No Content\r\n\r\n"),
            (.notModified, .stream, .get, .http11, true, "HTTP/1.1 304 Not Modified\r\n\r\n"),
            (
                .switchingProtocols, .none, .get, .http11, true,
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"
            ),
            (
                .switchingProtocols, .none, .get, .http11, false,
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"
            ),
            (.ok, .stream, .connect, .http11, true, "HTTP/1.1 200 OK\r\n\r\n"),
            (Status(599), .none, .get, .http11, true, "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n"),
        ])
    func plans(
        status: Status, body: OutgoingBody, method: Method, version: Version, keepAlive: Bool, expected: String
    ) {
        #expect(encode(status, body, to: method, version, keepAlive: keepAlive) == expected)
    }

    @Test("bytes are sent only where the request and the status take them")
    func sendsBody() {
        #expect(ResponsePlan(.ok, .length(1), to: .get, .http11, keepAlive: true).sendsBody)
        #expect(!ResponsePlan(.ok, .length(1), to: .head, .http11, keepAlive: true).sendsBody)
        #expect(!ResponsePlan(.ok, .length(0), to: .get, .http11, keepAlive: true).sendsBody)
        #expect(!ResponsePlan(.notModified, .length(1), to: .get, .http11, keepAlive: true).sendsBody)
    }

    @Test("an answer to HEAD in HTTP/1.0 keeps the connection where a GET could not")
    func head10() {
        #expect(ResponsePlan(.ok, .stream, to: .head, .http10, keepAlive: true).keepAlive)
        #expect(!ResponsePlan(.ok, .stream, to: .get, .http10, keepAlive: true).keepAlive)
    }

    @Test("fields that the plan decides are left out, and a date of one's own stays")
    func overridden() {
        var fields = Fields()
        fields.append(.contentLength, "99")
        fields.append(.connection, "keep-alive")
        fields.append(.date, "mine")
        fields.append(.transferEncoding, "chunked")
        fields.append(.keepAlive, "x")
        #expect(
            encode(.ok, .length(1), fields: fields, date: "other")
                == "HTTP/1.1 200 OK\r\nDate: mine\r\nContent-Length: 1\r\n\r\n")
    }

    @Test(
        "the server's name goes out unless the fields have one",
        arguments: [
            ("", "Server: ours\r\n"), ("theirs", "Server: theirs\r\n"),
        ])
    func server(own: String, expected: String) throws {
        var fields = Fields()
        if !own.isEmpty { try fields.append(.server, text: own) }
        let plan = ResponsePlan(.ok, .none, to: .get, .http11, keepAlive: true)
        var output = ByteWriter()
        ResponseEncoder.encode(plan, fields, date: "".bytes.rawSpan, server: "ours", into: &output)
        #expect(text(output.bytes) == "HTTP/1.1 200 OK\r\n\(expected)Content-Length: 0\r\n\r\n")
    }

    @Test("what is encoded is parsed again")
    func roundTrip() throws {
        var fields = Fields()
        try fields.append(named: "X-One", "1")
        fields.append(.etag, "\"a\"")
        let text = encode(.created, .stream, fields: fields)
        var head = ResponseHead()
        var parser = ResponseParser()
        #expect(try parser.parse(text.bytes.rawSpan, answering: .get, into: &head) == text.utf8.count)
        #expect(head.status == .created)
        #expect(head.framing == .chunked)
        #expect(head.fields.list == [["X-One", "1"], ["ETag", "\"a\""], ["Transfer-Encoding", "chunked"]])
    }

    @Test("100 Continue has no fields")
    func interim() {
        var output = ByteWriter()
        ResponseEncoder.encodeContinue(into: &output)
        #expect(text(output.bytes) == "HTTP/1.1 100 Continue\r\n\r\n")
    }
}

@Suite("RequestEncoder") struct RequestEncoderTests {
    private func encode(
        _ encoder: RequestEncoder, _ target: String = "/a?b", host: String = "h:1", fields: Fields = Fields()
    ) throws
        -> String
    {
        var output = ByteWriter()
        try encoder.encode(target: target.bytes.rawSpan, host: host.bytes.rawSpan, fields, into: &output)
        return String(copying: output.bytes)
    }

    @Test(
        "the framing follows from the method and the body",
        arguments: [
            (Method.get, OutgoingBody.none, ""), (.post, .none, "Content-Length: 0\r\n"),
            (.put, .none, "Content-Length: 0\r\n"),
            (.delete, .none, ""), (.post, .length(3), "Content-Length: 3\r\n"),
            (.post, .stream, "Transfer-Encoding: chunked\r\n"),
            (.get, .length(0), "Content-Length: 0\r\n"),
        ])
    func framing(method: Method, body: OutgoingBody, expected: String) throws {
        #expect(
            try encode(RequestEncoder(method, body: body)) == "\(method) /a?b HTTP/1.1\r\nHost: h:1\r\n\(expected)\r\n")
    }

    @Test("fields of the connection come from the encoder")
    func connection() throws {
        var fields = Fields()
        fields.append(.host, "other")
        fields.append(.connection, "x")
        fields.append(.upgrade, "websocket")
        fields.append(.accept, "*/*")
        var encoder = RequestEncoder(.get)
        encoder.upgrades = true
        encoder.closes = true
        #expect(
            try encode(encoder, fields: fields)
                == "GET /a?b HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nAccept: */*\r\nConnection: upgrade\r\n\r\n")
        encoder.upgrades = false
        encoder.expectsContinue = true
        #expect(try encode(encoder).hasSuffix("Expect: 100-continue\r\nConnection: close\r\n\r\n"))
    }

    @Test(
        "a target or host that would break the line is refused and nothing is written",
        arguments: [
            ("", "h", RequestEncoderError.invalidTarget), ("/a b", "h", .invalidTarget),
            ("/\r\nX: y", "h", .invalidTarget),
            ("/\u{0}", "h", .invalidTarget), ("/", "h\r\nX: y", .invalidHost), ("/", "u@h", .invalidHost),
            ("/", "h/x", .invalidHost),
        ])
    func injection(target: String, host: String, error: RequestEncoderError) {
        var output = ByteWriter()
        #expect(throws: error) {
            try RequestEncoder(.get).encode(
                target: target.bytes.rawSpan, host: host.bytes.rawSpan, Fields(), into: &output)
        }
        #expect(text(output.bytes) == "")
    }

    @Test(
        "what is encoded is parsed again",
        arguments: [Method.get, .post, .other(MethodName("PROPFIND".bytes.rawSpan)!)])
    func roundTrip(method: Method) throws {
        var fields = Fields()
        try fields.append(named: "X-One", "1")
        let text = try encode(RequestEncoder(method, body: .stream), "/x%20y", host: "[::1]:80", fields: fields)
        let read = RequestReader.read(text + "0\r\n\r\n")
        #expect(read.error == nil)
        let request = try #require(read.requests.first)
        #expect(request.method == method.description)
        #expect(request.fields == [["Host", "[::1]:80"], ["X-One", "1"], ["Transfer-Encoding", "chunked"]])
        #expect(request.isComplete)
    }
}

@Suite("ChunkedEncoder") struct ChunkedEncoderTests {
    @Test("chunks, gathered or copied, are decoded again")
    func roundTrip() throws {
        var output = ByteWriter()
        ChunkedEncoder.append("hello".bytes.rawSpan, to: &output)
        ChunkedEncoder.append("".bytes.rawSpan, to: &output)
        let payload = String(repeating: "x", count: 300)
        ChunkedEncoder.appendHeader(payload.utf8.count, to: &output)
        output.append(text: payload)
        output.append(ChunkedEncoder.lineEnd)
        output.append(ChunkedEncoder.end)
        let wire = String(copying: output.bytes)
        #expect(wire == "5\r\nhello\r\n12c\r\n\(payload)\r\n0\r\n\r\n")
        let read = RequestReader.read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + wire)
        #expect(read.error == nil)
        #expect(read.requests.first?.body == Array(("hello" + payload).utf8))
    }

    @Test("trailers that would frame or route a message are left out")
    func trailers() throws {
        var fields = Fields()
        fields.append(.contentLength, "1")
        fields.append(.host, "x")
        fields.append(.etag, "\"a\"")
        try fields.append(named: "X-Sum", "1")
        var output = ByteWriter()
        ChunkedEncoder.appendEnd(trailers: fields, to: &output)
        #expect(text(output.bytes) == "0\r\nETag: \"a\"\r\nX-Sum: 1\r\n\r\n")
    }
}
