import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("A TLS handshake on a TCPConnection")
struct TCPHandshakeTests {
    let group: LoopGroup
    let server = EventLog<Seen>()
    let client = EventLog<Seen>()
    let tls: TLSContexts

    init() throws {
        tls = try TLSContexts(for: "example.com")
        group = try LoopGroup(count: 1)
    }

    private static let hurried = TCPOptions.changed { _, timeouts in timeouts.handshake = .milliseconds(100) }

    /// Why the connection ended, where that was TLS.
    private func kind(_ reason: TCPCloseReason) -> TLSError.Kind? {
        if case .tls(let error) = reason { error.kind } else { nil }
    }

    @Test("a server that says nothing costs the client its handshake timeout")
    func silentServer() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, .pausedFromTheStart)
        try await group.connect(to: address, client, options: Self.hurried, tls: tls.client)
        #expect(try await client.waitForEnd() == .timeout(.handshake))
        #expect(client.events == [.closed(.timeout(.handshake))])
    }

    @Test("a client that says nothing costs the server its handshake timeout")
    func silentClient() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, options: Self.hurried, tls: tls.server)
        try await group.connect(to: address, client)
        #expect(try await server.waitForEnd() == .timeout(.handshake))
        #expect(try await client.waitForEnd() == .closed)
    }

    @Test("plain HTTP and other bytes end a TLS connection, and are named", arguments: [true, false])
    func plainBytes(isHTTP: Bool) async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, tls: tls.server)
        try await group.connect(to: address, client) { connection, _ in
            connection.write(
                SharedBytes(isHTTP ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n" : "\u{3}\u{0}\u{0}\u{0}nothing of TLS"))
        }
        #expect(kind(try await server.waitForEnd()) == (isHTTP ? .plainHTTP : .notTLS))
        _ = try await client.waitForEnd()
    }

    @Test("a server by an unknown authority is refused, before a byte of the client's is sent")
    func unknownAuthority() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, tls: tls.server)
        let other = try TLSClientContext(trusting: TestAuthority(name: "Somebody else"))
        try await group.connect(to: address, client, tls: other) { connection, _ in
            connection.write(SharedBytes("secret"))
        }
        #expect(kind(try await client.waitForEnd()) == .certificate(.unknownAuthority))
        #expect(kind(try await server.waitForEnd()) == .alert(.unknownAuthority))
        #expect(client.events.count == 1 && server.text.isEmpty)
    }

    @Test("a peer that leaves during the handshake ends the connection")
    func leaves() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, tls: tls.server)
        try await group.connect(to: address, client) { connection, _ in
            connection.write([0x16, 0x03, 0x01].rawSpan)
            connection.close()
        }
        #expect(try await server.waitForEnd() == .reset)
        #expect(!server.events.contains(.connected))
    }

    @Test(
        "a peer that is gone when the last flight is answered ends the connection once", arguments: TLSVersion.allCases,
        [true, false])
    func goneAtTheLastFlight(version: TLSVersion, isServer: Bool) async throws {
        defer { group.shutdown() }
        let ours = Held()
        let listener = try Socket.listening()
        defer { listener.close() }
        let authority = try TestAuthority()
        let serverTLS = try TLSServerContext(authority.issue("example.com"))
        let clientTLS = try TLSClientContext(trusting: authority) { $0.versions = version...version }
        let peer: Socket
        let engine: TLSEngine
        var flight: [UInt8] = []
        if isServer {
            let address = try await group.listen(server, tls: serverTLS) { _, connection in ours.connection = connection
            }
            peer = try Socket.connected(to: address)
            engine = try TLSEngine(client: clientTLS, serverName: "example.com")
            try engine.start(workspace: TLSWorkspace()) { flight += Array(copying: $0) }
            #expect(send(peer.descriptor, flight, flight.count, CInt(MSG_NOSIGNAL)) == flight.count)
            flight = []
        } else {
            let address = try #require(listener.localAddress)
            try await group.connect(to: address, server, tls: clientTLS) { connection, _ in ours.connection = connection
            }
            peer = listener.accepted()
            engine = try TLSEngine(server: serverTLS)
        }
        // Reads until it has something to answer: its part of what ends the handshake.
        var input = [UInt8](repeating: 0, count: 64 * 1024)
        while flight.isEmpty {
            let count = recv(peer.descriptor, &input, input.count, 0)
            try #require(count > 0)
            try engine.receive(Array(input[..<count]).rawSpan, workspace: TLSWorkspace()) {
                flight += Array(copying: $0)
            } deliver: { _ in
            }
        }
        let last = flight
        try await group.onLoop { loop in
            peer.sayAndReset(last)
            // What is sent on one machine has arrived when the call returns, unless the kernel is too busy.
            if let connection = ours.connection { #expect(connection.socket.hears(POLLERR)) }
            // As if the loop had been told of the bytes just before the reset came.
            ours.connection?.ready(.readable)
            #expect(ours.connection?.isClosed == true && loop.statistics.tcpOpen == 0)
            // Takes the number that has just become free; a second close would take it away.
            let next = open("/dev/null", O_RDONLY | O_CLOEXEC)
            ours.connection?.ready([.failed, .hangup, .readable])
            ours.connection?.abort()
            loop.afterRound {
                #expect(fcntl(next, F_GETFD) >= 0)
                close(next)
            }
        }
        let reason = try await server.waitForEnd()
        try await group.onLoop { _ in }
        #expect(reason == .reset)
        #expect(server.events.count(where: \.isEnd) == 1 && server.events.last == .closed(reason))
    }

    @Test("a handshake that trickles in, byte by byte, is as good as one at once")
    func byteByByte() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, .echo, tls: tls.server)
        let engine = try TLSEngine(client: tls.client, serverName: "example.com")
        let flight = try TLSFlight(of: engine)
        let socket = try Socket.connected(to: address)
        defer { socket.close() }
        for byte in flight.bytes {
            var byte = byte
            #expect(send(socket.descriptor, &byte, 1, CInt(MSG_NOSIGNAL)) == 1)
        }
        // The server's answer begins with a handshake record.
        var answer: UInt8 = 0
        #expect(recv(socket.descriptor, &answer, 1, 0) == 1)
        #expect(answer == 22)
    }

    @Test("input that is paused before the handshake waits until it is resumed")
    func pausedFromTheStart() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, .pausedFromTheStart, tls: tls.server) { recorder, connection in
            recorder.onConnected = { connection in
                #expect(connection.isPaused)
                connection.deadline = connection.loop.now + .milliseconds(50)
                connection.handler = Resuming(next: recorder)
            }
        }
        try await group.connect(to: address, client, tls: tls.client) { connection, recorder in
            recorder.onConnected = { $0.write(SharedBytes("hello")) }
        }
        try await server.wait(for: .received("hello"))
    }
}

/// The first bytes that an engine wants to send.
private struct TLSFlight {
    var bytes: [UInt8] = []

    init(of engine: TLSEngine) throws(TLSError) {
        var sent: [UInt8] = []
        try engine.start(workspace: TLSWorkspace()) { sent += Array(copying: $0) }
        bytes = sent
    }
}

/// A connection that the test acts on, on its loop.
private final class Held: @unchecked Sendable {
    // Safe: set and used on the loop alone.
    var connection: TCPConnection?
}
