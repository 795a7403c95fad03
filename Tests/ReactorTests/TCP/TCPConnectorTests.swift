import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

/// Addresses that behave as a test needs them to.
private enum Place {
    /// Refuses: bound, not listening. Closed by the caller.
    static func refusing() throws -> Socket {
        let socket = try Socket(family: AF_INET, type: SOCK_STREAM)
        try socket.bind(to: .loopback(port: 0))
        return socket
    }

    /// Never answers: its queue of connections is full, so that it drops what else comes.
    static func silent() throws -> [Socket] {
        let listener = try Socket(family: AF_INET, type: SOCK_STREAM)
        try listener.bind(to: .loopback(port: 0))
        guard listen(listener.descriptor, 0) == 0 else { throw SystemError.last("listen") }
        var sockets = [listener]
        for _ in 0..<3 {
            let filler = try Socket(family: AF_INET, type: SOCK_STREAM)
            _ = listener.localAddress!.withSystemAddress { connect(filler.descriptor, $0, $1) }
            sockets.append(filler)
        }
        return sockets
    }
}

@Suite("TCPConnector")
struct TCPConnectorTests {
    private enum Heard: Equatable, Sendable {
        case connected(SocketAddress?)
        case failed(TCPConnectError)
    }

    let group: LoopGroup
    let resolver: Resolver
    let server = EventLog<Seen>()
    let client = EventLog<Seen>()

    init() throws {
        group = try LoopGroup(count: 1)
        resolver = try Resolver(lookup: { name in
            switch name {
            case "both.example": .success([.v6(high: 0, low: 1, scope: 0), .v4(0x7F00_0001)])
            case "empty.example": .success([])
            default: .failure(.notFound)
            }
        })
    }

    private func connect(
        _ destination: TCPConnector.Destination, stagger: Duration = .milliseconds(250),
        timeout: Duration = .seconds(20), cancelling: Bool = false
    ) async throws -> Heard {
        let (resolver, client, log) = (self.resolver, self.client, EventLog<Heard>())
        try await group.onLoop { loop in
            var limits = TCPConnector.Limits()
            limits.stagger = stagger
            limits.timeout = timeout
            let connector = TCPConnector.connect(
                to: destination, resolver: resolver, on: loop, options: TCPOptions(), limits: limits,
                handler: Recorder(client)
            ) { outcome in
                switch outcome {
                case .success(let connection): log.append(.connected(connection.peerAddress))
                case .failure(let error): log.append(.failed(error))
                }
            }
            if cancelling { connector.cancel() }
            #expect(log.events.isEmpty, "not inside the call")
        }
        return try await log.wait(count: 1)[0]
    }

    @Test("the first address that works wins, and the handler has the connection from its first byte on")
    func first() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server) { _, connection in connection.write(SharedBytes("welcome")) }
        #expect(try await connect(.addresses([address])) == .connected(address))
        try await client.wait(for: .received("welcome"))
        #expect(client.events == [.connected, .received("welcome")])
    }

    @Test("a refusal starts the next address at once, without waiting for its turn")
    func refused() async throws {
        defer { group.shutdown() }
        let refusing = try Place.refusing()
        defer { refusing.close() }
        let address = try await group.listen(server)
        let addresses = [refusing.localAddress!, refusing.localAddress!, address]
        let heard = try await connect(.addresses(addresses), stagger: .seconds(60))
        #expect(heard == .connected(address))
    }

    @Test("an address that does not answer loses to the next one after the head start, and is given up")
    func stagger() async throws {
        defer { group.shutdown() }
        let silent = try Place.silent()
        defer { for socket in silent { socket.close() } }
        let address = try await group.listen(server)
        let before = ContinuousClock.now
        let heard = try await connect(.addresses([silent[0].localAddress!, address]), stagger: .milliseconds(60))
        #expect(heard == .connected(address))
        #expect(ContinuousClock.now - before >= .milliseconds(60))
        try await server.wait(count: 1)
        let left = try await group.onLoop { loop in loop.watchedDescriptors }
        #expect(left == 3, "the listener and both ends of the one connection")
    }

    @Test("with every address refused the error says what became of each, in order")
    func allFail() async throws {
        defer { group.shutdown() }
        let refusing = [try Place.refusing(), try Place.refusing()]
        defer { for socket in refusing { socket.close() } }
        let addresses = refusing.map { $0.localAddress! }
        let reason = TCPCloseReason.failed(SystemError("connect", ECONNREFUSED))
        let attempts = addresses.map { TCPConnectError.Attempt(address: $0, reason: reason) }
        #expect(try await connect(.addresses(addresses)) == .failed(.failed(attempts)))
        #expect(client.events.isEmpty)
    }

    @Test("an address that cannot even be tried is passed over")
    func impossible() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server)
        // A link-local address of an interface that does not exist.
        let nowhere = SocketAddress(.v6(high: 0xFE80_0000_0000_0000, low: 1, scope: 0x7FFF_0000), port: 9)
        #expect(try await connect(.addresses([nowhere, address]), stagger: .seconds(60)) == .connected(address))
        guard case .failed(.failed(let attempts)) = try await connect(.addresses([nowhere])) else {
            Issue.record("connected to nowhere")
            return
        }
        #expect(attempts.map(\.address) == [nowhere])
    }

    @Test("the timeout covers everything, and tells refused addresses from those still open")
    func timeout() async throws {
        defer { group.shutdown() }
        let silent = try Place.silent()
        let refusing = try Place.refusing()
        defer { for socket in silent + [refusing] { socket.close() } }
        let heard = try await connect(
            .addresses([refusing.localAddress!, silent[0].localAddress!]), timeout: .milliseconds(80))
        let attempts = [
            TCPConnectError.Attempt(
                address: refusing.localAddress!, reason: .failed(SystemError("connect", ECONNREFUSED))),
            TCPConnectError.Attempt(address: silent[0].localAddress!, reason: nil),
        ]
        #expect(heard == .failed(.timeout(attempts)))
        #expect(try await group.onLoop { loop in loop.watchedDescriptors } == 0)
    }

    @Test("a name is resolved first, and its families are tried in turn")
    func name() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server)
        let heard = try await connect(.host("both.example", port: address.port), stagger: .milliseconds(20))
        #expect(heard == .connected(address))
        let literal = try await connect(.host("127.0.0.1", port: address.port))
        #expect(literal == .connected(address))
        #expect(try await connect(.host("gone.example", port: 1)) == .failed(.resolution(.notFound)))
        #expect(try await connect(.host("empty.example", port: 1)) == .failed(.noAddress))
        #expect(try await connect(.addresses([])) == .failed(.noAddress))
    }

    @Test("cancelling stops it, and it says so once")
    func cancel() async throws {
        defer { group.shutdown() }
        let silent = try Place.silent()
        defer { for socket in silent { socket.close() } }
        let heard = try await connect(.addresses([silent[0].localAddress!]), cancelling: true)
        #expect(heard == .failed(.cancelled))
        #expect(try await connect(.host("both.example", port: 1), cancelling: true) == .failed(.cancelled))
        #expect(try await group.onLoop { loop in loop.watchedDescriptors } == 0)
    }

    @Test("a task gets its connection, or its error when it is cancelled")
    func tasks() async throws {
        defer { group.shutdown() }
        let (resolver, client) = (self.resolver, self.client)
        let address = try await group.listen(server, .echo)
        try await group.loops[0].run { actor in
            let connection = try await TCPConnector.connect(
                to: .addresses([address]), resolver: resolver, on: actor, options: TCPOptions(),
                handler: Recorder(client))
            connection.write(SharedBytes("hello"))
        }.value
        try await client.wait(for: .received("hello"))

        let silent = try Place.silent()
        defer { for socket in silent { socket.close() } }
        let target = silent[0].localAddress!
        let task = group.loops[0].run { actor in
            _ = try await TCPConnector.connect(
                to: .addresses([target]), resolver: resolver, on: actor, options: TCPOptions(),
                handler: Recorder(client))
        }
        // It is under way: the task began before this message is run.
        try await group.onLoop { _ in }
        task.cancel()
        await #expect(throws: TCPConnectError.cancelled) { try await task.value }
    }

    @Test("with TLS an address wins by its handshake: one with a wrong certificate loses to the next")
    func tls() async throws {
        defer { group.shutdown() }
        let authority = try TestAuthority()
        let trust = try TLSClientContext(trusting: authority)
        var addresses: [SocketAddress] = []
        for name in ["impostor.example", "origin.example"] {
            let tls = try TLSServerContext(try authority.issue(name))
            let server = self.server
            addresses.append(
                try await group.onLoop { loop in
                    let acceptor = Acceptor(server) { connection in
                        connection.write(SharedBytes("this is \(name)"))
                        return Recorder(server)
                    }
                    let options = TCPOptions()
                    return try TCPListener(.loopback(port: 0), on: loop, options: options, tls: tls, acceptor: acceptor)
                        .address
                })
        }
        let (resolver, client, targets) = (self.resolver, self.client, addresses)
        try await group.loops[0].run { actor in
            var limits = TCPConnector.Limits()
            limits.stagger = .seconds(60)
            _ = try await TCPConnector.connect(
                to: .addresses(targets), resolver: resolver, on: actor, options: TCPOptions(),
                security: .client(trust, serverName: "origin.example"), limits: limits, handler: Recorder(client))
        }.value
        try await client.wait(for: .received("this is origin.example"))
        #expect(client.events == [.connected, .received("this is origin.example")])

        let task = group.loops[0].run { actor in
            _ = try await TCPConnector.connect(
                to: .addresses([targets[0]]), resolver: resolver, on: actor, options: TCPOptions(),
                security: .client(trust, serverName: "origin.example"), handler: Recorder(client))
        }
        guard case .failure(let error) = await task.result, case .failed(let attempts)? = error as? TCPConnectError,
            case .tls? = attempts.first?.reason
        else {
            Issue.record("no TLS error")
            return
        }
        #expect(attempts.map(\.address) == [targets[0]])
    }

    @Test("families alternate from the first on, each in its order")
    func alternating() {
        func v4(_ last: UInt32) -> SocketAddress { SocketAddress(.v4(last), port: 1) }
        func v6(_ last: UInt64) -> SocketAddress { SocketAddress(.v6(high: 1, low: last, scope: 0), port: 1) }
        #expect([v6(1), v6(2), v6(3), v4(1), v4(2)].alternatingFamilies() == [v6(1), v4(1), v6(2), v4(2), v6(3)])
        #expect([v4(1), v6(1), v6(2)].alternatingFamilies() == [v4(1), v6(1), v6(2)])
        #expect([v4(1), v4(2)].alternatingFamilies() == [v4(1), v4(2)])
        #expect([SocketAddress]().alternatingFamilies() == [])
    }
}
