import Bytes
import CLinux
import Glibc
import TestKit
import Testing

@testable import Reactor

/// Two connected datagram sockets whose receiver holds its sender up: the kernel has no such pair in UDP.
enum SocketPair {
    static func make() throws -> (Socket, Socket) {
        var descriptors: [CInt] = [-1, -1]
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &descriptors) == 0 else { throw SystemError.last("socketpair") }
        return (Socket(descriptor: descriptors[0]), Socket(descriptor: descriptors[1]))
    }
}

extension LoopGroup {
    /// Puts one end of a pair on the first loop, as a socket connected to some peer.
    func adopt(
        _ socket: Socket, _ log: EventLog<Told>, options: UDPOptions = UDPOptions(groupsOutput: false)
    ) async throws -> OnLoop<UDPSocket> {
        try await onLoop { loop in
            OnLoop(
                value: try UDPSocket.adopt(
                    socket, peer: .loopback(port: 9), on: loop, options: options, handler: DatagramRecorder(log)))
        }
    }
}

@Suite("UDPSocket output")
struct UDPOutputTests {
    let group: LoopGroup
    let log = EventLog<Told>()

    init() throws { group = try LoopGroup(count: 1) }

    private static func numbered(_ number: Int, _ size: Int = 1_000) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)] + pattern(number, size - 2)
    }

    @Test("output that the kernel does not take waits in order up to the bound, and the newest beyond it is dropped")
    func bound() async throws {
        defer { group.shutdown() }
        let (ours, theirs) = try SocketPair.make()
        let plain = PlainSocket(theirs)
        var limits = UDPOptions.Limits()
        limits.maximumOutput = 64 * 1024
        let socket = try await group.adopt(ours, log, options: UDPOptions(limits: limits, groupsOutput: false))
        try await group.with(socket) { socket in
            for number in 0..<1_000 { socket.send(Self.numbered(number).rawSpan) }
        }
        let stalled = try await group.with(socket) { socket in
            #expect(socket.isBlocked && socket.pendingOutput <= 64 * 1024)
            return socket.counters
        }
        #expect(stalled.droppedOutput > 0 && stalled.refusedOutput == 0)
        let expected = 1_000 - Int(stalled.droppedOutput)
        for number in 0..<expected { #expect(try plain.receive() == Self.numbered(number)) }
        let drained = try await group.with(socket) { socket in
            #expect(!socket.isBlocked && socket.pendingOutput == 0)
            socket.send("after".bytes.rawSpan)
            return socket.counters
        }
        #expect(Int(drained.datagramsSent) == expected && drained.droppedOutput == stalled.droppedOutput)
        #expect(try plain.receive() == Array("after".utf8))
    }

    @Test("a socket that is held up does not hold up its loop, and loses what waits when it is closed")
    func heldUp() async throws {
        defer { group.shutdown() }
        let (ours, theirs) = try SocketPair.make()
        let plain = PlainSocket(theirs)
        let socket = try await group.adopt(ours, log)
        let rounds = try await group.with(socket) { socket in
            for number in 0..<600 { socket.send(Self.numbered(number).rawSpan) }
            return socket.loop.statistics.rounds
        }
        let receiver = try PlainSocket()
        let other = try await group.connect(EventLog(), to: receiver.address)
        try await group.with(other) { $0.send("through".bytes.rawSpan) }
        #expect(try receiver.receive() == Array("through".utf8))
        let counters = try await group.with(socket) { socket in
            #expect(socket.isBlocked && socket.loop.statistics.rounds - rounds < 100, "it waits, it does not spin")
            socket.close()
            return socket.counters
        }
        #expect(counters.datagramsSent + counters.droppedOutput == 600)
        for number in 0..<Int(counters.datagramsSent) { #expect(try plain.receive() == Self.numbered(number)) }
    }

    @Test("where the kernel refuses to cut a message, its datagrams are sent one by one from then on")
    func runtimeFallback() async throws {
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let target = try await group.with(bound) { $0.localAddress }
        let refusals = EventLog<Told>()
        let connected = try await group.connect(refusals, to: target)
        let run = pattern(1, 40 * 500 + 3)
        for round in 1...2 {
            let counters = try await group.with(connected) { socket in
                // Without checksums there is nothing that the kernel could cut by.
                try socket.socket.set(SOL_SOCKET, SO_NO_CHECK, 1)
                socket.send(run.rawSpan, segmentSize: 500)
                socket.exchange.outbox.sendAll()
                return socket.counters
            }
            let arrived = try await log.wait(forDatagrams: 41 * round).suffix(41)
            #expect(arrived.flatMap(\.bytes) == run)
            #expect(arrived.allSatisfy { $0.together == 1 && $0.bytes.count == 500 || $0.bytes.count == 3 })
            #expect(counters.datagramsSent == UInt64(41 * round) && counters.bytesSent == UInt64(run.count * round))
            #expect(counters.refusedOutput == 0)
            // Two tries and two calls of 32 and 9; then the calls alone.
            #expect(counters.sendCalls == (round == 1 ? 4 : 6))
        }
        #expect(try await group.with(connected) { $0.largestSegment } == 499)
        #expect(refusals.events == [])
    }

    @Test("a destination that cannot be sent to is refused by itself, in either form")
    func unreachable() async throws {
        defer { group.shutdown() }
        let receiver = try PlainSocket()
        let bound = try await group.bind(log)
        let counters = try await group.with(bound) { socket in
            // Port 0 is no destination: EINVAL, which a cut message might be blamed for.
            socket.send(pattern(1, 300).rawSpan, segmentSize: 100, to: .loopback(port: 0))
            socket.send("reaches".bytes.rawSpan, to: receiver.address)
            socket.send("goes nowhere".bytes.rawSpan)
            socket.exchange.outbox.sendAll()
            return socket.counters
        }
        #expect(counters.refusedOutput == 4 && counters.datagramsSent == 1)
        #expect(try receiver.receive() == Array("reaches".utf8))
        try await log.wait(for: .failed(EINVAL))
        #expect(log.events == [.failed(EINVAL)], "one word per round")
        #expect(try await group.with(bound) { $0.largestSegment } == DatagramArena.maximumMessage)
    }

    @Test("more than the arena holds is sent on the way, in order")
    func arenaOverflow() async throws {
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let target = try await group.with(bound) { $0.localAddress }
        let connected = try await group.connect(EventLog(), to: target)
        try await group.with(connected) { socket in
            // Each is larger than the one before and begins a message: the table of messages is what fills.
            for number in 0..<300 { socket.send(Self.numbered(number, 100 + number).rawSpan) }
        }
        let arrived = try await log.wait(forDatagrams: 300)
        #expect(arrived.map(\.bytes) == (0..<300).map { Self.numbered($0, 100 + $0) })
        #expect(try await group.with(connected) { $0.counters.sendCalls } < 20)
    }

    @Test("a large run is sent at once, and after what was queued before it")
    func atOnce() async throws {
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let target = try await group.with(bound) { $0.localAddress }
        let connected = try await group.connect(EventLog(), to: target)
        let runs = [(8 * 1_200, 1_200), (4_096 + 7, 100), (9_000, 9_000), (65_507, 65_507), (60_000, 1_000)]
        try await group.with(connected) { socket in
            for (number, (size, segment)) in runs.enumerated() {
                let before = socket.counters
                socket.send(pattern(number, size).rawSpan, segmentSize: segment)
                #expect(socket.counters.sendCalls == before.sendCalls + 1)
                #expect(socket.counters.datagramsSent == before.datagramsSent + UInt64((size + segment - 1) / segment))
                #expect(socket.counters.bytesSent == before.bytesSent + UInt64(size))
            }
            let sent = socket.counters
            socket.send(pattern(20, 50).rawSpan)
            socket.send(pattern(21, 9_600).rawSpan, segmentSize: 1_200)
            // More than one message: it goes the common way, in parts.
            socket.send(pattern(22, 100_000).rawSpan, segmentSize: 1_000)
            #expect(socket.counters == sent)
        }
        let expected =
            runs.enumerated().map { pattern($0.offset, $0.element.0) }
            + [pattern(20, 50), pattern(21, 9_600), pattern(22, 100_000)]
        let arrived = try await log.wait(forDatagrams: 8 + 42 + 1 + 1 + 60 + 1 + 8 + 100)
        #expect(arrived.flatMap(\.bytes) == expected.flatMap(\.self))
    }

    @Test("a large run that the kernel does not take waits with the others, in order")
    func atOnceHeldUp() async throws {
        defer { group.shutdown() }
        let (ours, theirs) = try SocketPair.make()
        let plain = PlainSocket(theirs)
        let socket = try await group.adopt(ours, log)
        // No larger than one datagram, for this pair cuts nothing.
        let sizes = (0..<60).map { $0 % 3 == 0 ? 1_000 : 5_000 }
        try await group.with(socket) { socket in
            for (number, size) in sizes.enumerated() { socket.send(Self.numbered(number, size).rawSpan) }
            socket.exchange.outbox.sendAll()
            #expect(socket.isBlocked && socket.pendingOutput > 0)
        }
        for (number, size) in sizes.enumerated() { #expect(try plain.receive() == Self.numbered(number, size)) }
        let counters = try await group.with(socket) { $0.counters }
        #expect(counters.datagramsSent == 60 && counters.droppedOutput + counters.refusedOutput == 0)
    }

    @Test("an error that was waiting on a connected socket costs none of a large run")
    func atOnceAfterError() async throws {
        defer { group.shutdown() }
        let target = try PlainSocket.freeAddress()
        let told = EventLog<Told>()
        let connected = try await group.connect(told, to: target)
        let receiver = try await group.with(connected) { socket in
            socket.send("nobody is here".bytes.rawSpan)
            socket.exchange.outbox.sendAll()
            // The answer lies on the socket by now, for loopback answers within the call.
            let receiver = try PlainSocket(on: target)
            socket.send(pattern(1, 9_600).rawSpan, segmentSize: 1_200)
            #expect(socket.counters.datagramsSent == 9 && socket.counters.refusedOutput == 0)
            return receiver
        }
        for number in 0..<8 {
            #expect(try receiver.receive() == Array(pattern(1, 9_600)[number * 1_200..<(number + 1) * 1_200]))
        }
        try await told.wait(for: .failed(ECONNREFUSED))
    }

    @Test("a size that one peer's path refuses to have cut is still cut for the others of a bound socket")
    func refusedSizeOfOnePeer() async throws {
        defer { group.shutdown() }
        let receiver = EventLog<Told>()
        let target = try await group.with(try await group.bind(receiver)) { $0.localAddress }
        let bound = try await group.bind(log)
        let run = pattern(1, 10 * 500)
        let counters = try await group.with(bound) { socket in
            try socket.socket.set(SOL_SOCKET, SO_NO_CHECK, 1)
            socket.send(run.rawSpan, segmentSize: 500, to: target)
            try socket.socket.set(SOL_SOCKET, SO_NO_CHECK, 0)
            socket.send(run.rawSpan, segmentSize: 500, to: target)
            return socket.counters
        }
        let arrived = try await receiver.wait(forDatagrams: 20)
        #expect(arrived.flatMap(\.bytes) == run + run)
        #expect(arrived.map(\.together) == Array(repeating: 1, count: 10) + Array(repeating: 10, count: 10))
        #expect(counters.datagramsSent == 20 && counters.refusedOutput == 0 && counters.sendCalls == 3)
    }
}
