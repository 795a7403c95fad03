import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("Bodies that are passed on in pieces")
struct BodyPiecesTests {
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    @Test(
        "pieces of lent bytes arrive whole and in order, in chunks or by length, with TLS and without",
        arguments: [false, true], [false, true])
    func whole(isSecure: Bool, isChunked: Bool) async throws {
        defer { bench.group.shutdown() }
        let trust = try Trust()
        let total = 6_000_001
        let origin = try await bench.serve(tls: isSecure ? trust.server : nil) { router in
            router.add(.get, "/", "pieces") { _, exchange in
                PieceSender(exchange, total).start(isChunked ? .stream : .length(total))
            }
        }
        var options = HTTPClientOptions()
        options.tls = trust.client
        try await bench.client(options) { client, actor in
            let handler = RecordingHandler(bench.told, .count)
            var (next, isWrong, calls) = (0, false, 0)
            handler.onBody = { bytes, exchange in
                if !StreamPattern.matches(bytes, from: next) { isWrong = true }
                next += bytes.byteCount
                calls += 1
                guard calls.isMultiple(of: 50) else { return }
                exchange.pauseResponse()
                actor.loop.afterRound { exchange.resumeResponse() }
            }
            client.send(try origin.get { $0.gathersBody = true }, to: handler)
            let told = try await bench.told.wait(for: "the end", within: .seconds(60)) { $0.last?.isLast ?? false }
            #expect(told == [.responded(200), .count(total), .ended] && !isWrong)
            #expect(client.state.idle == 1)
        }
    }

    @Test("an owner who gives up over a piece hears nothing more, and the connection is gone")
    func givenUp() async throws {
        defer { bench.group.shutdown() }
        let answer = Step.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")
        let origin = try await bench.play([.request, answer])
        try await bench.client { client, _ in
            let handler = RecordingHandler(bench.told, .count)
            handler.onBody = { _, exchange in exchange.cancel() }
            client.send(try origin.get { $0.gathersBody = true }, to: handler)
            try await bench.told.wait(for: "the end") { $0.last?.isLast ?? false }
            #expect(client.state.connections == 0 && client.state.idle == 0)
        }
    }
}

/// Sends `StreamPattern` in pieces with junk in between, until it is blocked, and goes on from there.
private final class PieceSender {
    private let exchange: HTTPExchange
    private let total: Int
    private var position = 0
    private var draw = SplitMix(seed: 5)

    init(_ exchange: HTTPExchange, _ total: Int) {
        self.exchange = exchange
        self.total = total
    }

    func start(_ body: OutgoingBody) {
        exchange.onDrain = { self.pump() }
        exchange.onEnd = { _ in self.exchange.onDrain = nil }
        exchange.begin(.ok, Fields(), body)
        pump()
    }

    private func pump() {
        while position < total, !exchange.isBlocked {
            var bytes: [UInt8] = []
            var ranges: [Range<Int>] = []
            for _ in 0..<Int.random(in: 1...70, using: &draw) where position < total {
                bytes += [0xFF, 0xFE]
                let size = min(Int.random(in: 0...3_000, using: &draw), total - position)
                ranges.append(bytes.count..<bytes.count + size)
                bytes += StreamPattern.bytes(from: position, count: size)
                position += size
            }
            exchange.write(SpanPieces(ranges, of: bytes.rawSpan))
        }
        if position == total { exchange.end() }
    }
}
