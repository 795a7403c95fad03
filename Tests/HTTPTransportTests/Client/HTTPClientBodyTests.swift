import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient bodies")
struct HTTPClientBodyTests {
    static let ok = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    /// A server that streams as many bytes as the query's `n` says, and echoes or counts what it is sent.
    private func server(onLoop index: Int = 1, tls: TLSServerContext? = nil) async throws -> HTTPOriginUnderTest {
        let pending = EventLog<Int>()
        let origin = try await bench.serve(onLoop: index, tls: tls) { router in
            router.add(.get, "/stream", "so many bytes") { request, exchange in
                let count = (try? request.target.query())?["n"].flatMap { Int($0) } ?? 0
                Streamer(exchange, count, pending).start()
            }
            router.add(.post, "/count", "how many bytes") { _, exchange in
                exchange.receiveBody(atMost: .max, into: CountingSink(exchange))
            }
        }
        return HTTPOriginUnderTest(origin: origin, pending: pending)
    }

    @Test("200 MB stream through, and little of them is ever under way")
    func large() async throws {
        defer { bench.group.shutdown() }
        let served = try await server()
        let total = 200 * 1024 * 1024
        try await bench.client { client, _ in
            let handler = RecordingHandler(bench.told, .count)
            var isWrong = false
            var next = 0
            var mostUnderWay = 0
            handler.onBody = { bytes, _ in
                if bytes[0] != Streamer.byte(at: next) { isWrong = true }
                next += bytes.byteCount
                guard next >> 22 != (next - bytes.byteCount) >> 22 else { return }
                mostUnderWay = max(mostUnderWay, (served.pending.events.last ?? 0) - next)
            }
            client.send(try served.origin.get("/stream?n=\(total)"), to: handler)
            let told = try await bench.told.wait(for: "the end", within: .seconds(120)) { $0.last?.isLast ?? false }
            #expect(told == [.responded(200), .count(total), .ended] && !isWrong)
            #expect(client.state.idle == 1, "a body read to its end leaves the connection good")
            // The kernel's buffers at both ends, which it grows as it sees fit, and what may wait in the server.
            #expect(mostUnderWay < 32 * 1024 * 1024)
        }
    }

    @Test("an owner that holds the body back holds the server back")
    func backpressure() async throws {
        defer { bench.group.shutdown() }
        let served = try await server()
        let total = 64 * 1024 * 1024
        try await bench.client { client, actor in
            let handler = RecordingHandler(bench.told, .count)
            handler.onResponded = { $0.pauseResponse() }
            let exchange = client.send(try served.origin.get("/stream?n=\(total)"), to: handler)
            // The server is blocked when both kernels' buffers are full.
            try await served.pending.wait(for: "blocked") { !$0.isEmpty }
            await actor.pause(for: .milliseconds(100))
            let sent = served.pending.events.last ?? 0
            #expect(handler.total == 0 && sent < total / 2)
            exchange.resumeResponse()
            let told = try await bench.told.ends()
            #expect(told == [.responded(200), .count(total), .ended])
        }
    }

    @Test(
        "a body that is paused and resumed at every piece arrives whole, with and without TLS",
        arguments: [false, true])
    func stopAndGo(secure: Bool) async throws {
        defer { bench.group.shutdown() }
        let trust = try Trust()
        let served = try await server(tls: secure ? trust.server : nil)
        let total = 8 * 1024 * 1024 + 1
        var options = HTTPClientOptions()
        options.tls = trust.client
        try await bench.client(options) { client, actor in
            let handler = RecordingHandler(bench.told, .count)
            var isWrong = false
            var next = 0
            handler.onBody = { bytes, exchange in
                for position in stride(from: 0, to: bytes.byteCount, by: 97)
                where bytes[position] != Streamer.byte(at: next + position) { isWrong = true }
                next += bytes.byteCount
                exchange.pauseResponse()
                actor.loop.afterRound { exchange.resumeResponse() }
            }
            client.send(try served.origin.get("/stream?n=\(total)"), to: handler)
            let told = try await bench.told.ends()
            #expect(told == [.responded(200), .count(total), .ended] && !isWrong)
            #expect(client.state.idle == 1)
        }
    }

    @Test("what had come before the connection was lost is still delivered to an owner that held it back")
    func lostWhilePaused() async throws {
        defer { bench.group.shutdown() }
        let answer = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        let origin = try await bench.play([.request, answer, .pause(.milliseconds(30)), .reset])
        try await bench.client { client, actor in
            let handler = RecordingHandler(bench.told)
            handler.onResponded = { $0.pauseResponse() }
            let exchange = client.send(try origin.get(), to: handler)
            try await bench.peer.wait(for: .ended(0))
            await actor.pause(for: .milliseconds(50))
            exchange.resumeResponse()
            let told = try await bench.told.ends()
            #expect(told == [.responded(200), .body("hello"), .failed(.closed(.reset), elsewhere: false)])
        }
    }

    @Test("a large body in memory is sent by and by, and its connection serves again", arguments: [false, true])
    func largeRequest(secure: Bool) async throws {
        defer { bench.group.shutdown() }
        let trust = try Trust()
        let served = try await server(tls: secure ? trust.server : nil)
        let body = SharedBytes([UInt8](repeating: 9, count: 24 * 1024 * 1024))
        var options = HTTPClientOptions()
        options.tls = trust.client
        try await bench.client(options) { client, actor in
            for _ in 0..<2 {
                var request = HTTPClientRequest(.post, try served.origin.url("/count"))
                request.body = .bytes(body)
                let fetched = try await client.fetch(request, on: actor)
                #expect(fetched.body == SharedBytes("\(body.count)"))
            }
            #expect(client.counters.connectionsOpened == 1)
        }
    }

    @Test(
        "a streamed body is written with backpressure, chunked or of a declared length, at once or after leave",
        arguments: [true, false], [true, false])
    func streamedRequest(declared: Bool, expects: Bool) async throws {
        defer { bench.group.shutdown() }
        let served = try await server(onLoop: 0)
        // More than the kernel takes at once.
        let total = 32 * 1024 * 1024
        try await bench.client { client, _ in
            let handler = RecordingHandler(bench.told)
            let piece = SharedBytes([UInt8](repeating: 5, count: 64 * 1024))
            var left = total
            handler.onWanted = { exchange in
                while left > 0, !exchange.isBlocked {
                    exchange.write(piece)
                    left -= piece.count
                }
                if left == 0 { exchange.end() }
            }
            var request = HTTPClientRequest(.post, try served.origin.url("/count"))
            request.body = .stream(length: declared ? total : nil)
            request.expectsContinue = expects
            client.send(request, to: handler)
            let told = try await bench.told.ends()
            #expect(told.suffix(3) == [.responded(200), .body("\(total)"), .ended])
            #expect(told.count { $0 == .bodyWanted } > 1, "the socket was full now and then")
            #expect(client.state.idle == 1)
        }
    }

    @Test("the body waits for `100 Continue`, and goes without it when that does not come")
    func expectation() async throws {
        defer { bench.group.shutdown() }
        let patient: [Step] = [
            .request, .pause(.milliseconds(30)), .say("HTTP/1.1 100 Continue\r\n\r\n"), .body(3), Self.ok,
        ]
        let silent: [Step] = [.request, .body(3), Self.ok]
        let origin = try await bench.play(patient + silent)
        var options = HTTPClientOptions()
        options.continueTimeout = .milliseconds(100)
        try await bench.client(options) { client, actor in
            for _ in 0..<2 {
                let request = try origin.post(.bytes(SharedBytes("pay"))) { $0.expectsContinue = true }
                let fetched = try await client.fetch(request, on: actor)
                #expect(fetched.body == SharedBytes("ok"))
            }
            #expect(client.counters.connectionsOpened == 1)
        }
    }

    @Test("an answer instead of `100 Continue` keeps the body here and ends the connection")
    func expectationDenied() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, .say("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")])
        try await bench.client { client, actor in
            let request = try origin.post(.bytes(SharedBytes("pay"))) { $0.expectsContinue = true }
            let fetched = try await client.fetch(request, on: actor)
            #expect(fetched.status == .expectationFailed && client.state == HTTPClientState.empty)
        }
        try await bench.peer.wait(for: .clientFinished(0))
        #expect(!bench.peer.events.contains(.more("pay")))
    }

    @Test(
        "an answer that comes before the request is whole is heard, and the rest of the request is not sent",
        arguments: [Step.end, .reset])
    func earlyAnswer(ending: Step) async throws {
        defer { bench.group.shutdown() }
        let answer = Step.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        let origin = try await bench.play([.request, answer, ending])
        try await bench.client { client, actor in
            let request = try origin.post(.bytes(SharedBytes([UInt8](repeating: 1, count: 32 * 1024 * 1024))))
            let fetched = try await client.fetch(request, on: actor)
            #expect(fetched.status == .contentTooLarge && client.state == HTTPClientState.empty)
        }
    }

    @Test("a body of another length than was declared breaks the request off", arguments: [false, true])
    func wrongLength(isLong: Bool) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request])
        try await bench.client { client, _ in
            let handler = RecordingHandler(bench.told)
            handler.onWanted = { exchange in
                exchange.write(SharedBytes("12"))
                if isLong { exchange.write(SharedBytes("34")) } else { exchange.end() }
            }
            client.send(try origin.post(.stream(length: 3)), to: handler)
            let told = try await bench.told.ends()
            #expect(told == [.bodyWanted, .failed(.invalidRequest(.bodyLength), elsewhere: false)])
            #expect(client.state == HTTPClientState.empty)
        }
        try await bench.peer.wait(for: .closed(0))
    }

    @Test("an empty streamed body is a body of no bytes", arguments: [0, nil] as [Int?])
    func emptyStream(length: Int?) async throws {
        defer { bench.group.shutdown() }
        let served = try await server()
        try await bench.client { client, _ in
            let handler = RecordingHandler(bench.told)
            handler.onWanted = { $0.end() }
            var request = HTTPClientRequest(.post, try served.origin.url("/count"))
            request.body = .stream(length: length)
            client.send(request, to: handler)
            let told = try await bench.told.ends()
            #expect(told.suffix(3) == [.responded(200), .body("0"), .ended])
            #expect(client.state.idle == 1)
        }
    }
}

/// A server that streams, and how much it had sent each time that it was blocked.
struct HTTPOriginUnderTest: Sendable {
    let origin: Origin
    let pending: EventLog<Int>
}

/// Streams so many bytes as fast as the client takes them.
final class Streamer {
    static func byte(at position: Int) -> UInt8 { UInt8(truncatingIfNeeded: position % 251) }

    /// As many bytes as the pattern needs to begin anew.
    private static let block: SharedBytes = {
        SharedBytes((0..<(251 * 256)).map { byte(at: $0) })
    }()

    private let exchange: HTTPExchange
    private let total: Int
    private var left: Int
    private let pending: EventLog<Int>

    init(_ exchange: HTTPExchange, _ count: Int, _ pending: EventLog<Int>) {
        self.exchange = exchange
        self.pending = pending
        total = count
        left = count
    }

    func start() {
        exchange.onDrain = { self.pump() }
        exchange.onEnd = { _ in self.exchange.onDrain = nil }
        exchange.begin(.ok, Fields(), left % 2 == 0 ? .length(left) : .stream)
        pump()
    }

    private func pump() {
        while left > 0, !exchange.isBlocked, !exchange.isOver {
            let size = min(left, Self.block.count)
            exchange.write(Self.block[0..<size])
            left -= size
        }
        if left == 0 { exchange.end() } else { pending.append(total - left) }
    }
}

private final class CountingSink: HTTPBodySink {
    private let exchange: HTTPExchange
    private var count = 0
    init(_ exchange: HTTPExchange) { self.exchange = exchange }
    func bodyArrived(_ bytes: RawSpan) { count += bytes.byteCount }
    func bodyEnded() { exchange.respond(.ok, body: SharedBytes("\(count)")) }
    func bodyFailed() {}
}
