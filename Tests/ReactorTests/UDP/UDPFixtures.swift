import Bytes
import CLinux
import Glibc
import TestKit

@testable import Reactor

/// What a datagram socket told its handler.
enum Told: Equatable, Sendable {
    /// One datagram, taken out of its batch.
    case datagram(Arrived)
    case batchEnded
    case failed(CInt)
}

struct Arrived: Equatable, Sendable {
    var bytes: [UInt8]
    var peer: SocketAddress
    var local: SocketAddress.Host?
    var interface: UInt32
    var trafficClass: TrafficClass
    /// Datagrams in the batch that it came in.
    var together: Int
}

/// Records what happens on a socket, and does what the test asks for.
final class DatagramRecorder: UDPHandler {
    let log: EventLog<Told>
    var onBatch: ((borrowing DatagramBatch, UDPSocket) -> Void)?

    init(_ log: EventLog<Told>, onBatch: ((borrowing DatagramBatch, UDPSocket) -> Void)? = nil) {
        self.log = log
        self.onBatch = onBatch
    }

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) {
        for position in 0..<datagrams.count {
            log.append(
                .datagram(
                    Arrived(
                        bytes: Array(copying: datagrams[position]), peer: datagrams.peer, local: datagrams.local,
                        interface: datagrams.interface, trafficClass: datagrams.trafficClass,
                        together: datagrams.count)))
        }
        onBatch?(datagrams, socket)
    }

    func batchEnded(on socket: UDPSocket) { log.append(.batchEnded) }
    func failed(_ error: SystemError, on socket: UDPSocket) { log.append(.failed(error.code)) }
}

extension EventLog where Event == Told {
    var datagrams: [Arrived] {
        events.compactMap { if case .datagram(let arrived) = $0 { arrived } else { nil } }
    }

    /// Waits for `count` datagrams and returns all that have come.
    @discardableResult
    func wait(forDatagrams count: Int) async throws -> [Arrived] {
        try await wait(for: "\(count) datagrams") { events in
            events.count { if case .datagram = $0 { true } else { false } } >= count
        }
        return datagrams
    }
}

/// A reference to something on a loop that a test carries from one visit of the loop to the next.
struct OnLoop<Value>: @unchecked Sendable {
    // Safe: the value is touched on its loop alone; between two visits it is only carried.
    let value: Value
}

extension LoopGroup {
    /// Opens a bound socket on a loop, and records into `log`.
    func bind(
        _ log: EventLog<Told>, on address: SocketAddress = .loopback(port: 0), loop: Int = 0,
        options: UDPOptions = UDPOptions(),
        onBatch: (@Sendable (borrowing DatagramBatch, UDPSocket) -> Void)? = nil
    ) async throws -> OnLoop<UDPSocket> {
        try await onLoop(loop) { loop in
            let recorder = DatagramRecorder(log, onBatch: onBatch)
            return OnLoop(value: try UDPSocket.bind(address, on: loop, options: options, handler: recorder))
        }
    }

    func connect(
        _ log: EventLog<Told>, to peer: SocketAddress, from local: SocketAddress? = nil, loop: Int = 0,
        options: UDPOptions = UDPOptions()
    ) async throws -> OnLoop<UDPSocket> {
        try await onLoop(loop) { loop in
            let recorder = DatagramRecorder(log)
            return OnLoop(
                value: try UDPSocket.connect(to: peer, from: local, on: loop, options: options, handler: recorder))
        }
    }

    /// Visits a socket on its loop.
    func with<R: Sendable>(
        _ socket: OnLoop<UDPSocket>, loop: Int = 0, _ body: @escaping @Sendable (UDPSocket) throws -> R
    ) async throws -> R {
        try await onLoop(loop) { _ in try body(socket.value) }
    }
}

/// A socket without a loop, as a program that knows nothing of ours would use it.
final class PlainSocket: Sendable {
    let socket: Socket
    let address: SocketAddress

    init(on local: SocketAddress = .loopback(port: 0)) throws {
        socket = try Socket(family: local.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_DGRAM)
        try socket.bind(to: local)
        address = socket.localAddress ?? local
    }

    /// Takes over one end of a pair.
    init(_ socket: Socket) {
        self.socket = socket
        address = .loopback(port: 0)
    }

    deinit { socket.close() }

    /// An address that nobody is bound to.
    static func freeAddress() throws -> SocketAddress { try PlainSocket().address }

    /// Cuts what is sent from now on into datagrams of `size` bytes.
    func segment(_ size: Int) throws { try socket.set(CInt(IPPROTO_UDP), UDP_SEGMENT, CInt(size)) }

    func send(_ bytes: [UInt8], to peer: SocketAddress) throws {
        let sent = peer.withSystemAddress { sendto(socket.descriptor, bytes, bytes.count, 0, $0, $1) }
        guard sent == bytes.count else { throw SystemError.last("sendto") }
    }

    /// The next datagram; waits for at most 20 s.
    func receive() throws -> [UInt8] {
        var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20_000) == 1 else { throw SystemError("poll", ETIMEDOUT) }
        var buffer = [UInt8](repeating: 0, count: 128 * 1024)
        let count = recv(socket.descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw SystemError.last("recv") }
        return Array(buffer[..<count])
    }
}

/// `count` bytes that depend on `seed`, at most 300,000.
func pattern(_ seed: Int, _ count: Int) -> [UInt8] {
    let start = seed &* 31 & 0x3FFF
    return Array(patternBlock[start..<start + count])
}

private let patternBlock: [UInt8] = {
    var random = SplitMix(seed: 3)
    return (0..<0x4000 + 300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}()
