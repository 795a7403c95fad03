import Bytes
import Glibc
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("HTTP server: going away", .ownThread)
struct ServerDrainTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start() async throws -> UInt16 {
        try await fixture.start { router, fixture in
            router.add(.get, "/hello", "hello") { _, exchange in exchange.respond(text: "hello") }
            router.add(.get, "/later", "answered when the test says so") { _, exchange in
                fixture.logEnd(of: exchange)
                fixture.keep(exchange)
            }
        }
    }

    private func drain() async throws {
        let log = fixture.log
        try await fixture.onServer { server in server.drain { log.append("drained") } }
    }

    @Test("idle connections close at once, the one being answered afterwards, and new ones are refused")
    func drains() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let idle = try RawClient(port: port)
        #expect(try idle.get("/hello").status == 200)
        let busy = try RawClient(port: port)
        try busy.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "kept")
        try await drain()
        #expect(try idle.endsHere())
        #expect(throws: LoopbackSocket.Failure.connect(ECONNREFUSED)) { try RawClient(port: port).get("/hello") }
        #expect(!fixture.log.events.contains("drained"))
        let fixture = self.fixture
        try await fixture.onLoop { _, _ in for exchange in fixture.takeKept() { exchange.respond(text: "at last") } }
        let answer = try busy.response()
        #expect(answer.text == "at last" && answer["connection"] == "close")
        #expect(try busy.endsHere())
        busy.finish()
        try await fixture.log.wait(for: "drained")
        #expect(try await fixture.onServer { $0.connectionCount } == 0)
    }

    @Test("a request that the kernel had when the server went away is answered, also on a connection that was idle")
    func waiting() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let client = try RawClient(port: port)
        #expect(try client.get("/hello").status == 200)
        let sender = Confined([client])
        let log = fixture.log
        try await fixture.onServer { server in
            // While the loop is held up here, what is sent stays in the kernel.
            try sender.value[0].send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            server.drain { log.append("drained") }
        }
        let answer = try client.response()
        #expect(answer.text == "hello" && answer["connection"] == "close")
        #expect(try client.endsHere())
        try await fixture.log.wait(for: "drained")
    }

    @Test("a stream that had begun when the server went away ends in good order, then its connection closes")
    func streaming() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let client = try RawClient(port: port)
        try client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "kept")
        let fixture = self.fixture
        try await fixture.onLoop { _, confined in
            confined.kept[0].begin(.ok)
            confined.kept[0].write(SharedBytes("before "))
        }
        try await drain()
        try await fixture.onLoop { _, _ in
            for exchange in fixture.takeKept() {
                exchange.write(SharedBytes("and after"))
                exchange.end()
            }
        }
        #expect(try client.response().text == "before and after")
        #expect(try client.endsHere())
        try await fixture.log.wait(for: "drained")
    }

    @Test("a server without connections is empty at once, and says so once, to who asked last")
    func empty() async throws {
        defer { fixture.stop() }
        _ = try await start()
        let log = fixture.log
        try await fixture.onServer { server in
            server.drain { log.append("the first") }
            server.drain { log.append("drained") }
        }
        try await fixture.log.wait(for: "drained")
        #expect(try await fixture.onServer { $0.isDraining })
        #expect(fixture.log.events == ["drained"])
    }

    @Test("what the kernel had accepted when the server went away is served one request")
    func backlog() async throws {
        defer { fixture.stop() }
        let port = try await start()
        // While the loop is held up here, connections gather in the kernel.
        let clients = try await fixture.onLoop { _, confined in
            let clients = Confined([try RawClient(port: port), try RawClient(port: port)])
            try clients.value[0].send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let log = fixture.log
            confined.server?.drain { log.append("drained") }
            return clients
        }.value
        let answer = try clients[0].response()
        #expect(answer.text == "hello" && answer["connection"] == "close")
        #expect(try clients[0].endsHere())
        #expect(try clients[1].endsHere(), "it asks for nothing, and is not waited for")
        try await fixture.log.wait(for: "drained")
    }

    @Test("what is left is broken off")
    func abortAll() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let client = try RawClient(port: port)
        try client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "kept")
        try await drain()
        try await fixture.onServer { $0.abortAll() }
        try await fixture.log.wait(for: "drained")
        #expect(throws: RawClient.Failure.reset) { try client.receiveAll() }
        #expect(fixture.log.events.contains("lost: aborted"))
    }

    /// Clients that go from the test to the loop or back.
    private struct Confined: @unchecked Sendable {
        // Safe: one of the two has let go of them, or waits, while the other uses them.
        let value: [RawClient]
        init(_ value: [RawClient]) { self.value = value }
    }
}
