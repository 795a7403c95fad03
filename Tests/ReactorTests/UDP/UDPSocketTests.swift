import Bytes
import CLinux
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("UDPSocket")
struct UDPSocketTests {
    let group: LoopGroup
    let server = EventLog<Told>()
    let client = EventLog<Told>()

    init() throws { group = try LoopGroup(count: 1) }

    /// Answers from the address that was spoken to, in the class that was used.
    private static let echo: @Sendable (borrowing DatagramBatch, UDPSocket) -> Void = { batch, socket in
        socket.forward(copy batch, to: batch.peer, from: batch.local)
    }

    @Test("a datagram goes there and back over both families, and both ends know each other's addresses")
    func bothFamilies() async throws {
        defer { group.shutdown() }
        for address in [SocketAddress.loopback(port: 0), .loopback6(port: 0)] {
            let (server, client) = (EventLog<Told>(), EventLog<Told>())
            let bound = try await group.bind(server, on: address, onBatch: Self.echo)
            let target = try await group.with(bound) { $0.localAddress }
            let connected = try await group.connect(client, to: target)
            let own = try await group.with(connected) { socket in
                socket.send("hello".bytes.rawSpan)
                return socket.localAddress
            }
            let answer = try #require(try await client.wait(forDatagrams: 1).first)
            #expect(answer.bytes == Array("hello".utf8) && answer.peer == target && answer.local == address.host)
            let question = try #require(server.datagrams.first)
            #expect(question.peer == own && question.local == address.host)
            #expect(try await group.with(bound) { $0.counters.datagramsReceived } == 1)
        }
    }

    @Test(
        "an answer leaves from the address that was spoken to",
        arguments: [
            ("0.0.0.0:0", "127.0.0.2"), ("[::]:0", "127.0.0.2"), ("[::]:0", "127.0.0.1"), ("[::]:0", "::1"),
            ("127.0.0.3:0", "127.0.0.3"),
        ])
    func packetInfo(bound: String, target: String) async throws {
        defer { group.shutdown() }
        let host = try #require(SocketAddress.Host(literal: target))
        let socket = try await group.bind(server, on: #require(SocketAddress(bound)), onBatch: Self.echo)
        let port = try await group.with(socket) { $0.localAddress.port }
        // A connected socket takes answers from that one address alone.
        let connected = try await group.connect(client, to: SocketAddress(host, port: port))
        try await group.with(connected) { $0.send("who are you".bytes.rawSpan) }
        try await client.wait(forDatagrams: 1)
        let question = try #require(server.datagrams.first)
        #expect(question.local == host)
        #expect(question.peer.isIPv6 == SocketAddress(host, port: 0).isIPv6, "mapped addresses are IPv4")
        #expect((question.interface != 0) == SocketAddress(bound)!.isWildcard)
    }

    @Test(
        "DSCP and ECN come in as they were sent, and go out as they came",
        arguments: [
            ("127.0.0.1:0", "127.0.0.1"), ("0.0.0.0:0", "127.0.0.1"), ("[::1]:0", "::1"), ("[::]:0", "::1"),
            ("[::]:0", "127.0.0.1"),
        ])
    func trafficClass(bound: String, target: String) async throws {
        defer { group.shutdown() }
        let host = try #require(SocketAddress.Host(literal: target))
        let socket = try await group.bind(server, on: #require(SocketAddress(bound)), onBatch: Self.echo)
        let port = try await group.with(socket) { $0.localAddress.port }
        let connected = try await group.connect(client, to: SocketAddress(host, port: port))
        let classes = [
            TrafficClass(dscp: 46, ecn: .capable0), TrafficClass(dscp: 0, ecn: .capable1),
            TrafficClass(dscp: 34, ecn: .congestionExperienced), TrafficClass(dscp: 0),
        ]
        try await group.with(connected) { socket in
            for trafficClass in classes { socket.send("x".bytes.rawSpan, trafficClass: trafficClass) }
        }
        try await client.wait(forDatagrams: classes.count)
        #expect(server.datagrams.map(\.trafficClass) == classes)
        #expect(client.datagrams.map(\.trafficClass) == classes)
        // The option of a socket that is not ours, so that a mistake cannot hide by being made twice.
        let plain = try PlainSocket(on: SocketAddress(host, port: 0))
        if case .v4 = host {
            try plain.socket.set(CInt(IPPROTO_IP), IP_TOS, 0xB9)
        } else {
            try plain.socket.set(CInt(IPPROTO_IPV6), IPV6_TCLASS, 0xB9)
        }
        try plain.send([1], to: SocketAddress(host, port: port))
        let last = try #require(try await server.wait(forDatagrams: classes.count + 1).last)
        #expect(last.trafficClass == TrafficClass(rawValue: 0xB9))
        #expect(last.trafficClass.dscp == 46 && last.trafficClass.ecn == .capable1)
    }

    @Test("the smallest and the largest datagrams arrive whole, and what is larger is refused and harmless")
    func sizes() async throws {
        defer { group.shutdown() }
        let bound = try await group.bind(server)
        let target = try await group.with(bound) { $0.localAddress }
        let connected = try await group.connect(client, to: target)
        let sizes = [0, 1, 0, 1_472, 65_507, 3]
        try await group.with(connected) { socket in
            for size in sizes { socket.send(pattern(size, size).rawSpan) }
            socket.send(pattern(0, 65_508).rawSpan)
            socket.send(pattern(0, 70_000).rawSpan)
            socket.send(pattern(0, 300_000).rawSpan)
            socket.send("end".bytes.rawSpan)
        }
        let arrived = try await server.wait(forDatagrams: sizes.count + 1)
        #expect(arrived.map(\.bytes) == sizes.map { pattern($0, $0) } + [Array("end".utf8)])
        try await client.wait(for: .failed(EMSGSIZE))
        let counters = try await group.with(connected) { $0.counters }
        #expect(counters.refusedOutput == 3 && counters.datagramsSent == 7 && counters.droppedOutput == 0)
    }

    @Test("a run of datagrams with an odd last one arrives cut as it was sent, in either form")
    func oddLast() async throws {
        defer { group.shutdown() }
        let bound = try await group.bind(server)
        let target = try await group.with(bound) { $0.localAddress }
        let connected = try await group.connect(client, to: target)
        let run = pattern(3, 5 * 1_000 + 17)
        try await group.with(connected) { $0.send(run.rawSpan, segmentSize: 1_000) }
        let arrived = try await server.wait(forDatagrams: 6)
        #expect(arrived.map(\.bytes.count) == [1_000, 1_000, 1_000, 1_000, 1_000, 17])
        #expect(arrived.flatMap(\.bytes) == run)
        #expect(arrived.allSatisfy { $0.together == 6 }, "the kernel kept them together")

        let ungrouped = EventLog<Told>()
        let other = try await group.bind(ungrouped, options: UDPOptions(groupsInput: false))
        let plain = try PlainSocket()
        try plain.segment(1_000)
        try plain.send(run, to: try await group.with(other) { $0.localAddress })
        let single = try await ungrouped.wait(forDatagrams: 6)
        #expect(single.flatMap(\.bytes) == run && single.allSatisfy { $0.together == 1 })
    }

    @Test("a refused datagram is reported on a connected socket, and the socket goes on")
    func refused() async throws {
        defer { group.shutdown() }
        let target = try PlainSocket.freeAddress()
        let connected = try await group.connect(client, to: target)
        try await group.with(connected) { $0.send("anyone?".bytes.rawSpan) }
        try await client.wait(for: .failed(ECONNREFUSED))
        let counters = try await group.with(connected) { socket in
            // The answer to the first is waiting on the socket when the second is sent.
            socket.send("1".bytes.rawSpan)
            socket.exchange.outbox.sendAll()
            socket.send("2".bytes.rawSpan)
            socket.exchange.outbox.sendAll()
            return socket.counters
        }
        #expect(counters.datagramsSent == 3 && counters.refusedOutput == 0 && counters.pendingErrors >= 2)
        let late = try PlainSocket(on: target)
        try await group.with(connected) { $0.send("now".bytes.rawSpan) }
        #expect(try late.receive() == Array("now".utf8))
        #expect(try await group.with(connected) { $0.isOpen })
    }

    @Test("an incomplete datagram, or one that too much is known about, is dropped and counted")
    func truncated() async throws {
        defer { group.shutdown() }
        let (ours, theirs) = try SocketPair.make()
        let plain = PlainSocket(theirs)
        let server = self.server
        let adopted = try await group.adopt(ours, server)
        let large = pattern(1, 100_000)
        #expect(send(plain.socket.descriptor, large, large.count, 0) == large.count)
        #expect(send(plain.socket.descriptor, "fits", 4, 0) == 4)
        #expect(try await server.wait(forDatagrams: 1).map(\.bytes) == [Array("fits".utf8)])
        #expect(try await group.with(adopted) { $0.counters.truncatedInput } == 1)

        let bound = try await group.bind(client, on: SocketAddress("0.0.0.0:0")!)
        let port = try await group.with(bound) { socket in
            // More control messages than there is room for.
            try socket.socket.set(SOL_SOCKET, SO_TIMESTAMPNS, 1)
            try socket.socket.set(SOL_SOCKET, SO_TIMESTAMPING, 8 | 16)
            try socket.socket.set(CInt(IPPROTO_IP), IP_RECVTTL, 1)
            try socket.socket.set(CInt(IPPROTO_IP), IP_RECVORIGDSTADDR, 1)
            return socket.localAddress.port
        }
        try PlainSocket().send([1, 2, 3], to: .loopback(port: port))
        try await client.wait(for: .batchEnded)
        #expect(client.datagrams == [])
        #expect(try await group.with(bound) { $0.counters.truncatedInput } == 1)
    }

    @Test("closing from a callback ends everything at once, and what was sent before still leaves")
    func closeInCallback() async throws {
        defer { group.shutdown() }
        let bound = try await group.bind(server) { batch, socket in
            socket.send("bye".bytes.rawSpan, to: batch.peer)
            socket.close()
            socket.close()
            socket.send("too late".bytes.rawSpan, to: batch.peer)
        }
        let target = try await group.with(bound) { $0.localAddress }
        let plain = try PlainSocket()
        try await group.onLoop { _ in
            // All of them are there before the loop looks.
            for number in 0..<5 as Range<UInt8> { try plain.send([number], to: target) }
        }
        #expect(try plain.receive() == Array("bye".utf8))
        #expect(server.datagrams.map(\.bytes) == [[0]])
        #expect(!server.events.contains(.batchEnded))
        #expect(try await group.with(bound) { !$0.isOpen && $0.counters.datagramsSent == 1 && $0.handler == nil })
        let again = try await group.bind(EventLog(), on: target)
        #expect(try await group.with(again) { $0.localAddress } == target, "the port is free again")
    }

    @Test("a flood on one socket does not hold the others up")
    func fairness() async throws {
        defer { group.shutdown() }
        var limits = UDPOptions.Limits()
        limits.datagramsPerTurn = 32
        let options = UDPOptions(limits: limits)
        let flooded = try await group.bind(server, options: options)
        let quiet = try await group.bind(server, options: options)
        let (hot, cold) = try await group.onLoop { _ in (flooded.value.localAddress, quiet.value.localAddress) }
        try await group.onLoop { _ in
            let plain = try PlainSocket()
            for _ in 0..<150 { try plain.send([1], to: hot) }
            try plain.send([2], to: cold)
        }
        let order = try await server.wait(forDatagrams: 151).map(\.bytes)
        let place = try #require(order.firstIndex(of: [2]))
        #expect(place <= 64, "behind two turns at most, not behind the whole flood")
        #expect(server.events.count { $0 == .batchEnded } >= 5)
    }

    @Test("sockets of several loops share a port, and a second socket without that wish is refused")
    func sharedPort() async throws {
        let two = try LoopGroup(count: 2)
        defer {
            group.shutdown()
            two.shutdown()
        }
        let options = UDPOptions(sharesPort: true)
        let first = try await two.bind(server, options: options)
        let address = try await two.with(first) { $0.localAddress }
        _ = try await two.bind(server, on: address, loop: 1, options: options)
        await #expect(throws: SystemError("bind", EADDRINUSE)) { try await two.bind(server, on: address) }
        let senders = try (0..<32).map { _ in try PlainSocket() }
        for sender in senders { try sender.send([7], to: address) }
        let arrived = try await server.wait(forDatagrams: 32)
        #expect(Set(arrived.map(\.peer)) == Set(senders.map(\.address)))
    }

    @Test("the kernel is asked for the buffers, and datagrams too large for the path for their fate")
    func options() async throws {
        defer { group.shutdown() }
        var limits = UDPOptions.Limits()
        limits.receiveBuffer = 128 * 1024
        let fates: [(UDPOptions.Fragmentation, CInt)] = [
            (.allowed, IP_PMTUDISC_DONT), (.forbidden, IP_PMTUDISC_DO), (.probing, IP_PMTUDISC_PROBE),
        ]
        for (fate, value) in fates {
            let options = UDPOptions(limits: limits, fragmentation: fate)
            for address in ["127.0.0.1:0", "[::]:0"] {
                let bound = try await group.bind(server, on: SocketAddress(address)!, options: options)
                try await group.with(bound) { socket in
                    #expect(socket.receiveBuffer == 256 * 1024)
                    #expect(socket.socket.get(CInt(IPPROTO_IP), IP_MTU_DISCOVER) == value)
                    guard socket.localAddress.isIPv6 else { return }
                    #expect(socket.socket.get(CInt(IPPROTO_IPV6), IPV6_MTU_DISCOVER) == value)
                }
            }
        }
    }

    @Test("what came to a port before it was connected is not taken for the peer's")
    func strangers() async throws {
        defer { group.shutdown() }
        let (peer, stranger) = (try PlainSocket(), try PlainSocket())
        let client = self.client
        let local = try PlainSocket.freeAddress()
        let connected = try await group.onLoop { loop in
            let socket = try Socket(family: AF_INET, type: SOCK_DGRAM)
            try socket.bind(to: local)
            try stranger.send(Array("stranger".utf8), to: local)
            let result = peer.address.withSystemAddress { Glibc.connect(socket.descriptor, $0, $1) }
            #expect(result == 0)
            UDPSocket.discardInput(of: socket)
            return OnLoop(
                value: try UDPSocket.adopt(
                    socket, peer: peer.address, on: loop, options: UDPOptions(), handler: DatagramRecorder(client)))
        }
        try stranger.send(Array("again".utf8), to: local)
        try peer.send(Array("peer".utf8), to: local)
        try await client.wait(forDatagrams: 1)
        #expect(client.datagrams.map(\.bytes) == [Array("peer".utf8)])
        #expect(try await group.with(connected) { $0.peerAddress } == peer.address)
    }
}
