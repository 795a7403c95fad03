import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

/// A server for 127.0.0.1 and a client that trusts it, and nobody else.
struct Trust {
    let server: TLSServerContext
    let client: TLSClientContext

    init(_ name: String = "One root", addresses: [String] = ["127.0.0.1"]) throws {
        let authority = try TestAuthority(name: name)
        let certificate = try authority.issue("origin.test", addresses: addresses)
        server = try TLSServerContext(
            TLSServerConfiguration(identities: [
                TLSIdentity(
                    certificates: .bytes(Array(certificate.chain.utf8), name: "chain"),
                    privateKey: .bytes(Array(certificate.privateKey.utf8), name: "key"))
            ]))
        var configuration = TLSClientConfiguration()
        configuration.authorities = .custom(.bytes(Array(authority.certificate.utf8), name: "authority"))
        client = try TLSClientContext(configuration)
    }
}

@Suite("HTTPClient over TLS")
struct HTTPClientTLSTests {
    static let ok = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    private func options(_ tls: TLSClientContext?) -> HTTPClientOptions {
        var options = HTTPClientOptions()
        options.tls = tls
        return options
    }

    @Test("a server whose certificate is trusted is spoken to, on one connection")
    func trusted() async throws {
        defer { bench.group.shutdown() }
        let trust = try Trust()
        let origin = try await bench.play(
            Array(repeating: [Step.request, Self.ok], count: 3).flatMap { $0 }, tls: trust.server)
        try await bench.client(options(trust.client)) { client, actor in
            for _ in 0..<3 {
                let fetched = try await client.fetch(origin.get(), on: actor)
                #expect(fetched.body == SharedBytes("ok"))
            }
            #expect(client.counters.connectionsOpened == 1)
        }
    }

    @Test("a certificate of an authority that is not trusted, or for another address, ends the connect")
    func untrusted() async throws {
        defer { bench.group.shutdown() }
        let (trust, other) = (try Trust(), try Trust("Another root", addresses: ["127.0.0.2"]))
        let expected: [(TLSServerContext, TLSClientContext, TLSError.CertificateFault)] = [
            (trust.server, other.client, .unknownAuthority), (other.server, other.client, .wrongName),
        ]
        for (server, context, fault) in expected {
            let origin = try await bench.play([.request, Self.ok], tls: server)
            try await bench.client(options(context)) { client, actor in
                let error = await failure { _ = try await client.fetch(origin.post(.none), on: actor) }
                guard case .tls(let refused) = error?.kind else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(refused.kind == .certificate(fault) && error?.mayRetryElsewhere == true)
                #expect(client.state == HTTPClientState.empty)
            }
        }
        #expect(bench.peer.requestLines.isEmpty)
    }

    @Test("a request may bring its own trust, and its connections are its own")
    func ownContext() async throws {
        defer { bench.group.shutdown() }
        let (trust, other) = (try Trust(), try Trust("Another root"))
        let origin = try await bench.play([.request, Self.ok], tls: trust.server)
        try await bench.client(options(other.client)) { client, actor in
            _ = try await client.fetch(origin.get { $0.tls = trust.client }, on: actor)
            let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
            guard case .tls = error?.kind else {
                Issue.record("a connection made with another's trust was used: \(String(describing: error))")
                return
            }
        }
    }

    @Test("without a TLS context `https` is refused before anything is sent")
    func noContext() async throws {
        defer { bench.group.shutdown() }
        try await bench.client { client, actor in
            let request = HTTPClientRequest(.get, try HTTPURL("https://127.0.0.1:1/"))
            let error = await failure { _ = try await client.fetch(request, on: actor) }
            #expect(error == HTTPClientError(kind: .invalidRequest(.noTLS), mayRetryElsewhere: false))
        }
    }

    @Test("a body until close is whole only where TLS itself was ended", arguments: [true, false])
    func truncation(orderly: Bool) async throws {
        defer { bench.group.shutdown() }
        let trust = try Trust()
        let relayed = try await bench.play(
            [
                .request, .say("HTTP/1.1 200 OK\r\n\r\nhello"), .pause(.milliseconds(30)),
                orderly ? .end : .pause(.seconds(60)),
            ],
            tls: trust.server)
        // Somebody in between cuts the connection in good TCP order, without TLS's own end.
        let cutter = try await bench.cutter(to: relayed.port, after: .milliseconds(200), cuts: !orderly)
        let origin = Origin(scheme: "https", port: cutter)
        try await bench.client(options(trust.client)) { client, actor in
            if orderly {
                let fetched = try await client.fetch(origin.get(), on: actor)
                #expect(fetched.body == SharedBytes("hello"))
            } else {
                let error = await failure { _ = try await client.fetch(origin.get(), on: actor) }
                #expect(error == HTTPClientError(kind: .closed(nil), mayRetryElsewhere: false))
            }
        }
    }
}

// MARK: - A cut in between

extension ClientBench {
    /// Relays connections to `port`, and where it `cuts` ends the client's side after a time. Returns its own port.
    func cutter(to port: UInt16, after time: Duration, cuts: Bool) async throws -> UInt16 {
        try await group.loops[1].run { actor in
            let acceptor = CutterAcceptor(port: port, time: cuts ? time : nil, on: actor.loop)
            return try TCPListener(
                .loopback(port: 0), on: actor.loop, options: TCPOptions(), acceptor: acceptor
            ).address.port
        }.value
    }
}

private final class CutterAcceptor: TCPAcceptor {
    private let port: UInt16
    private let time: Duration?
    private let loop: EventLoop

    init(port: UInt16, time: Duration?, on loop: EventLoop) {
        self.port = port
        self.time = time
        self.loop = loop
    }

    func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? {
        let (near, far) = (Leg(), Leg())
        let other = try? TCPConnection.connect(
            to: .loopback(port: port), on: loop, options: TCPOptions(), handler: far)
        near.other = other
        far.other = connection
        if let time { _ = loop.arm(after: time, Cut(connection)) }
        return near
    }

    private final class Leg: TCPHandler {
        var other: TCPConnection?
        func received(_ bytes: RawSpan, on connection: TCPConnection) { other?.write(bytes) }
        func peerFinished(_ connection: TCPConnection) { other?.finishOutput() }
        func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { other = nil }
    }

    private final class Cut: TimerTarget {
        private let connection: TCPConnection
        init(_ connection: TCPConnection) { self.connection = connection }
        func timerFired(_ token: UInt32) { connection.close() }
    }
}
