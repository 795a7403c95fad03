import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("TCPConnection")
struct TCPConnectionTests {
    let group: LoopGroup
    let server = EventLog<Seen>()
    let client = EventLog<Seen>()

    init() throws { group = try LoopGroup(count: 1) }

    @Test("a message goes there and back over both families, then both ends close in good order")
    func echo() async throws {
        defer { group.shutdown() }
        for address in [SocketAddress.loopback(port: 0), .loopback6(port: 0), SocketAddress("[::]:0")!] {
            let client = EventLog<Seen>()
            let bound = try await group.listen(server, .echo, on: address)
            let target = bound.isWildcard ? SocketAddress.loopback(port: bound.port) : bound
            try await group.connect(to: target, client) { connection, recorder in
                connection.write(SharedBytes("hello"))
                recorder.onReceive = { $0.close() }
            }
            try await client.wait(for: .closed(.closed))
            #expect(client.events.filter { $0 != .peerFinished } == [.connected, .received("hello"), .closed(.closed)])
        }
        try await server.wait(for: "three closes") { $0.count { $0 == .closed(.closed) } == 3 }
    }

    @Test("a refused connect says so")
    func refused() async throws {
        defer { group.shutdown() }
        let free = try Socket(family: AF_INET, type: SOCK_STREAM)
        try free.bind(to: .loopback(port: 0))
        defer { free.close() }
        try await group.connect(to: free.localAddress!, client)
        try await client.wait(for: .closed(.failed(SystemError("connect", ECONNREFUSED))))
    }

    @Test("20 MB arrive whole through an echo that is slower than its sender, with bounded memory on the way")
    func backpressure() async throws {
        defer { group.shutdown() }
        let total = 20 * 1024 * 1024
        let address = try await group.listen(server, .echo)
        try await group.connect(to: address, client, .count) { connection, recorder in
            let sender = BulkSender(connection: connection, left: total)
            recorder.onReceive = { connection in
                #expect(connection.pendingOutput <= connection.options.limits.highWatermark + BulkSender.chunk)
                sender.pump()
            }
            sender.pump()
        }
        try await client.wait(for: .bytes(total), within: .seconds(60))
    }

    @Test("a peer that never reads blocks its writer at the watermark and is cut by the write timeout")
    func neverReads() async throws {
        defer { group.shutdown() }
        let options = TCPOptions.changed { limits, timeouts in timeouts.write = .milliseconds(1_000) }
        let address = try await group.listen(server, .pausedFromTheStart)
        try await group.connect(to: address, client, options: options) { connection, recorder in
            let sender = BulkSender(connection: connection, left: .max)
            recorder.onDrained = { _ in sender.pump() }
            sender.pump()
        }
        try await client.wait(for: .closed(.timeout(.write)))
        let blocks = client.events.count { $0 == .blocked }
        #expect(blocks == client.events.count { $0 == .drained } + 1, "blocked at the end, and told each time")
    }

    /// Has the client send 80 MB to a peer that `read`s as it likes, from the moment on at which they begin: in between
    /// nothing waits that could use up the timeout.
    private func send(_ options: TCPOptions, toPeer read: (Socket) throws -> Void) async throws {
        let listener = try Socket.listening()
        defer { listener.close() }
        // With a larger one the kernel would keep the window shut until much of it had been read.
        try listener.set(SOL_SOCKET, SO_RCVBUF, 128 * 1024)
        try await group.connect(to: try #require(listener.localAddress), client, options: options) { _, recorder in
            recorder.onReceive = { $0.write(SharedBytes([UInt8](repeating: 7, count: 80_000_000))) }
        }
        let peer = listener.accepted()
        defer { peer.close() }
        try await client.wait(for: .connected)
        #expect(Glibc.send(peer.descriptor, "go", 2, 0) == 2)
        try read(peer)
    }

    @Test("a peer that goes on reading, but too slowly, is cut by the write timeout as well")
    func readsTooSlowly() async throws {
        defer { group.shutdown() }
        let options = TCPOptions.changed { limits, timeouts in
            timeouts.write = .milliseconds(1_000)
            limits.maximumOutput = 100_000_000
            // More than there is.
            limits.minimumProgress = 100_000_000
        }
        try await send(options) { peer in
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            // Each read is progress that the kernel shows, and all of them would take longer than the timeout.
            while recv(peer.descriptor, &bytes, bytes.count, 0) > 0 { poll(nil, 0, 5) }
        }
        #expect(try await client.waitForEnd() == .timeout(.write))
    }

    @Test("a peer that reads fast enough may take longer than the write timeout")
    func readsSlowly() async throws {
        defer { group.shutdown() }
        let options = TCPOptions.changed { limits, timeouts in
            timeouts.write = .seconds(5)
            limits.maximumOutput = 100_000_000
            limits.minimumProgress = 1
        }
        try await send(options) { peer in
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            let deadline = ContinuousClock.now + .seconds(7)
            while ContinuousClock.now < deadline {
                try #require(recv(peer.descriptor, &bytes, bytes.count, 0) > 0)
                poll(nil, 0, 250)
            }
        }
        #expect(client.events == [.connected, .received("go"), .blocked])
    }

    @Test("writing past the maximum aborts the connection instead of growing")
    func overflow() async throws {
        defer { group.shutdown() }
        let options = TCPOptions.changed { limits, _ in limits.maximumOutput = 1024 * 1024 }
        let address = try await group.listen(server, .pausedFromTheStart)
        try await group.connect(to: address, client, options: options) { connection, _ in
            let block = SharedBytes([UInt8](repeating: 7, count: 256 * 1024))
            for _ in 0..<100 { connection.write(block) }
            #expect(connection.isClosed && connection.pendingOutput == 0)
        }
        try await client.wait(for: .closed(.outputOverflow))
    }

    @Test("a silent connection ends with the idle timeout, the owner's deadline comes first where it is earlier")
    func idle() async throws {
        defer { group.shutdown() }
        let options = TCPOptions.changed { _, timeouts in timeouts.idle = .milliseconds(120) }
        let address = try await group.listen(server)
        try await group.connect(to: address, client, options: options) { connection, _ in
            connection.deadline = connection.loop.now + .milliseconds(40)
        }
        try await client.wait(for: .closed(.timeout(.idle)))
        #expect(client.events == [.connected, .deadline, .closed(.timeout(.idle))])
    }

    @Test("abort resets the peer")
    func abort() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server)
        try await group.connect(to: address, client) { connection, recorder in
            connection.write(SharedBytes("x"))
        }
        try await server.wait(for: .received("x"))
        let second = EventLog<Seen>()
        try await group.connect(to: address, second) { connection, _ in
            connection.write(SharedBytes("y"))
            connection.deadline = connection.loop.now + .milliseconds(20)
            connection.handler = Aborting()
        }
        try await server.wait(for: .closed(.reset))
    }

    @Test("output written before a close still arrives, and the half that is open goes on")
    func halfClose() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, .text) { recorder, _ in
            recorder.onPeerFinished = { connection in
                connection.write(SharedBytes("after your end"))
                connection.close()
            }
        }
        try await group.connect(to: address, client) { connection, recorder in
            connection.write(SharedBytes("last words"))
        }
        try await server.wait(for: .received("last words"))
        try await client.wait(for: .connected)
        let third = EventLog<Seen>()
        try await group.connect(to: address, third) { connection, recorder in
            recorder.onReceive = { _ in }
            connection.handler = HalfCloser(log: third)
        }
        try await third.wait(for: .received("after your end"))
        try await third.wait(for: .closed(.closed))
    }

    @Test("what is written before the connect has finished is sent when it has")
    func earlyWrites() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server)
        try await group.connect(to: address, client) { connection, _ in
            connection.write(SharedBytes("a"))
            connection.write("b".bytes.rawSpan)
            connection.enqueue(SharedBytes("c"))
            connection.close()
            connection.write(SharedBytes("too late"))
        }
        try await client.wait(for: .closed(.closed))
        try await server.wait(for: .closed(.closed))
        let text = server.events.reduce(into: "") { text, seen in
            if case .received(let piece) = seen { text += piece }
        }
        #expect(text == "abc")
    }

    @Test("a connection handed to another loop goes on there")
    func handOver() async throws {
        let two = try LoopGroup(count: 2)
        defer {
            two.shutdown()
            group.shutdown()
        }
        let server = self.server
        let destination = two.loops[1].handle
        let address = try await two.listen(server, .text) { recorder, connection in
            recorder.onReceive = { connection in
                guard let detached = connection.detach() else { return }
                destination.submit { loop in
                    let moved = try? TCPConnection.attach(
                        detached, to: loop, options: TCPOptions(), handler: Recorder(server, .echo))
                    moved?.write(SharedBytes("moved"))
                }
            }
        }
        try await group.connect(to: address, client) { connection, _ in connection.write(SharedBytes("go")) }
        try await client.wait(for: .received("moved"))
    }
}

private final class Aborting: TCPHandler {
    func received(_ bytes: RawSpan, on connection: TCPConnection) {}
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {}
    func deadlinePassed(_ connection: TCPConnection) { connection.abort() }
}

private final class HalfCloser: TCPHandler {
    let log: EventLog<Seen>
    init(log: EventLog<Seen>) { self.log = log }
    func connected(_ connection: TCPConnection) { connection.finishOutput() }
    func received(_ bytes: RawSpan, on connection: TCPConnection) { log.append(.received(String(copying: bytes))) }
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { log.append(.closed(reason)) }
}
