import Bytes
import Reactor
import TestKit

/// What a connection told its handler.
enum Seen: Equatable, Sendable {
    case connected, peerFinished, blocked, drained, deadline
    case received(String)
    case bytes(Int)
    case accepted(SocketAddress)
    case closed(TCPCloseReason)
}

/// Records what happens on a connection, and does what the test asks for.
final class Recorder: TCPHandler {
    enum Mode { case text, count, echo, pausedFromTheStart }

    let log: EventLog<Seen>
    let mode: Mode
    var total = 0
    var onReceive: ((TCPConnection) -> Void)?
    var onDrained: ((TCPConnection) -> Void)?
    var onPeerFinished: ((TCPConnection) -> Void)?
    var onConnected: ((TCPConnection) -> Void)?
    var onBlocked: ((TCPConnection) -> Void)?

    init(_ log: EventLog<Seen>, _ mode: Mode = .text) {
        self.log = log
        self.mode = mode
    }

    func connected(_ connection: TCPConnection) {
        log.append(.connected)
        onConnected?(connection)
    }
    func outputBlocked(_ connection: TCPConnection) {
        log.append(.blocked)
        onBlocked?(connection)
        if mode == .echo { connection.pauseReading() }
    }
    func outputDrained(_ connection: TCPConnection) {
        log.append(.drained)
        onDrained?(connection)
        if mode == .echo { connection.resumeReading() }
    }
    func deadlinePassed(_ connection: TCPConnection) { log.append(.deadline) }
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { log.append(.closed(reason)) }

    func peerFinished(_ connection: TCPConnection) {
        log.append(.peerFinished)
        if let onPeerFinished { onPeerFinished(connection) } else { connection.close() }
    }

    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        total += bytes.byteCount
        switch mode {
        case .text, .pausedFromTheStart: log.append(.received(String(copying: bytes)))
        case .count: log.append(.bytes(total))
        case .echo: connection.write(bytes)
        }
        onReceive?(connection)
    }
}

/// Writes until blocked, and goes on from there.
final class BulkSender {
    static let chunk = 128 * 1024
    private let connection: TCPConnection
    private(set) var left: Int
    private let block = SharedBytes([UInt8](repeating: 42, count: BulkSender.chunk))

    init(connection: TCPConnection, left: Int) {
        self.connection = connection
        self.left = left
    }

    func pump() {
        // A close that is asked for from inside a write may also have made room.
        while left > 0, !connection.isOutputBlocked, connection.acceptsOutput {
            let size = min(left, Self.chunk)
            connection.write(block[0..<size])
            left -= size
        }
    }
}

/// Accepts everything with one kind of handler.
final class Acceptor: TCPAcceptor {
    let log: EventLog<Seen>
    let make: (TCPConnection) -> (any TCPHandler)?

    init(_ log: EventLog<Seen>, make: @escaping (TCPConnection) -> (any TCPHandler)?) {
        self.log = log
        self.make = make
    }

    func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? {
        log.append(.accepted(peer))
        return make(connection)
    }
}

extension TCPOptions {
    /// The defaults with changes.
    static func changed(_ change: (inout Limits, inout Timeouts) -> Void) -> TCPOptions {
        var limits = Limits()
        var timeouts = Timeouts()
        change(&limits, &timeouts)
        return TCPOptions(limits: limits, timeouts: timeouts)
    }
}

extension EventLog where Event == Seen {
    /// All text received so far.
    var text: String {
        events.reduce(into: "") { text, seen in
            if case .received(let piece) = seen { text += piece }
        }
    }

    /// Waits for the end of the connection; why it ended.
    func waitForEnd(within bound: Duration = .seconds(20)) async throws -> TCPCloseReason {
        let reasons = try await wait(for: "an end", within: bound) { events in
            events.contains { $0.closeReason != nil }
        }.compactMap(\.closeReason)
        return reasons[0]
    }
}

extension Seen {
    var isEnd: Bool { closeReason != nil }

    fileprivate var closeReason: TCPCloseReason? { if case .closed(let reason) = self { reason } else { nil } }
}

extension LoopGroup {
    /// Runs `body` on the first loop and returns what it gives.
    func onLoop<R: Sendable>(_ index: Int = 0, _ body: @escaping @Sendable (EventLoop) throws -> R) async throws -> R {
        try await loops[index].run { actor in try body(actor.loop) }.value
    }

    /// Listens on a free loopback port of the first loop with handlers of `mode`.
    func listen(
        _ log: EventLog<Seen>, _ mode: Recorder.Mode = .text, on address: SocketAddress = .loopback(port: 0),
        options: TCPOptions = TCPOptions(), tls: TLSServerContext? = nil,
        prepare: (@Sendable (Recorder, TCPConnection) -> Void)? = nil
    ) async throws -> SocketAddress {
        try await onLoop { loop in
            let acceptor = Acceptor(log) { connection in
                let recorder = Recorder(log, mode)
                if mode == .pausedFromTheStart { connection.pauseReading() }
                prepare?(recorder, connection)
                return recorder
            }
            return try TCPListener(address, on: loop, options: options, tls: tls, acceptor: acceptor).address
        }
    }

    /// Connects from the first loop, records into `log`, and then lets `body` do the first thing. With `tls` it expects
    /// the peer to be `example.com`.
    func connect(
        to address: SocketAddress, _ log: EventLog<Seen>, _ mode: Recorder.Mode = .text,
        options: TCPOptions = TCPOptions(), tls: TLSClientContext? = nil,
        _ body: (@Sendable (TCPConnection, Recorder) -> Void)? = nil
    ) async throws {
        try await onLoop { loop in
            let recorder = Recorder(log, mode)
            let connection = try TCPConnection.connect(
                to: address, on: loop, options: options,
                security: tls.map { .client($0, serverName: "example.com") } ?? .none, handler: recorder)
            body?(connection, recorder)
        }
    }
}
