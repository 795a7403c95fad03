import Bytes
import HTTP
import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

@Suite("HTTP server: request smuggling", .ownThread)
struct SmugglingTests {
    struct Attempt: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: String
        let status: Int
    }

    static let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func post(_ what: String, _ fields: String, _ body: String, status: Int = 400) -> Attempt {
        Attempt(testDescription: what, bytes: "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)", status: status)
    }

    static let attempts: [Attempt] = [
        post("both framings", "Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + hidden),
        post("both, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n" + hidden),
        post("two lengths", "Content-Length: 0\r\nContent-Length: 44", hidden),
        post("equal lengths twice", "Content-Length: 0\r\nContent-Length: 0", hidden),
        post("a list of lengths", "Content-Length: 0, 0", hidden),
        post("a signed length", "Content-Length: +0", hidden),
        post("a length in hexadecimal", "Content-Length: 0x0", hidden),
        post("space before the colon", "Transfer-Encoding : chunked", "0\r\n\r\n" + hidden),
        post("a folded field", "X: y\r\n Transfer-Encoding: chunked", hidden),
        post("a coding of unknown name", "Transfer-Encoding: xchunked", hidden, status: 501),
        post("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + hidden),
        post("chunked not last", "Transfer-Encoding: chunked, identity", "0\r\n\r\n" + hidden, status: 501),
        post("tab in the coding", "Transfer-Encoding: \u{B}chunked", "0\r\n\r\n" + hidden),
        post("line feed alone", "X: y\nTransfer-Encoding: chunked", "0\r\n\r\n" + hidden),
        post("carriage return alone", "X: y\rTransfer-Encoding: chunked", hidden),
        post("zero byte", "X: \0", hidden),
        post("chunk size with a sign", "Transfer-Encoding: chunked", "+0\r\n\r\n" + hidden),
        post("chunk size with a blank", "Transfer-Encoding: chunked", "0 \r\n\r\n" + hidden),
        post("chunk longer than its size", "Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n" + hidden),
        post("chunk ended by line feed", "Transfer-Encoding: chunked", "1\na\r\n0\r\n\r\n" + hidden),
        Attempt(
            testDescription: "chunked in HTTP/1.0",
            bytes: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, status: 400),
        Attempt(
            testDescription: "two hosts",
            bytes: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden, status: 400),
        Attempt(testDescription: "no host", bytes: "GET / HTTP/1.1\r\n\r\n" + hidden, status: 400),
        Attempt(testDescription: "HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, status: 505),
        Attempt(testDescription: "HTTP/0.9", bytes: "GET /\r\n" + hidden, status: 400),
    ]

    @Test("gets one refusal and never a second answer", arguments: attempts)
    func refused(attempt: Attempt) async throws {
        let fixture = try ServerFixture()
        defer { fixture.stop() }
        let port = try await fixture.start { router, fixture in
            router.add(.post, "/", "collects") { _, exchange in
                exchange.collectBody(atMost: 1_000) { exchange.respond(.ok, body: $0) }
            }
            router.add(.get, "/hidden", "must not be reached") { _, exchange in
                fixture.log.append("smuggled")
                exchange.respond(text: "smuggled")
            }
        }
        let client = try RawClient(port: port)
        try client.send(attempt.bytes)
        let answer = try client.response()
        #expect(answer.status == attempt.status && answer["connection"] == "close")
        #expect(answer.text.hasPrefix("{\"code\":\(attempt.status),\"message\":\""))
        #expect(try client.endsHere())
        #expect(fixture.log.events.isEmpty)
    }
}
