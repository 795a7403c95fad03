import HTTP
import Reactor
import Synchronization
import TestKit
import Testing

@testable import HTTPTransport

@Suite("HTTP server: fairness")
struct FairnessTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    @Test("a client that sends a thousand requests ahead lets others on its loop have their turn", arguments: [1, 32])
    func pipelinedRequests(requestsPerTurn: Int) async throws {
        defer { fixture.stop() }
        let othersTurn = EventLog<Int>()
        var options = HTTPServerOptions()
        options.requestsPerTurn = requestsPerTurn
        let counters = Counters(othersTurn)
        let port = try await fixture.start(options) { router, _ in
            router.add(.get, "/", "counts") { _, exchange in
                // What waits on the loop meanwhile: it runs at the end of the round.
                if counters.add() == 1 { exchange.loop?.handle.submit { _ in counters.tell() } }
                exchange.respond(text: "fine")
            }
        }
        let client = try RawClient(port: port)
        try client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 1_000))
        for _ in 0..<1_000 { #expect(try client.response().text == "fine") }
        #expect(try await othersTurn.wait(count: 1)[0] <= requestsPerTurn)
    }
}

/// Requests so far, and how many they were when others had their turn.
private final class Counters: Sendable {
    private let answered = Mutex(0)
    private let othersTurn: EventLog<Int>

    init(_ othersTurn: EventLog<Int>) { self.othersTurn = othersTurn }

    func add() -> Int {
        answered.withLock { count in
            count += 1
            return count
        }
    }

    func tell() { othersTurn.append(answered.withLock { $0 }) }
}
