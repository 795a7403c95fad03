import Bytes
import HTTP
import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

/// Handlers that answer other connections' requests, as a hub does that one publisher feeds.
@Suite("HTTP server: answers from elsewhere", .ownThread)
struct ServerReentrancyTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func start() async throws -> UInt16 {
        try await fixture.start { router, fixture in
            router.add(.get, "/wait/:name", "answered by /release") { request, exchange in
                let name = exchange.match?.value("name", in: request) ?? ""
                exchange.onEnd = { fixture.log.append("\(name) \($0)") }
                fixture.keep(exchange)
            }
            router.add(.get, "/release/:size", "answers all that wait, then itself") { request, exchange in
                let size = exchange.match?.value("size", in: request).flatMap { Int($0) } ?? 0
                for waiting in fixture.takeKept() { waiting.respond(.ok, body: SharedBytes(patterned(size))) }
                exchange.respond(text: "released")
            }
            router.add(.get, "/hello/:name", "hello") { request, exchange in
                exchange.respond(text: exchange.match?.value("name", in: request) ?? "")
            }
        }
    }

    @Test(
        "a handler answers a request of another connection; both have more in the pipeline", arguments: [10, 300_000])
    func crossed(size: Int) async throws {
        defer { fixture.stop() }
        let port = try await start()
        let first = try RawClient(port: port)
        let second = try RawClient(port: port)
        let get = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }
        for round in 0..<20 {
            try second.send(get("/hello/a") + get("/wait/b") + get("/hello/c") + get("/wait/d") + get("/hello/e"))
            #expect(try second.response().text == "a")
            try await fixture.log.wait(for: "kept \(round)") { $0.count { $0 == "kept" } == 2 * round + 1 }
            try first.send(get("/hello/1") + get("/release/\(size)") + get("/hello/2"))
            for expected in ["1", "released", "2"] { #expect(try first.response().text == expected) }
            #expect(try second.response().body == patterned(size))
            #expect(try second.response().text == "c")
            try await fixture.log.wait(for: "kept again") { $0.count { $0 == "kept" } == 2 * round + 2 }
            #expect(try first.get("/release/\(size)").text == "released")
            #expect(try second.response().body == patterned(size))
            #expect(try second.response().text == "e")
        }
    }

    @Test("an answer to a client that has just gone is dropped, and the server goes on")
    func answerToTheDead() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let dead = try RawClient(port: port)
        try dead.send("GET /wait/dead HTTP/1.1\r\nHost: a\r\n\r\n")
        try await fixture.log.wait(for: "kept")
        let client = try RawClient(port: port)
        dead.reset()
        #expect(try client.get("/release/300000").text == "released")
        #expect(try client.get("/hello/again").text == "again")
        try await fixture.waitForConnections(1)
    }

    @Test("an exchange that is over is used again, and nothing of the last request is seen in the next")
    func recycled() async throws {
        defer { fixture.stop() }
        let seen = EventLog<ObjectIdentifier>()
        let port = try await fixture.start { router, fixture in
            router.add(.get, "/", "leaves traces") { _, exchange in
                seen.append(ObjectIdentifier(exchange))
                #expect(exchange.onEnd == nil && exchange.onDrain == nil && exchange.commonFields.isEmpty)
                #expect(!exchange.isOver && !exchange.sendsBody && exchange.owed == nil)
                exchange.onEnd = { _ in fixture.log.append("ended") }
                exchange.onDrain = {}
                exchange.respond(text: "traces")
            }
        }
        let client = try RawClient(port: port)
        for _ in 0..<10 {
            #expect(try client.get("/").status == 200)
            #expect(try await fixture.onServer { $0.spareExchange != nil })
        }
        try await fixture.log.wait(count: 10)
        #expect(Set(seen.events).count == 1)
    }
}
