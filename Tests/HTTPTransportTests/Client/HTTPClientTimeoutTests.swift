import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient timeouts")
struct HTTPClientTimeoutTests {
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    private func expect(
        _ timeout: HTTPClientError.Timeout, elsewhere: Bool, _ script: [Step],
        _ request: @escaping @Sendable (Origin) throws -> HTTPClientRequest = { try $0.get() },
        _ change: (inout HTTPClientOptions) -> Void
    ) async throws {
        let origin = try await bench.play(script)
        var options = HTTPClientOptions()
        change(&options)
        try await bench.client(options) { client, actor in
            let wanted = try request(origin)
            let error = await failure { _ = try await client.fetch(wanted, on: actor) }
            #expect(error == HTTPClientError(kind: .timeout(timeout), mayRetryElsewhere: elsewhere))
            #expect(client.state == HTTPClientState.empty)
        }
        // A peer that does not read does not hear of the end either.
        if case .deaf = script.first { return }
        try await bench.peer.wait(for: .closed(0))
    }

    @Test("a server that does not answer a TLS handshake")
    func handshake() async throws {
        defer { bench.group.shutdown() }
        var configuration = TLSClientConfiguration()
        configuration.verification = .none
        let tls = try TLSClientContext(configuration)
        try await expect(.connect, elsewhere: true, []) { origin in
            let url = try HTTPURL("https://127.0.0.1:\(origin.port)/")
            return HTTPClientRequest(.post, url)
        } _: { options in
            options.connectTimeout = .milliseconds(50)
            options.tls = tls
        }
    }

    @Test("a server that does not answer a GET, which may then be tried elsewhere")
    func head() async throws {
        defer { bench.group.shutdown() }
        try await expect(.head, elsewhere: true, [.request]) { $0.headTimeout = .milliseconds(50) }
    }

    @Test("a server that does not answer a POST, which may have had its effect")
    func headOfPost() async throws {
        defer { bench.group.shutdown() }
        try await expect(.head, elsewhere: false, [.request]) {
            try $0.post(.bytes(SharedBytes("pay")))
        } _: {
            $0.headTimeout = .milliseconds(50)
        }
    }

    @Test("a head that trickles has one deadline")
    func trickledHead() async throws {
        defer { bench.group.shutdown() }
        let trickle: [Step] = (0..<200).flatMap { _ in [Step.say("X: y\r\n"), .pause(.milliseconds(5))] }
        try await expect(.head, elsewhere: false, [.request, .say("HTTP/1.1 200 OK\r\n")] + trickle) {
            $0.headTimeout = .milliseconds(100)
        }
    }

    @Test("a body that stops")
    func body() async throws {
        defer { bench.group.shutdown() }
        let script: [Step] = [.request, .say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
        try await expect(.body, elsewhere: false, script) { $0.bodyTimeout = .milliseconds(50) }
    }

    @Test("a body that trickles lives as long as it moves")
    func trickledBody() async throws {
        defer { bench.group.shutdown() }
        let trickle: [Step] = (0..<20).flatMap { _ in [Step.pause(.milliseconds(60)), .say("x")] }
        let origin = try await bench.play([.request, .say("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")] + trickle)
        var options = HTTPClientOptions()
        options.bodyTimeout = .seconds(1)
        options.headTimeout = .seconds(1)
        try await bench.client(options) { client, actor in
            let fetched = try await client.fetch(origin.get(), on: actor)
            #expect(fetched.body.count == 20)
        }
    }

    @Test("the time for which the owner holds a body back does not count")
    func pausedBody() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([
            .request, .say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), .pause(.milliseconds(10)),
            .say("world"),
        ])
        var options = HTTPClientOptions()
        options.bodyTimeout = .milliseconds(50)
        try await bench.client(options) { client, actor in
            let handler = RecordingHandler(bench.told)
            handler.onResponded = { $0.pauseResponse() }
            let exchange = client.send(try origin.get(), to: handler)
            try await bench.told.wait(for: .responded(200))
            await actor.pause(for: .milliseconds(150))
            exchange.resumeResponse()
            let told = try await bench.told.ends()
            #expect(told.first == .responded(200) && told.last == .ended && handler.total == 10)
        }
    }

    @Test("a request that the server does not take")
    func write() async throws {
        defer { bench.group.shutdown() }
        let large = SharedBytes([UInt8](repeating: 7, count: 32 * 1024 * 1024))
        try await expect(.write, elsewhere: false, [.deaf]) {
            try $0.post(.bytes(large))
        } _: {
            $0.writeTimeout = .milliseconds(1_000)
        }
    }

    @Test("the whole, however the parts move")
    func whole() async throws {
        defer { bench.group.shutdown() }
        let trickle: [Step] = (0..<500).flatMap { _ in [Step.pause(.milliseconds(5)), .say("x")] }
        try await expect(.whole, elsewhere: false, [.request, .say("HTTP/1.1 200 OK\r\n\r\n")] + trickle) {
            try $0.get { $0.timeout = .milliseconds(80) }
        } _: { _ in
        }
    }
}
