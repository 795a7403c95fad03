import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("TCPListener")
struct TCPListenerTests {
    let group: LoopGroup
    let log = EventLog<Seen>()

    init() throws { group = try LoopGroup(count: 2) }

    @Test("port 0 takes a free one and tells it")
    func freePort() async throws {
        defer { group.shutdown() }
        let first = try await group.listen(log)
        let second = try await group.listen(log)
        #expect(first.port != 0 && second.port != 0 && first != second)
        try Socket.connected(to: first).close()
        try await log.wait(count: 1)
    }

    @Test("loops that listen on one address share its connections")
    func sharedPort() async throws {
        defer { group.shutdown() }
        let logs = [log, EventLog<Seen>()]
        let address = try await group.listen(logs[0])
        try await group.onLoop(1) { loop in
            _ = try TCPListener(
                address, on: loop, options: TCPOptions(), acceptor: Acceptor(logs[1]) { _ in Recorder(logs[1]) })
        }
        // The kernel deals them out by a hash: that one loop gets none of 64 has a chance of 2 to the power of -63.
        for _ in 0..<64 { try Socket.connected(to: address).close() }
        for log in logs { try await log.wait(count: 1) }
    }

    @Test("the IPv6 wildcard takes both families and shows IPv4 peers as IPv4; one IPv6 address takes only itself")
    func dualStack() async throws {
        defer { group.shutdown() }
        let port = try await group.listen(log, on: SocketAddress("[::]:0")!).port
        for address in [SocketAddress.loopback(port: port), .loopback6(port: port)] {
            let socket = try Socket.connected(to: address)
            defer { socket.close() }
            try await log.wait(for: .accepted(socket.localAddress!))
            #expect(socket.localAddress!.host == address.host)
        }
        let only = try await group.listen(log, on: .loopback6(port: 0))
        #expect(throws: SystemError("connect", ECONNREFUSED)) {
            try Socket.connected(to: .loopback(port: only.port)).close()
        }
    }

    @Test("a connection that the acceptor does not want is reset")
    func unwanted() async throws {
        defer { group.shutdown() }
        let log = self.log
        let address = try await group.onLoop { loop in
            try TCPListener(.loopback(port: 0), on: loop, options: TCPOptions(), acceptor: Acceptor(log) { _ in nil })
                .address
        }
        let socket = try Socket.connected(to: address)
        defer { socket.close() }
        var byte: UInt8 = 0
        #expect(recv(socket.descriptor, &byte, 1, 0) == -1 && errno == ECONNRESET)
        #expect(try await group.onLoop { $0.statistics.tcpOpen } == 0)
    }

    @Test("a handler hears of the end of a connection that broke while it was being accepted")
    func brokenWhileAccepted() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(log) { _, connection in connection.abort() }
        let socket = try Socket.connected(to: address)
        defer { socket.close() }
        #expect(try await log.waitForEnd() == .aborted)
    }

    @Test("a deadline set after the end neither fires nor keeps the connection")
    func lateDeadline() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(log) { _, connection in
            let before = connection.loop.armedTimers
            connection.abort()
            connection.deadline = connection.loop.now + .seconds(60)
            #expect(connection.loop.armedTimers < before)
        }
        let socket = try Socket.connected(to: address)
        defer { socket.close() }
        #expect(try await log.waitForEnd() == .aborted)
    }

    @Test("close takes what the kernel had accepted already, and nothing after it")
    func closeTakesWaiting() async throws {
        defer { group.shutdown() }
        let log = self.log
        let (address, copies) = try await group.onLoop { loop in
            let acceptor = Acceptor(log) { _ in Recorder(log, .echo) }
            let listener = try TCPListener(.loopback(port: 0), on: loop, options: TCPOptions(), acceptor: acceptor)
            // The loop is busy here, so nobody has accepted these when the listener closes.
            for _ in 0..<100 { try Socket.connected(to: listener.address).close() }
            #expect(log.events.isEmpty)
            let copies = Socket.copies(on: listener.address)
            listener.close()
            listener.close()
            #expect(log.events.count == 100)
            return (listener.address, copies)
        }
        defer { for copy in copies { copy.close() } }
        #expect(throws: SystemError("connect", ECONNREFUSED)) { try Socket.connected(to: address).close() }
        try await log.wait(for: "100 ends") { $0.count { $0 == .closed(.closed) } == 100 }
    }
}
