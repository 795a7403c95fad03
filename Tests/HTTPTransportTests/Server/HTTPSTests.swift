import Bytes
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("HTTP server: TLS", .ownThread)
struct HTTPSTests {
    let fixture: ServerFixture
    let directory: TemporaryDirectory
    let authority: TestAuthority

    init() throws {
        fixture = try ServerFixture()
        directory = try TemporaryDirectory()
        authority = try TestAuthority()
    }

    private func start() async throws -> UInt16 {
        let files = try authority.issue("localhost").write(to: directory, name: "server")
        let identity = TLSIdentity(certificates: .file(files.certificates), privateKey: .file(files.privateKey))
        let tls = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
        return try await fixture.start(tls: tls) { router, _ in
            router.add(.get, "/large", "5 MB") { _, exchange in
                exchange.respond(.ok, body: SharedBytes(patterned(5_000_000)))
            }
            router.add(.post, "/echo", "the body") { _, exchange in
                #expect(exchange.isSecure)
                exchange.collectBody(atMost: 4_000_000) { exchange.respond(.ok, body: $0) }
            }
            router.add(.post, "/paused", "the body, a piece at a time") { _, exchange in
                exchange.receiveBody(atMost: .max, into: Paused(exchange))
            }
        }
    }

    private final class Paused: HTTPBodySink {
        private let exchange: HTTPExchange
        private var count = 0
        init(_ exchange: HTTPExchange) { self.exchange = exchange }
        func bodyArrived(_ bytes: RawSpan) {
            #expect(!exchange.isBodyPaused)
            count += bytes.byteCount
            exchange.pauseBody()
            exchange.loop?.afterRound { self.exchange.resumeBody() }
        }
        func bodyEnded() { exchange.respond(text: "\(count)") }
        func bodyFailed() {}
    }

    /// Runs curl against the server; it trusts the test's authority and nobody else.
    private func curl(_ port: UInt16, _ arguments: String...) throws -> Command.Result {
        let root = try directory.write(authority.certificate, to: "root.pem")
        let common = ["--silent", "--show-error", "--cacert", root, "--max-time", "30"]
        return try Command.run("curl", common + arguments.map { $0.replacing("PORT", with: "\(port)") })
    }

    @Test("curl gets and posts megabytes over one TLS connection")
    func transfers() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let body = try directory.write(String(repeating: "0123456789", count: 300_000), to: "body")
        let large = try curl(port, "https://localhost:PORT/large")
        #expect(large.status == 0 && large.output == patterned(5_000_000))
        let both = try curl(
            port, "--data-binary", "@\(body)", "-w", "|%{num_connects}|", "https://localhost:PORT/echo",
            "https://localhost:PORT/paused")
        #expect(both.status == 0)
        #expect(both.text.hasPrefix("01234567890123") && both.text.hasSuffix("|1|3000000|0|"))
    }

    @Test("a client that speaks no TLS is cut off, the others go on")
    func plaintext() async throws {
        defer { fixture.stop() }
        let port = try await start()
        let plain = try RawClient(port: port)
        try plain.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        let said = (try? plain.receiveAll()) ?? []
        #expect(!String(decoding: said, as: UTF8.self).contains("HTTP"))
        #expect(try curl(port, "-o", "/dev/null", "-w", "%{http_code}", "https://localhost:PORT/large").text == "200")
    }
}
