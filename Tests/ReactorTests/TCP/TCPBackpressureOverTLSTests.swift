import Bytes
import TestKit
import Testing

@testable import Reactor

@Suite("TCPConnection, backpressure over TLS")
struct TCPBackpressureOverTLSTests {
    @Test("whoever writes from inside `connected` or `received` sees when to stop, and hears of it afterwards")
    func insideCallbacks() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let authority = try TestAuthority()
        let server = try TLSServerContext(authority.issue("a.test"))
        let client = try TLSClientContext(trusting: authority)
        let (told, seen) = (EventLog<Seen>(), EventLog<Seen>())
        try await group.onLoop { loop in
            let acceptor = Acceptor(seen) { connection in
                connection.pauseReading()
                connection.write(SharedBytes("go"))
                return Recorder(seen, .pausedFromTheStart)
            }
            let listener = try TCPListener(
                .loopback(port: 0), on: loop, options: TCPOptions(), tls: server, acceptor: acceptor)
            _ = try TCPConnection.connect(
                to: listener.address, on: loop, options: TCPOptions(),
                security: .client(client, serverName: "a.test"), handler: WriterInCallbacks(told))
        }
        try await told.wait(for: .blocked)
        #expect(told.events.prefix(2) == [.connected, .blocked])
    }
}

/// Writes, from inside its callbacks, until it is told to stop.
private final class WriterInCallbacks: TCPHandler {
    private let log: EventLog<Seen>
    private let piece = SharedBytes([UInt8](repeating: 1, count: 64 * 1024))

    init(_ log: EventLog<Seen>) { self.log = log }

    func connected(_ connection: TCPConnection) {
        log.append(.connected)
        fill(connection)
    }

    func received(_ bytes: RawSpan, on connection: TCPConnection) { fill(connection) }
    func outputBlocked(_ connection: TCPConnection) { log.append(.blocked) }
    func outputDrained(_ connection: TCPConnection) { fill(connection) }
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { log.append(.closed(reason)) }

    private func fill(_ connection: TCPConnection) {
        while !connection.isOutputBlocked, !connection.isClosed {
            connection.write(piece)
            #expect(connection.pendingOutput <= connection.options.limits.highWatermark + 2 * piece.count)
            // Would never end where the flag did not count.
            if connection.pendingOutput > connection.options.limits.maximumOutput { return }
        }
    }
}
