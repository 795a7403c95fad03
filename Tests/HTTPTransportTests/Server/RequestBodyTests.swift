import Bytes
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("HTTP server: request bodies", .ownThread)
struct RequestBodyTests {
    static let maximum = 100_000

    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start(_ options: HTTPServerOptions = HTTPServerOptions()) async throws -> RawClient {
        try RawClient(port: try await fixture.start(options, routes: Self.routes))
    }

    private static let routes: ServerFixture.Routes = { router, fixture in
        router.add(.post, "/echo", "the body itself") { _, exchange in
            exchange.collectBody(atMost: maximum) { exchange.respond(.ok, body: $0) }
        }
        router.add(.post, "/ignore", "no interest in the body") { _, exchange in exchange.respond(text: "ignored") }
        router.add(.post, "/late", "asks for the body when the test says so") { _, exchange in fixture.keep(exchange) }
        router.add(.post, "/slow", "takes the body a piece at a time") { _, exchange in
            exchange.receiveBody(atMost: .max, into: Slow(exchange, fixture))
        }
    }

    /// Pauses after each piece until the loop's next round.
    private final class Slow: HTTPBodySink {
        private let exchange: HTTPExchange
        private let fixture: ServerFixture
        private var body = ByteWriter()

        init(_ exchange: HTTPExchange, _ fixture: ServerFixture) {
            self.exchange = exchange
            self.fixture = fixture
        }

        func bodyArrived(_ bytes: RawSpan) {
            #expect(!exchange.isBodyPaused)
            body.append(bytes)
            exchange.pauseBody()
            if body.count == bytes.byteCount { fixture.log.append("paused") }
            exchange.loop?.afterRound { self.exchange.resumeBody() }
        }

        func bodyEnded() {
            let whole = SharedBytes(copying: body.bytes)
            exchange.respond(.ok, body: whole)
        }
        func bodyFailed() { fixture.log.append("failed") }
    }

    @Test("a body of known length, a chunked one however it is cut, and an empty one come back whole")
    func echo() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let body = patterned(70_000)
        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(body)
        #expect(try client.response().body == body)
        for size in [1_000, 70_000] {
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            var position = 0
            while position < body.count {
                let end = min(position + size, body.count)
                try client.send(String(end - position, radix: 16) + ";extension=1\r\n")
                try client.send(Array(body[position..<end]))
                try client.send("\r\n")
                position = end
            }
            try client.send("0\r\nTrailer: dropped\r\n\r\n")
            #expect(try client.response().body == body)
        }
        for framing in ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\r\n"] {
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + framing)
            let answer = try client.response()
            #expect(answer.status == 200 && answer.body.isEmpty)
        }
    }

    @Test("100-continue is sent once the route wants the body, and not where it does not")
    func continues() async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send("hello")
        #expect(try client.response().text == "hello")
        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\nExpect: 100-continue\r\n\r\n")
        let refusal = try client.response()
        #expect(refusal.status == 413 && refusal["connection"] == "close")
        #expect(try client.endsHere())
        let second = try RawClient(port: try await fixture.port())
        try second.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        let ignored = try second.response()
        #expect(ignored.text == "ignored" && ignored["connection"] == "close", "the body may come or not")
        #expect(try second.endsHere())
    }

    @Test("a body that nobody asks for is read past, up to a bound")
    func ignored() async throws {
        defer { fixture.stop() }
        let client = try await start()
        for _ in 0..<3 {
            try client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
            #expect(try client.response().text == "ignored")
            try client.send(patterned(60_000))
        }
        try client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n")
        let last = try client.response()
        #expect(last["connection"] == "close")
        #expect(try client.endsHere())
    }

    @Test(
        "a body beyond the route's bound is answered with 413, when declared and when it turns out",
        arguments: [
            "Content-Length: 100001\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n186A1\r\n",
            "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n",
        ])
    func tooLarge(framing: String) async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + framing)
        let answer = try client.response()
        #expect(answer.status == 413 && answer.text == #"{"code":413,"message":"body too large"}"#)
        #expect(try client.endsHere())
    }

    @Test("a client that goes on sending a refused body still reads the refusal")
    func refusedWhileSending() async throws {
        defer { fixture.stop() }
        let client = try await start()
        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n")
        try client.send(patterned(500_000))
        #expect(try client.response().status == 413)
    }

    @Test("a body asked for later is all there, and nothing of it is read meanwhile")
    func late() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let body = patterned(90_000)
        for chunked in [false, true] {
            let framing = chunked ? "Transfer-Encoding: chunked\r\n\r\n15f90\r\n" : "Content-Length: 90000\r\n\r\n"
            try client.send("POST /late HTTP/1.1\r\nHost: a\r\n" + framing)
            try client.send(body)
            try client.send((chunked ? "\r\n0\r\n\r\n" : "") + "POST /ignore HTTP/1.1\r\nHost: a\r\n\r\n")
            try await fixture.log.wait(for: "the request") { $0.count { $0 == "kept" } == (chunked ? 2 : 1) }
            let fixture = self.fixture
            try await fixture.onLoop { _, _ in
                let exchange = fixture.takeKept()[0]
                exchange.collectBody(atMost: Self.maximum) { exchange.respond(.ok, body: $0) }
            }
            #expect(try client.response().body == body)
            #expect(try client.response().text == "ignored")
        }
    }

    @Test("a sink that pauses is given megabytes piece by piece, and the rest waits with the client")
    func paused() async throws {
        defer { fixture.stop() }
        let client = try await start()
        let body = patterned(5_000_000)
        try client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(body)
        #expect(try client.response().body == body)
    }

    @Test("what stays paused is held in bounded memory, and costs the client no timeout")
    func pausedForLong() async throws {
        defer { fixture.stop() }
        var options = HTTPServerOptions()
        options.bodyTimeout = .milliseconds(1_000)
        let client = try await start(options)
        let body = patterned(8_000_000)
        try client.send("POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        try client.send(Array(body[..<100_000]))
        try await fixture.log.wait(for: "kept")
        // Longer than the client may take between two pieces.
        #expect(!client.hasInput(within: 1_500))
        let rest = Array(body[100_000...])
        let held = try await fixture.onServer { server in
            (server.connections[0] as? HTTPServerConnection).map { $0.input.count } ?? .max
        }
        #expect(held <= 16 * 1024 + 288 * 1024)
        let fixture = self.fixture
        fixture.tell { _ in
            let exchange = fixture.takeKept()[0]
            exchange.receiveBody(atMost: .max, into: Slow(exchange, fixture))
        }
        try client.send(rest)
        #expect(try client.response().body == body)
    }

    @Test("a body that breaks off or breaks the rules fails its sink; the client is told")
    func broken() async throws {
        defer { fixture.stop() }
        for end in ["Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"] {
            let client = fixture.log.events.isEmpty ? try await start() : try RawClient(port: try await fixture.port())
            try client.send("POST /slow HTTP/1.1\r\nHost: a\r\n" + end)
            client.finish()
            #expect(try client.response().status == 400)
            #expect(try client.endsHere())
        }
        try await fixture.log.wait(for: "two failures") { $0.count { $0 == "failed" } == 2 }
    }
}
