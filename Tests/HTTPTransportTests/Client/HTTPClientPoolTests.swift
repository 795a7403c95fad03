import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient pools")
struct HTTPClientPoolTests {
    static let ok = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    private static func options(_ change: (inout HTTPClientOptions) -> Void) -> HTTPClientOptions {
        var options = HTTPClientOptions()
        change(&options)
        return options
    }

    /// A server that answers `/hold` when `release` is asked for, and everything else at once.
    private func holdingServer() async throws -> Origin {
        try await bench.serve { router in
            let held = HeldExchanges()
            router.add(.get, "/", "at once") { _, exchange in exchange.respond(.ok, body: SharedBytes("ok")) }
            router.add(.get, "/hold", "later") { _, exchange in held.exchanges.append(exchange) }
            router.add(.get, "/release", "lets those go") { _, exchange in
                for exchange in held.exchanges { exchange.respond(.ok, body: SharedBytes("held")) }
                held.exchanges = []
                exchange.respond(.ok)
            }
        }
    }

    @Test("requests one after the other share a connection, also where each is sent from the end of the one before")
    func reuse() async throws {
        defer { bench.group.shutdown() }
        let origin = try await holdingServer()
        try await bench.client { client, actor in
            for _ in 0..<50 {
                let fetched = try await client.fetch(origin.get(), on: actor)
                #expect(fetched.body == SharedBytes("ok"))
            }
            #expect(client.counters.connectionsOpened == 1 && client.counters.connectionsReused == 49)
            #expect(client.state.idle == 1 && client.state.connections == 1)

            let request = try origin.get()
            let handler = RecordingHandler(bench.told)
            var left = 20
            handler.onEnd = {
                left -= 1
                if left > 0 { client.send(request, to: handler) }
            }
            client.send(request, to: handler)
            try await bench.told.ends(20)
            #expect(client.counters.connectionsOpened == 1 && client.counters.requests == 70)
        }
    }

    @Test("no more connections than allowed are opened, and whoever waits is served in order")
    func bound() async throws {
        defer { bench.group.shutdown() }
        let script = Array(repeating: [Step.request, .pause(.milliseconds(5)), Self.ok], count: 20).flatMap { $0 }
        let origin = try await bench.play(script)
        try await bench.client(Self.options { $0.maximumConnectionsPerOrigin = 2 }) { client, _ in
            let request = try origin.get()
            for _ in 0..<20 { client.send(request, to: RecordingHandler(bench.told)) }
            #expect(client.state.connections == 2 && client.state.waiting == 18)
            try await bench.told.ends(20)
            #expect(client.counters.connectionsOpened == 2 && client.state.idle == 2 && client.state.waiting == 0)
        }
        #expect(bench.told.events.count { $0 == .body("ok") } == 20)
        #expect(bench.peer.accepted == 2)
    }

    @Test("whoever waits first is served first")
    func order() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play(Array(repeating: [Step.request, Self.ok], count: 5).flatMap { $0 })
        try await bench.client(Self.options { $0.maximumConnectionsPerOrigin = 1 }) { client, _ in
            for number in 0..<5 { client.send(try origin.get("/\(number)"), to: RecordingHandler(bench.told)) }
            try await bench.told.ends(5)
        }
        #expect(bench.peer.requestLines == (0..<5).map { "0 GET /\($0) HTTP/1.1" })
    }

    @Test("a full queue refuses, a long wait ends, and neither request has been anywhere")
    func queueBounds() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request])
        let options = Self.options {
            $0.maximumConnectionsPerOrigin = 1
            $0.maximumWaitingPerOrigin = 1
            $0.waitTimeout = .milliseconds(50)
        }
        try await bench.client(options) { client, _ in
            let (request, log) = (try origin.post(.none), bench.told)
            for _ in 0..<3 { client.send(request, to: RecordingHandler(log)) }
            let told = try await log.ends(2)
            #expect(
                told == [.failed(.overloaded, elsewhere: true), .failed(.timeout(.wait), elsewhere: true)])
            #expect(client.counters.requestsRefused == 1 && client.state.waiting == 0)
        }
    }

    @Test("where all connections are taken, idle ones of other origins give way, and then requests are refused")
    func totalBound() async throws {
        defer { bench.group.shutdown() }
        let (first, second) = (try await holdingServer(), try await holdingServer())
        try await bench.client(Self.options { $0.maximumConnections = 1 }) { client, actor in
            _ = try await client.fetch(first.get(), on: actor)
            _ = try await client.fetch(second.get(), on: actor)
            #expect(client.state.connections == 1 && client.state.origins == 1)
            client.send(try second.get("/hold"), to: RecordingHandler(bench.told))
            let error = await failure { _ = try await client.fetch(first.get(), on: actor) }
            #expect(error == HTTPClientError(kind: .overloaded, mayRetryElsewhere: true))
            #expect(client.state.origins == 1)
        }
    }

    @Test("no more idle connections are kept than allowed")
    func idleBound() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok])
        try await bench.client(Self.options { $0.maximumIdlePerOrigin = 2 }) { client, _ in
            let request = try origin.get()
            for _ in 0..<5 { client.send(request, to: RecordingHandler(bench.told)) }
            try await bench.told.ends(5)
            #expect(client.counters.connectionsOpened == 5)
            #expect(client.state.idle == 2 && client.state.connections == 2)
            client.closeIdle()
            #expect(client.state == HTTPClientState.empty)
        }
    }

    @Test("an idle connection that the server closes, resets or speaks on is dropped at once", arguments: [0, 1, 2])
    func idleLost(how: Int) async throws {
        defer { bench.group.shutdown() }
        let last: Step = [Step.end, .reset, .say("HTTP/1.1 408 Request Timeout\r\n\r\n")][how]
        let origin = try await bench.play([.request, Self.ok, .pause(.seconds(1)), last], [.request, Self.ok])
        try await bench.client { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            #expect(client.state.idle == 1)
            try await bench.peer.wait(for: .closed(0))
            // The peer's word has been on its way for as long as ours comes back.
            for _ in 0..<1_000 where client.state != HTTPClientState.empty { await actor.pause(for: .milliseconds(10)) }
            #expect(client.state == HTTPClientState.empty && client.counters.idleLost == 1)
            let fetched = try await client.fetch(origin.get(), on: actor)
            #expect(fetched.body == SharedBytes("ok") && client.counters.requestsRetried == 0)
        }
    }

    @Test("an idle connection is closed after its lifetime")
    func idleLifetime() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok])
        try await bench.client(Self.options { $0.idleLifetime = .milliseconds(30) }) { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            try await bench.peer.wait(for: .clientFinished(0))
            #expect(client.state == HTTPClientState.empty && client.counters.idleExpired == 1)
        }
    }

    @Test("what follows an answer is never taken for the next one's")
    func extraBytes() async throws {
        defer { bench.group.shutdown() }
        let spoiled = Step.say(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        let origin = try await bench.play([.request, spoiled], [.request, Self.ok])
        try await bench.client(Self.options { $0.maximumConnectionsPerOrigin = 1 }) { client, _ in
            let request = try origin.get()
            for _ in 0..<2 { client.send(request, to: RecordingHandler(bench.told)) }
            let told = try await bench.told.ends(2)
            #expect(told == [.responded(200), .body("ok"), .ended, .responded(200), .body("ok"), .ended])
            #expect(client.counters.connectionsOpened == 2)
        }
    }

    @Test("origins, schemes and hosts do not share connections")
    func keys() async throws {
        defer { bench.group.shutdown() }
        let (first, second) = (try await holdingServer(), try await holdingServer())
        try await bench.client { client, actor in
            for origin in [first, second, first, second] { _ = try await client.fetch(origin.get(), on: actor) }
            #expect(client.counters.connectionsOpened == 2 && client.state.origins == 2)
        }
    }
}

/// Exchanges of a server that wait for another request.
private final class HeldExchanges {
    var exchanges: [HTTPExchange] = []
}
