import Bytes
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("WebSocket: connections", .ownThread)
struct WebSocketConnectionTests {
    let fixture: ServerFixture

    init() throws { fixture = try ServerFixture() }

    private func open(
        _ options: WebSocketOptions = WebSocketOptions(), receiveBuffer: CInt? = nil
    ) async throws -> RawClient {
        let client = try RawClient(port: try await fixture.startEcho(options), receiveBuffer: receiveBuffer)
        try client.send(RawClient.handshake())
        #expect(try client.responseHead().status == 101)
        return client
    }

    struct Breach: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]
        let code: Int
        init(_ what: String, _ bytes: [UInt8], _ code: Int = 1002) {
            testDescription = what
            self.bytes = bytes
            self.code = code
        }
    }

    static let breaches: [Breach] = [
        Breach("an unmasked frame", [0x81, 1, 65]),
        Breach("a reserved bit", RawClient.frame(0xC1, [65])),
        Breach("a reserved opcode", RawClient.frame(0x83, [65])),
        Breach("a ping in fragments", RawClient.frame(0x09, [65])),
        Breach("a long ping", [0x89, 0xFE, 0, 126]),
        Breach("a length of more bytes than needed", [0x82, 0xFE, 0, 5]),
        Breach("a negative length", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1009),
        Breach("a continuation of nothing", RawClient.frame(0x80, [65])),
        Breach("a message inside a message", RawClient.frame(0x01, [65]) + RawClient.frame(0x81, [65])),
        Breach("text that is no UTF-8", RawClient.frame(0x81, [0xC3, 0x28]), 1007),
        Breach("text that ends within a character", RawClient.frame(0x81, [0xE2, 0x82]), 1007),
        Breach(
            "a fragment that is too much", RawClient.frame(0x02, [65]) + [0x80, 0xFE, 0xFF, 0xFF, 1, 2, 3, 4], 1009),
        Breach("a message that is too large", [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], 1009),
        Breach("a close frame of one byte", RawClient.frame(0x88, [3])),
        Breach("a close code that may not be sent", RawClient.frame(0x88, [3, 0xED])),
        Breach("a close reason that is no UTF-8", RawClient.frame(0x88, [3, 0xE8, 0xFF]), 1007),
    ]

    @Test("a breach of the rules is told with its code, and ends the connection", arguments: breaches)
    func breach(breach: Breach) async throws {
        defer { fixture.stop() }
        var options = WebSocketOptions()
        options.limits = WebSocketMachine.Limits(maximumMessageBytes: 65_535)
        let client = try await open(options)
        try client.send(RawClient.frame(0x81, Array("before".utf8)) + breach.bytes)
        #expect(try client.receiveFrame().payload == Array("before".utf8))
        #expect(try client.receiveClose() == breach.code)
        #expect(try client.endsHere())
        try await fixture.log.wait(for: "the end") { $0.contains { $0.hasPrefix("failed(") } }
        client.finish()
        try await fixture.waitForConnections(0)
        #expect(fixture.log.events.count == 2, "opened, and one end")
    }

    @Test("frames come in at every split point")
    func splits() async throws {
        defer { fixture.stop() }
        let client = try await open()
        let frames =
            RawClient.frame(0x01, Array("fra".utf8)) + RawClient.frame(0x89, [7])
            + RawClient.frame(0x80, Array("gment".utf8))
        for split in 1..<frames.count {
            try client.send(Array(frames[..<split]))
            try client.send(Array(frames[split...]))
            let pong = try client.receiveFrame()
            #expect(pong.first == 0x8A && pong.payload == [7])
            let text = try client.receiveFrame()
            #expect(text.first == 0x81 && text.payload == Array("fragment".utf8))
        }
    }

    @Test("a thousand small messages in one write come back in order")
    func coalesced() async throws {
        defer { fixture.stop() }
        let client = try await open()
        try client.send((0..<1_000).flatMap { RawClient.frame(0x82, [UInt8($0 & 255), UInt8($0 >> 8)]) })
        for number in 0..<1_000 {
            #expect(try client.receiveFrame().payload == [UInt8(number & 255), UInt8(number >> 8)])
        }
        #expect(try client.segmentsReceived() < 100)
    }

    @Test("a silent peer is pinged, and broken off where it does not answer; one that answers stays")
    func pings() async throws {
        defer { fixture.stop() }
        var options = WebSocketOptions()
        options.pingInterval = .milliseconds(50)
        options.pongTimeout = .milliseconds(2_000)
        let client = try await open(options)
        for _ in 0..<5 {
            let ping = try client.receiveFrame()
            #expect(ping.first == 0x89)
            try client.send(RawClient.frame(0x8A, ping.payload))
        }
        #expect(try client.receiveFrame().first == 0x89)
        #expect(throws: RawClient.Failure.reset) { try client.receiveAll() }
        try await fixture.log.wait(for: "lost(Reactor.TCPCloseReason.timeout(Reactor.TCPCloseReason.Timeout.owner))")
        try await fixture.waitForConnections(0)
    }

    @Test("a peer that does not answer our close frame is broken off")
    func closeTimeout() async throws {
        defer { fixture.stop() }
        var options = WebSocketOptions()
        options.closeTimeout = .milliseconds(200)
        let client = try await open(options)
        try client.send(RawClient.frame(0x81, Array("close 4000 enough".utf8)))
        #expect(try client.receiveClose() == 4_000)
        #expect(throws: RawClient.Failure.reset) { try client.receiveAll() }
        try await fixture.log.wait(for: "lost(Reactor.TCPCloseReason.timeout(Reactor.TCPCloseReason.Timeout.owner))")
    }

    @Test("what the peer still sends after our close frame is dropped until its own comes")
    func crossing() async throws {
        defer { fixture.stop() }
        let client = try await open()
        try client.send(RawClient.frame(0x81, Array("close 4000 enough".utf8)))
        #expect(try client.receiveClose() == 4_000)
        try client.send(RawClient.frame(0x81, Array("too late".utf8)) + RawClient.frame(0x89, [1]))
        try client.send(RawClient.frame(0x88, [0x0F, 0xA0]))
        #expect(try client.endsHere())
        try await fixture.log.wait(for: "the end") { $0.contains { $0.hasPrefix("closed(") } }
    }

    @Test("a peer that ends without a close frame has failed; one that resets is lost")
    func ends() async throws {
        defer { fixture.stop() }
        let client = try await open()
        client.finish()
        try await fixture.log.wait(for: "failed(HTTP.WebSocketError.truncated)")
        let other = try RawClient(port: try await fixture.port())
        try other.send(RawClient.handshake())
        #expect(try other.responseHead().status == 101)
        other.reset()
        try await fixture.log.wait(for: "lost(Reactor.TCPCloseReason.reset)")
        client.reset()
        try await fixture.waitForConnections(0)
    }

    @Test("a stream to a client that stops reading is held at the watermark, and whole when it reads on")
    func backpressure() async throws {
        defer { fixture.stop() }
        let client = try await open(receiveBuffer: 64 * 1024)
        try client.send(RawClient.frame(0x81, Array("stream 300".utf8)))
        try await fixture.log.wait(for: "blocked")
        let pending = try await fixture.onServer { server in
            (server.connections.first as? WebSocketConnection)?.socket.pendingOutput ?? .max
        }
        #expect(pending <= 256 * 1024 + 100_100)
        let block = patterned(100_000)
        for _ in 0..<300 {
            let frame = try client.receiveFrame()
            #expect(frame.first == 0x82 && frame.payload == block)
        }
        // What it asked while it did not read is answered after.
        try client.send(RawClient.frame(0x89, [9]))
        #expect(try client.receiveFrame().payload == [9])
    }

    @Test("a handler that pauses gets no further message, also of those that have come; resumed, it gets them all")
    func pause() async throws {
        defer { fixture.stop() }
        let client = try await open()
        let messages = (0..<100).flatMap { RawClient.frame(0x82, [UInt8($0)]) }
        try client.send(RawClient.frame(0x81, Array("pause".utf8)) + messages)
        try await fixture.log.wait(for: "paused")
        try client.send(messages)
        #expect(!client.hasInput(within: 100))
        try await fixture.onServer { server in (server.connections[0] as? WebSocketConnection)?.resume() }
        for number in 0..<200 { #expect(try client.receiveFrame().payload == [UInt8(number % 100)]) }
        #expect(!fixture.log.events.contains("a message while paused"))
    }

    @Test("a server that drains says goodbye to its WebSockets and waits for them; new ones are not let in")
    func drain() async throws {
        defer { fixture.stop() }
        let client = try await open()
        let log = fixture.log
        try await fixture.onServer { server in server.drain { log.append("drained") } }
        #expect(try client.receiveClose() == 1_001)
        #expect(!fixture.log.events.contains("drained"))
        try client.send(RawClient.frame(0x88, [0x03, 0xE9]))
        #expect(try client.endsHere())
        client.finish()
        try await fixture.log.wait(for: "drained")
    }

    @Test("aborted with the server, it is gone at once")
    func abort() async throws {
        defer { fixture.stop() }
        let client = try await open()
        try await fixture.onServer { $0.abortAll() }
        #expect(throws: RawClient.Failure.reset) { try client.receiveAll() }
        try await fixture.log.wait(for: "lost(Reactor.TCPCloseReason.aborted)")
    }
}
