import Bytes
import HTTP
import LoopKit
import Reactor
import Testing

@testable import HTTPTransport

@Suite("HTTP server: connections", .ownThread)
struct KeepAliveTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start(_ options: HTTPServerOptions = HTTPServerOptions()) async throws -> RawClient {
        let port = try await fixture.start(options) { router, fixture in
            router.add(.get, "/n/:number", "the number") { request, exchange in
                exchange.respond(text: exchange.match?.value("number", in: request) ?? "none")
            }
            router.add(.get, "/host", "the authority") { request, exchange in
                guard let authority = request.authority else { return exchange.fail(.badRequest, "no authority") }
                exchange.respond(text: String(copying: authority))
            }
            router.add(.get, "/wide", "4 KiB and a little") { _, exchange in
                exchange.respond(.ok, body: SharedBytes(patterned(4_200)))
            }
            router.add(.get, "/stream", "of unknown length") { _, exchange in
                exchange.begin(.ok)
                exchange.write(SharedBytes("un"))
                exchange.write(SharedBytes("known"))
                exchange.end()
            }
        }
        return try RawClient(port: port)
    }

    @Test("requests follow each other on one connection, with Date and Server on each answer")
    func keepAlive() async throws {
        defer { fixture.stop() }
        let client = try await start()
        for number in 0..<3 {
            let answer = try client.get("/n/\(number)")
            #expect(answer.status == 200 && answer.text == "\(number)")
            #expect(answer["connection"] == nil && answer["server"] == "Sluice")
            #expect(answer["date"]?.hasSuffix(" GMT") ?? false)
        }
        #expect(try await fixture.onServer { $0.connectionCount } == 1)
    }

    @Test("a thousand pipelined requests are answered in order, many answers to one packet")
    func pipelining() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let count = 1_000
        try client.send((0..<count).map { "GET /n/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for number in 0..<count { #expect(try client.response().text == "\(number)") }
        // One write per answer would be a segment each.
        #expect(try client.segmentsReceived() < count / 4)
    }

    @Test("a client that pipelines megabytes of answers before it reads loses nothing and is not cut off")
    func pipeliningBehindBlockedOutput() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let request = "GET /wide HTTP/1.1\r\nHost: a\r\n\r\n"
        // 8,000 answers are 34 MB: more than the bound of the output and all buffers of the kernel. Half of the
        // requests end in the middle, where one write of the client ends.
        let requests = Array(String(repeating: request, count: 4_000).utf8)
        try client.send(Array(requests[..<(requests.count - 10)]))
        let body = patterned(4_200)
        for number in 0..<8_000 {
            if number == 1 { try client.send(Array(requests[(requests.count - 10)...]) + requests) }
            let answer = try client.response()
            #expect(answer.status == 200 && answer.body == body)
        }
    }

    @Test(
        "HTTP/1.0 is answered in HTTP/1.1 and closed, unless the client asks to keep the connection",
        arguments: [(false, 1), (true, 2)])
    func http10(keeps: Bool, requests: Int) async throws {
        defer { fixture.stop() }
        let client = try await start()
        for number in 0..<requests {
            try client.send("GET /n/\(number) HTTP/1.0\r\n\(keeps ? "Connection: Keep-Alive\r\n" : "")\r\n")
            let answer = try client.response()
            #expect(answer.text == "\(number)" && answer["connection"] == (keeps ? "keep-alive" : "close"))
        }
        if !keeps { #expect(try client.endsHere()) }
    }

    @Test("to HTTP/1.0 a stream ends with the connection, whatever the client asked for")
    func http10Stream() async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let answer = try client.response()
        #expect(answer["transfer-encoding"] == nil && answer["content-length"] == nil)
        #expect(answer["connection"] == "close" && answer.text == "unknown" && client.isAtEnd)
    }

    @Test("Connection: close is honoured")
    func close() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let answer = try client.get("/n/1", "Connection: close")
        #expect(answer["connection"] == "close")
        #expect(try client.endsHere())
    }

    @Test(
        "every way to name the host is understood",
        arguments: [
            ("/host", "example.com:8080", "example.com:8080"),
            ("http://named.example:81/host", "other.example", "named.example:81"),
            ("HTTP://named.example/host", "other.example", "named.example"),
            ("/host", "[2001:db8::1]:8080", "[2001:db8::1]:8080"),
            ("http://[::1]/host", "[::1]", "[::1]"),
        ])
    func hosts(target: String, host: String, expected: String) async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try client.response().text == expected)
    }

    @Test("empty lines between requests are taken, anything else is refused after the answer")
    func garbage() async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("GET /n/1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().text == "1")
        #expect(try client.response().text == "2")
        try client.send("GET /n/3 HTTP/1.1\r\nHost: a\r\n\r\n\u{1}\u{2}garbage")
        #expect(try client.response().text == "3")
        let refusal = try client.response()
        #expect(refusal.status == 400 && refusal.text == #"{"code":400,"message":"malformed request line"}"#)
        #expect(refusal["connection"] == "close")
        #expect(try client.endsHere())
    }

    @Test("what follows a request that closes is not looked at")
    func afterClose() async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send(
            "GET /n/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().text == "1")
        #expect(try client.endsHere())
    }

    @Test("a client that has finished sending is still answered")
    func halfClosed() async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("GET /n/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        client.finish()
        #expect(try client.response().text == "1")
        #expect(try client.response().text == "2")
        #expect(try client.endsHere())
    }

    @Test("one connection too many is told so, in JSON of the right length, and closed")
    func tooMany() async throws {
        defer { fixture.stop() }
        var options = HTTPServerOptions()
        options.places = ConnectionPlaces(maximum: 1)
        let first = try await start(options)
        #expect(try first.get("/n/1").status == 200)
        let second = try RawClient(port: try await fixture.port())
        let answer = try second.response()
        #expect(answer.status == 503 && answer.text == #"{"code":503,"message":"too many connections"}"#)
        #expect(try second.endsHere())
        #expect(try first.get("/n/2").status == 200)
        first.reset()
        try await fixture.waitForConnections(0)
        #expect(try RawClient(port: try await fixture.port()).get("/n/3").status == 200)
    }

    @Test("those beyond the spare places are dropped without a word, and counted no longer than they last")
    func farTooMany() async throws {
        defer { fixture.stop() }
        var options = HTTPServerOptions()
        options.places = ConnectionPlaces(maximum: 1, spare: 1)
        let first = try await start(options)
        #expect(try first.get("/n/1").status == 200)
        let second = try RawClient(port: try await fixture.port())
        #expect(try second.response().status == 503)
        let third = try RawClient(port: try await fixture.port())
        #expect(throws: (any Error).self) { try third.response() }
        #expect(options.places.count == 2)
        second.reset()
        first.reset()
        try await fixture.waitForConnections(0)
        #expect(options.places.count == 0)
    }
}
