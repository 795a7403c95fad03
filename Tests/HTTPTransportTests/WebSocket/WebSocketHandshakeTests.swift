import Bytes
import HTTP
import LoopKit
import Testing

@testable import HTTPTransport

@Suite("WebSocket: opening", .ownThread)
struct WebSocketOpeningTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    @Test("the handshake of RFC 6455 is answered as it says, with the best subprotocol of those offered")
    func handshake() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await fixture.startEcho())
        try client.send(RawClient.handshake("Sec-WebSocket-Protocol: other, good, best"))
        let answer = try client.responseHead()
        #expect(answer.status == 101 && answer["upgrade"] == "websocket" && answer["connection"] == "upgrade")
        #expect(answer["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(answer.all("sec-websocket-protocol") == ["best"])
        #expect(answer["sec-websocket-extensions"] == nil && answer["content-length"] == nil)
    }

    @Test("frames sent ahead of the answer are read, in one write with the request or split anywhere")
    func ahead() async throws {
        defer { fixture.stop() }
        let port = try await fixture.startEcho()
        let bytes = Array(RawClient.handshake().utf8) + RawClient.frame(0x81, Array("ahead".utf8))
        for split in [bytes.count, bytes.count - 1, bytes.count - 10, 20] {
            let client = try RawClient(port: port)
            try client.send(Array(bytes[..<split]))
            if split < bytes.count { try client.send(Array(bytes[split...])) }
            #expect(try client.responseHead().status == 101)
            let (first, payload) = try client.receiveFrame()
            #expect(first == 0x81 && payload == Array("ahead".utf8))
        }
    }

    @Test("a WebSocket behind other requests in the pipeline opens when its turn comes")
    func pipelined() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await fixture.startEcho())
        try client.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + RawClient.handshake())
        try client.send(RawClient.frame(0x82, [1, 2, 3]))
        #expect(try client.response().status == 404)
        #expect(try client.responseHead().status == 101)
        #expect(try client.receiveFrame().payload == [1, 2, 3])
    }

    struct Refusal: Sendable {
        let replaced: String
        let by: String
        let status: Int
    }

    @Test(
        "what is no handshake is refused, and the connection goes on",
        arguments: [
            Refusal(replaced: "Upgrade: websocket\r\n", by: "", status: 426),
            Refusal(replaced: ", Upgrade", by: "", status: 426),
            Refusal(replaced: "Version: 13", by: "Version: 12", status: 426),
            Refusal(replaced: "Sec-WebSocket-Version: 13\r\n", by: "", status: 426),
            Refusal(replaced: "dGhlIHNhbXBsZSBub25jZQ==", by: "c2hvcnQ=", status: 400),
            Refusal(replaced: "dGhlIHNhbXBsZSBub25jZQ==", by: "", status: 400),
        ])
    func refused(refusal: Refusal) async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await fixture.startEcho())
        try client.send(RawClient.handshake().replacing(refusal.replaced, with: refusal.by))
        let answer = try client.response()
        #expect(answer.status == refusal.status)
        if refusal.status == 426 {
            #expect(answer["sec-websocket-version"] == "13" && answer["upgrade"] == "websocket")
            #expect(answer["connection"] == "upgrade")
        }
        try client.send(RawClient.handshake())
        #expect(try client.responseHead().status == 101)
    }

    @Test("HTTP/1.0 and other methods cannot upgrade")
    func notUpgradable() async throws {
        defer { fixture.stop() }
        let port = try await fixture.startEcho()
        let old = try RawClient(port: port)
        try old.send(RawClient.handshake().replacing("HTTP/1.1", with: "HTTP/1.0"))
        #expect(try old.response().status == 426)
        let post = try RawClient(port: port)
        try post.send(RawClient.handshake().replacing("GET", with: "POST"))
        #expect(try post.response().status == 405)
    }

    @Test("an upgrade that nobody takes is broken off, not forgotten")
    func untaken() async throws {
        defer { fixture.stop() }
        let port = try await fixture.start { router, _ in
            router.add(.get, "/echo", "agrees, and drops the socket") { _, exchange in
                exchange.upgrade(Fields()) { _, _ in }
            }
        }
        let client = try RawClient(port: port)
        try client.send(RawClient.handshake())
        #expect(throws: RawClient.Failure.reset) {
            _ = try client.responseHead()
            _ = try client.receiveAll()
        }
        try await fixture.waitForConnections(0)
    }
}
