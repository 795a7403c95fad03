package import Bytes
package import RTMP
package import Reactor
package import Telemetry

/// What a server makes of an accepted connection, and tells it.
package protocol RTMPServedConnection: TCPHandler, ServedConnection {
    /// The server's own.
    var admission: RTMPAdmission { get set }
}

/// The RTMP server of one loop: its listeners and its connections. What a connection does is its maker's business.
package final class RTMPServer {
    package struct Options: Sendable {
        /// Shared by all loops.
        package var places: ConnectionPlaces
        package var tcp: TCPOptions

        package init(places: ConnectionPlaces, tcp: TCPOptions = Options.usualTCP) {
            self.places = places
            self.tcp = tcp
        }

        /// A player that waits for a publisher is silent for as long as that takes; those that have gone TCP finds.
        package static let usualTCP: TCPOptions = {
            var timeouts = TCPOptions.Timeouts()
            timeouts.idle = nil
            return TCPOptions(timeouts: timeouts)
        }()
    }

    package let loop: EventLoop
    package let options: Options
    package let log: Logger
    /// Told of connections that come, go, and are turned away.
    private let meter: RTMPServerMeter?
    private let make: (TCPConnection, RTMPServer) -> any RTMPServedConnection

    private let connections: ServedConnections
    private var halfOpen = HalfOpenConnections()
    private var refusals = RepeatGate()
    private var failures = RepeatGate()
    /// Lent to the connection that is being read from.
    private var output: ByteWriter?

    package init(
        on loop: EventLoop, options: Options, log: Logger, meter: RTMPServerMeter? = nil,
        make: @escaping (TCPConnection, RTMPServer) -> any RTMPServedConnection
    ) {
        self.loop = loop
        self.options = options
        self.log = log
        self.meter = meter
        self.make = make
        connections = ServedConnections(on: loop)
    }

    package var connectionCount: Int { connections.count }
    package var isDraining: Bool { connections.isDraining }

    @discardableResult
    package func listen(on address: SocketAddress, tls: TLSServerContext? = nil) throws(SystemError) -> SocketAddress {
        try connections.listen(on: address, options: options.tcp, tls: tls, acceptor: self)
    }

    /// Stops accepting and asks every connection to end; `done` runs when the last is gone.
    package func drain(_ done: @escaping () -> Void) { connections.drain(done) }

    /// Breaks off every connection that is left.
    package func abortAll() { connections.abortAll() }
}

// MARK: - Connections

extension RTMPServer: TCPAcceptor {
    package func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? {
        // Nothing can be said before the handshake, and who is one too many is not worth one.
        guard !options.places.isFull else {
            turnedAway()
            return nil
        }
        if !options.places.enterHalfOpen(), !giveWay() {
            options.places.leaveHalfOpen()
            turnedAway()
            return nil
        }
        let served = make(connection, self)
        meter?.connections(isSecure: connection.isSecure).add()
        served.admission = .halfOpen(ticket: halfOpen.add(served))
        connections.add(served)
        return served
    }

    /// Breaks off the connection that has been half open for longest; false where this loop has none.
    private func giveWay() -> Bool {
        guard let oldest = halfOpen.removeOldest() else { return false }
        options.places.leaveHalfOpen()
        meter?.handshakesDropped.add()
        oldest.abort()
        return true
    }

    private func turnedAway() {
        meter?.turnedAway.add()
        log.warning("too many connections", every: &refusals, at: loop.now, ["open": options.places.count])
    }

    /// A connection has come to `connect`: from here on it needs a place. False where there is none.
    package func admit(_ connection: any RTMPServedConnection) -> Bool {
        guard case .halfOpen(let ticket) = connection.admission, halfOpen.remove(ticket) else { return false }
        options.places.leaveHalfOpen()
        connection.admission = .admitted
        guard !options.places.enter() else { return true }
        turnedAway()
        return false
    }

    /// Each connection calls it once, when it is gone.
    package func remove(
        _ served: any RTMPServedConnection, on connection: TCPConnection, _ reason: TCPCloseReason
    ) {
        if case .tls(let error) = reason {
            log.warning("TLS failed", every: &failures, at: loop.now, ["reason": "\(error)"])
        }
        switch served.admission {
        case .awaited: break
        case .halfOpen(let ticket): if halfOpen.remove(ticket) { options.places.leaveHalfOpen() }
        case .admitted: options.places.leave()
        }
        meter?.connections(isSecure: connection.isSecure).subtract()
        connections.remove(served)
    }

    /// Lets `body` write, and sends what it wrote.
    package func withOutput<Failure: Error>(
        to connection: TCPConnection, _ body: (inout ByteWriter) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = output.take() ?? ByteWriter(capacity: 8 * 1024)
        var failure: Failure?
        do throws(Failure) { try body(&writer) } catch { failure = error }
        connection.write(writer.bytes)
        writer.removeAll()
        if writer.capacity <= Self.keptOutput { output = consume writer }
        if let failure { throw failure }
    }

    private static let keptOutput = 64 * 1024

    /// Tells of a connection that did not speak RTMP, or broke its rules. Peers do so all the time: once a second at
    /// most.
    package func failed(_ connection: TCPConnection, _ error: SessionError, phase: SessionPhase) {
        log.warning(
            error.logMessage, every: &failures, at: loop.now,
            ["peer": connection.peerAddress?.description ?? "", "phase": "\(phase)", "reason": "\(error)"])
    }
}

extension SessionError {
    /// What an operator can do something about is named.
    fileprivate var logMessage: StaticString {
        switch self {
        case .handshake(.tls): "TLS on a port for plain RTMP"
        case .handshake(.http): "HTTP on a port for RTMP"
        case .handshake(.encryptedRTMP): "RTMPE, which is not spoken here"
        case .handshake: "no RTMP"
        case .chunks, .command, .aggregate, .commandBeforeConnect, .tooManyCommands, .unwritable: "bad RTMP"
        }
    }
}

extension LogSubsystem {
    package static let rtmp = LogSubsystem("rtmp")
}
