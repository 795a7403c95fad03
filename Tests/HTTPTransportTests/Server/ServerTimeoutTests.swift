import Bytes
import HTTP
import LoopKit
import Reactor
import Testing

@testable import HTTPTransport

@Suite("HTTP server: timeouts", .ownThread)
struct ServerTimeoutTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start(_ change: (inout HTTPServerOptions) -> Void) async throws -> RawClient {
        var options = HTTPServerOptions()
        change(&options)
        let port = try await fixture.start(options) { router, fixture in
            router.add(.get, "/", "hello") { _, exchange in exchange.respond(text: "hello") }
            router.add(.post, "/", "the body") { _, exchange in
                exchange.collectBody(atMost: 1_000) { exchange.respond(.ok, body: $0) }
            }
        }
        return try RawClient(port: port)
    }

    @Test("a head that trickles in is cut at its one deadline, however often a byte comes")
    func slowHead() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.headTimeout = .milliseconds(300) }
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        #expect(try client.response().text == "hello")
        // Each byte comes long before the deadline would, were it moved.
        var bytes = 0
        while !client.hasInput(within: 20), bytes < 500 {
            try client.send("x")
            bytes += 1
        }
        #expect(bytes > 1 && bytes < 500)
        let answer = try client.response()
        #expect(answer.status == 408 && answer["connection"] == "close")
        #expect(try client.endsHere())
    }

    @Test("a head that never ends is answered with 408 and closed")
    func unfinishedHead() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.headTimeout = .milliseconds(100) }
        try client.send("GET / HT")
        let answer = try client.response()
        #expect(answer.status == 408 && answer.text == #"{"code":408,"message":"Request Timeout"}"#)
        #expect(try client.endsHere())
    }

    @Test("the deadline of a head is its own: the one before does not shorten it")
    func headAfterHead() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.headTimeout = .milliseconds(2_000) }
        for _ in 0..<4 {
            try client.send("GET / HTTP/1.1\r\nHo")
            #expect(!client.hasInput(within: 700))
            try client.send("st: a\r\n\r\n")
            #expect(try client.response().status == 200)
        }
    }

    @Test("a body that stops is answered with 408 and closed")
    func slowBody() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.bodyTimeout = .milliseconds(100) }
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
        #expect(try client.response().status == 408)
        #expect(try client.endsHere())
    }

    @Test("a body that drips is answered with 408, however often a byte comes")
    func drippingBody() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.bodyTimeout = .milliseconds(300) }
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        var bytes = 0
        while !client.hasInput(within: 20), bytes < 500 {
            try client.send("x")
            bytes += 1
        }
        #expect(bytes > 1 && bytes < 500)
        let answer = try client.response()
        #expect(answer.status == 408 && answer["connection"] == "close")
    }

    @Test("a body that comes fast enough may take longer than its timeout")
    func longBody() async throws {
        defer { fixture.stop() }
        let client = try await start {
            $0.bodyTimeout = .milliseconds(2_000)
            $0.minimumProgress = 2
        }
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 32\r\n\r\n")
        for _ in 0..<8 {
            #expect(!client.hasInput(within: 600))
            try client.send("four")
        }
        #expect(try client.response().text == String(repeating: "four", count: 8))
    }

    @Test("empty lines between two requests do not put off the end of an idle connection")
    func emptyLines() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.keepAliveTimeout = .seconds(60) }
        #expect(try client.get("/").status == 200)
        let before = try await onlyConnection()
        for (count, byte) in "\r\n\r".utf8.enumerated() {
            try client.send([byte])
            var now = before
            // Its coming is the kernel's to tell.
            while now.received < before.received + UInt64(count) + 1 {
                try await fixture.pass(.milliseconds(5))
                now = try await onlyConnection()
            }
            #expect(now.deadline == before.deadline)
        }
        try client.send("\n")
        #expect(try client.get("/").status == 200)
        #expect(try #require(try await onlyConnection().deadline) > #require(before.deadline))
    }

    private func onlyConnection() async throws -> (deadline: Instant?, received: UInt64) {
        try await fixture.onServer { server in
            let only = try #require(server.connections.first as? HTTPServerConnection)
            return (only.connection.deadline, only.connection.bytesReceived)
        }
    }

    @Test("a connection without a request is closed without a word, before the first and between two")
    func idle() async throws {
        defer { fixture.stop() }
        let client = try await start { $0.keepAliveTimeout = .milliseconds(100) }
        #expect(try client.endsHere())
        let second = try RawClient(port: try await fixture.port())
        #expect(try second.get("/").status == 200)
        #expect(try second.endsHere())
        try await fixture.waitForConnections(0)
    }
}
