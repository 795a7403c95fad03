import Bytes
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("HTTP server: answers", .ownThread)
struct AnswerStreamTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start(_ options: HTTPServerOptions = HTTPServerOptions()) async throws -> UInt16 {
        try await fixture.start(options) { router, fixture in
            Self.addStreams(&router, fixture)
            let large = SharedBytes(patterned(50_000_000))
            router.add(.get, "/large", "50 MB from memory") { _, exchange in
                fixture.logEnd(of: exchange)
                exchange.respond(.ok, body: large)
            }
            router.add(.get, "/later", "answered when the test says so") { _, exchange in
                fixture.logEnd(of: exchange)
                fixture.keep(exchange)
            }
            router.add(.get, "/hello", "hello") { _, exchange in exchange.respond(text: "hello") }
        }
    }

    private static func addStreams(_ router: inout Router, _ fixture: ServerFixture) {
        router.add(.get, "/endless", "a stream without an end") { _, exchange in
            fixture.logEnd(of: exchange)
            exchange.begin(.ok)
            Pump(exchange, fixture).pump()
        }
        router.add(.get, "/pieces", "three pieces of known length") { _, exchange in
            exchange.begin(.ok, Fields(), .length(9))
            for piece in ["one", "two", "six"] { exchange.write(SharedBytes(piece)) }
            exchange.end()
        }
        router.add(.get, "/short", "less than promised") { _, exchange in
            fixture.logEnd(of: exchange)
            exchange.begin(.ok, Fields(), .length(9))
            exchange.write(SharedBytes("one"))
            exchange.end()
        }
        router.add(.get, "/long", "more than promised") { _, exchange in
            fixture.logEnd(of: exchange)
            exchange.begin(.ok, Fields(), .length(3))
            exchange.write(SharedBytes("one"))
            exchange.write(SharedBytes("HTTP/1.1 200 OK\r\n\r\n"))
            exchange.end()
        }
    }

    /// Writes whenever there is room.
    private final class Pump {
        private let exchange: HTTPExchange
        private let fixture: ServerFixture
        private let block = SharedBytes(patterned(64 * 1024))

        init(_ exchange: HTTPExchange, _ fixture: ServerFixture) {
            self.exchange = exchange
            self.fixture = fixture
            exchange.onDrain = { self.pump() }
        }

        func pump() {
            while !exchange.isBlocked, !exchange.isOver { exchange.write(block) }
            fixture.log.append("blocked")
        }
    }

    private func pendingOutput() async throws -> Int {
        try await fixture.onServer { server in
            (server.connections.first as? HTTPServerConnection)?.connection.pendingOutput ?? 0
        }
    }

    @Test("50 MB from shared memory arrive exactly, and the connection goes on")
    func large() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await start())
        try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().body == patterned(50_000_000))
        #expect(try client.response().text == "hello")
    }

    @Test("HEAD has the fields of GET and no body", arguments: ["/large", "/hello", "/pieces", "/nowhere"])
    func head(path: String) async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await start())
        let head = try client.get(path, method: "HEAD")
        let get = try client.get(path)
        #expect(head.status == get.status && head["content-length"] == get["content-length"])
        #expect(head["content-type"] == get["content-type"])
        #expect(head["content-length"] == "\(get.body.count)")
    }

    @Test("HEAD of a stream ends at once and says how a GET would be framed")
    func headOfStream() async throws {
        defer { fixture.stop() }
        let port = try await fixture.start { router, _ in
            router.add(.get, "/", "a stream") { _, exchange in
                exchange.begin(.ok)
                guard exchange.sendsBody else { return exchange.end() }
                exchange.write(SharedBytes("body"))
                exchange.end()
            }
        }
        let client = try RawClient(port: port)
        #expect(try client.get("/", method: "HEAD")["transfer-encoding"] == "chunked")
        #expect(try client.get("/").text == "body")
    }

    @Test("a client that stops reading stalls its stream at the watermark; reading on, it gets every byte")
    func stalled() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await start(), receiveBuffer: 64 * 1024)
        try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "blocked")
        #expect(try await pendingOutput() <= 256 * 1024 + 64 * 1024 + 100)
        // Another client is served meanwhile.
        #expect(try RawClient(port: try await fixture.port()).get("/hello").text == "hello")
        #expect(try client.responseHead()["transfer-encoding"] == "chunked")
        let block = patterned(64 * 1024)
        for _ in 0..<200 {
            #expect(try client.receive(through: "\r\n") == "10000\r\n")
            #expect(try client.receive(64 * 1024) == block)
            #expect(try client.receive(2) == [13, 10])
        }
        client.reset()
        try await fixture.log.wait(for: "lost: reset")
    }

    @Test("a large answer to a client that stops reading is held to the watermark and cut by the write timeout")
    func stalledLarge() async throws {
        defer { fixture.stop() }
        var options = HTTPServerOptions()
        options.writeTimeout = .milliseconds(1_000)
        let client = try RawClient(port: try await start(options), receiveBuffer: 64 * 1024)
        try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.responseHead().status == 200)
        #expect(try await pendingOutput() <= 2 * 256 * 1024 + 1_000)
        try await fixture.log.wait(for: "lost: timeout(Reactor.TCPCloseReason.Timeout.write)")
        try await fixture.waitForConnections(0)
    }

    @Test("pieces that are as long as promised make one answer")
    func pieces() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await start())
        for _ in 0..<2 {
            let answer = try client.get("/pieces")
            #expect(answer["content-length"] == "9" && answer.text == "onetwosix")
        }
    }

    @Test(
        "an answer that is shorter or longer than promised breaks the connection off", arguments: ["/short", "/long"])
    func wrongLength(path: String) async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await start())
        try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "lost: aborted")
        do {
            let all = try String(decoding: client.receiveAll(), as: UTF8.self)
            #expect(all.split(separator: "HTTP/1.1").count <= 1)
        } catch { #expect(error as? RawClient.Failure == .reset) }
    }

    @Test("a client that goes away ends its exchange, waiting or streaming, by FIN or reset")
    func disconnect() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let waiting = try RawClient(port: port)
        try waiting.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "kept")
        waiting.reset()
        try await fixture.log.wait(for: "lost: reset")
        let fixture = self.fixture
        try await fixture.onLoop { _, _ in
            // Too late, and of no effect.
            for exchange in fixture.takeKept() { exchange.respond(text: "anybody there?") }
        }
        let streaming = try RawClient(port: port)
        try streaming.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try streaming.responseHead().status == 200)
        streaming.finish()
        try await fixture.log.wait(for: "two losses") { $0.count { $0 == "lost: reset" } == 2 }
        try await fixture.waitForConnections(0)
        #expect(!fixture.log.events.contains("answered"))
    }
}
