import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient cancellation", .serialized)
struct HTTPClientCancelTests {
    static let ok = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    static let cancelled = Told.failed(.cancelled, elsewhere: false)
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    @Test("a request is given up while it connects, waits, is unanswered, half answered, held back, or paused")
    func everywhere() async throws {
        defer { bench.group.shutdown() }
        let half = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        let origin = try await bench.play([.request, half])
        var options = HTTPClientOptions()
        options.maximumConnectionsPerOrigin = 1
        try await bench.client(options) { client, _ in
            let connecting = client.send(try origin.get(), to: RecordingHandler(bench.told))
            let waiting = client.send(try origin.get(), to: RecordingHandler(bench.told))
            waiting.cancel()
            connecting.cancel()
            connecting.cancel()
            #expect(connecting.isOver && client.state == HTTPClientState.empty)
            try await bench.told.wait(count: 2)
            #expect(bench.told.events == [Self.cancelled, Self.cancelled])

            for isPaused in [false, true] {
                let answered = EventLog<Told>()
                let handler = RecordingHandler(answered)
                if isPaused { handler.onResponded = { $0.pauseResponse() } }
                let exchange = client.send(try origin.get(), to: handler)
                let last: Told = isPaused ? .responded(200) : .body("hello")
                try await answered.wait(for: last)
                exchange.cancel()
                try await answered.wait(for: Self.cancelled)
                exchange.resumeResponse()
                #expect(answered.events.count { $0.isLast } == 1 && client.state == HTTPClientState.empty)
            }
        }
        try await bench.peer.wait(for: "both to be closed") { events in
            events.contains(.closed(events.count { $0 == .accepted } - 1))
        }
    }

    @Test("cancelling from inside a callback is the last that happens, bytes that had come included")
    func insideCallback() async throws {
        defer { bench.group.shutdown() }
        let answer = Step.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")
        let origin = try await bench.play([.request, answer])
        try await bench.client { client, actor in
            let handler = RecordingHandler(bench.told)
            handler.onBody = { _, exchange in exchange.cancel() }
            client.send(try origin.get(), to: handler)
            try await bench.told.ends()
            await actor.pause(for: .milliseconds(20))
            #expect(bench.told.events == [.responded(200), .body("a"), Self.cancelled])
            #expect(client.state == HTTPClientState.empty)
        }
    }

    @Test("cancelling as soon as the last byte has come is still the only end that is told")
    func afterLastByte() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok, .request, Self.ok])
        try await bench.client { client, actor in
            let handler = RecordingHandler(bench.told)
            handler.onBody = { _, exchange in
                // Behind the end of the answer, and before that is told.
                exchange.loop.afterRound { exchange.cancel() }
            }
            client.send(try origin.get(), to: handler)
            try await bench.told.ends()
            await actor.pause(for: .milliseconds(10))
            #expect(bench.told.events.count { $0.isLast } == 1)
        }
    }

    @Test("a thousand requests given up in the middle leave no descriptor")
    func descriptors() async throws {
        defer { bench.group.shutdown() }
        let half = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        let origin = try await bench.play([.request, half])
        let before = ProcessSelf.openDescriptors
        try await bench.client { client, actor in
            for round in 0..<20 {
                let log = EventLog<Told>()
                for _ in 0..<50 {
                    let handler = RecordingHandler(log)
                    handler.onBody = { _, exchange in exchange.cancel() }
                    client.send(try origin.get(), to: handler)
                }
                try await log.ends(50)
                #expect(client.state == HTTPClientState.empty, "round \(round)")
            }
        }
        try await bench.peer.wait(for: "every connection's end") { events in
            events.count { if case .closed = $0 { true } else { false } } == 1_000
        }
        // Suites that run beside this one open some of their own.
        #expect(ProcessSelf.openDescriptors < before + 200)
    }

    @Test("a task that is cancelled gives its fetch up, on the loop")
    func fetchCancelled() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request])
        let request = try origin.get()
        let (resolver, told) = (bench.resolver, bench.told)
        let task = bench.group.loops[0].run { actor in
            let client = HTTPClient(on: actor.loop, resolver: resolver)
            defer { client.shutDown() }
            do {
                _ = try await client.fetch(request, on: actor)
            } catch let error as HTTPClientError {
                told.append(.failed(error.kind, elsewhere: error.mayRetryElsewhere))
            }
            #expect(client.state == HTTPClientState.empty)
        }
        try await bench.peer.wait(for: "the request") { $0.count > 1 }
        task.cancel()
        try await told.wait(for: Self.cancelled)
        try await task.value
        try await bench.peer.wait(for: .closed(0))
    }

    @Test("a client that shuts down ends everything, and takes nothing more")
    func shutDown() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.ok, .request], [.request])
        var options = HTTPClientOptions()
        options.maximumConnectionsPerOrigin = 2
        try await bench.client(options) { client, actor in
            _ = try await client.fetch(origin.get(), on: actor)
            for _ in 0..<4 { client.send(try origin.get(), to: RecordingHandler(bench.told)) }
            #expect(client.state.waiting == 2 && client.state.connections == 2)
            client.shutDown()
            client.send(try origin.get(), to: RecordingHandler(bench.told))
            let told = try await bench.told.ends(5)
            #expect(told == Array(repeating: Self.cancelled, count: 5))
            #expect(client.state == HTTPClientState.empty)
        }
    }
}
