import Bytes
import HTTP
package import Reactor
package import Telemetry

/// The HTTP server of one loop: its listeners, its connections, and what they lend each other.
///
/// Every loop has its own, with a router of its own; nothing is shared between loops but immutable values. The head
/// that requests are parsed into and the writer that answers are put together in exist once per loop, so that an idle
/// connection holds no buffer.
package final class HTTPServer {
    package let loop: EventLoop
    package let options: HTTPServerOptions
    package let router: Router
    let log: Logger
    let meter: HTTPServerMeter?
    let tcpOptions: TCPOptions

    /// Lent to the connection that is being read from.
    var head = RequestHead()
    /// The connection whose input is being looked at: it has the loan of `head`, and no other may parse meanwhile.
    var reader: HTTPServerConnection?
    /// Lent to one connection at a time, `writer`; empty in between.
    private(set) var output = ByteWriter(capacity: 16 * 1024)
    private var writer: HTTPServerConnection?
    private(set) var spareExchange: HTTPExchange?
    private var date = DateText()
    /// Lent for one text at a time; made when the first one is compressed.
    private(set) lazy var gzip = GzipCompressor(.whenAsked)

    private var refusals = RepeatGate()
    private var failures = RepeatGate()
    private var strangers = RepeatGate()
    let connections: ServedConnections

    package init(
        on loop: EventLoop, router: Router, options: HTTPServerOptions = HTTPServerOptions(),
        log: Logger = .silent, meter: HTTPServerMeter? = nil
    ) {
        self.loop = loop
        self.router = router
        self.options = options
        self.log = log
        self.meter = meter
        tcpOptions = options.socketOptions
        connections = ServedConnections(on: loop)
    }

    /// Those that an upgrade gave to WebSocket are among them.
    package var connectionCount: Int { connections.count }
    var isDraining: Bool { connections.isDraining }

    /// Listens on `address`, with TLS where a context is given, and returns the address that is bound.
    @discardableResult
    package func listen(on address: SocketAddress, tls: TLSServerContext? = nil) throws(SystemError) -> SocketAddress {
        try connections.listen(on: address, options: tcpOptions, tls: tls, acceptor: self)
    }

    /// Stops accepting, closes what is idle, and lets what is being answered end; `done` runs when the last connection
    /// is gone. A second call only replaces `done`.
    ///
    /// What the kernel had accepted already may send one request, for its client could not know.
    package func drain(_ done: @escaping () -> Void) { connections.drain(done) }

    /// Breaks off every connection that is left.
    package func abortAll() { connections.abortAll() }
}

// MARK: - Output

extension HTTPServer {
    /// Lets `connection` append to the loop's writer; what another had in it is sent first.
    func write(for connection: HTTPServerConnection, _ body: (inout ByteWriter) -> Void) {
        if writer !== connection {
            writer?.flushOutput()
            writer = connection
        }
        body(&output)
    }

    func writeHead(for connection: HTTPServerConnection, _ plan: ResponsePlan, _ fields: borrowing Fields) {
        let date = self.date.current()
        write(for: connection) {
            ResponseEncoder.encode(plan, fields, date: date.rawSpan, server: options.serverName, into: &$0)
        }
    }

    /// Sends what `connection` has appended.
    func flush(_ connection: HTTPServerConnection) {
        guard writer === connection else { return }
        writer = nil
        connection.connection.write(output.bytes)
        output.removeAll()
    }

    /// Queues what `connection` has appended, to leave with what is queued next.
    func enqueue(_ connection: HTTPServerConnection) {
        guard writer === connection else { return }
        writer = nil
        connection.connection.enqueue(output.bytes)
        output.removeAll()
    }

    /// Sends `pieces` behind what `connection` has appended.
    func write(_ pieces: borrowing SpanPieces, isChunk: Bool, for connection: HTTPServerConnection) {
        write(for: connection) { if isChunk { ChunkedEncoder.appendHeader(pieces.byteCount, to: &$0) } }
        writer = nil
        let end = isChunk ? ChunkedEncoder.lineEnd : .empty
        connection.connection.write(output.bytes, pieces, end.bytes)
        output.removeAll()
    }

    /// Bytes that `connection` has appended and not flushed.
    func pendingOutput(of connection: HTTPServerConnection) -> Int { writer === connection ? output.count : 0 }
}

// MARK: - Connections

extension HTTPServer: TCPAcceptor {
    package func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? {
        if options.places.isOverrun {
            meter?.turnedAway.add()
            log.warning("too many connections", every: &refusals, at: loop.now, ["open": options.places.count])
            return nil
        }
        let handler = HTTPServerConnection(connection, of: self)
        let hasPlace = add(handler)
        if !options.networks.isEmpty, !options.networks.contains(where: { $0.contains(peer.host) }) {
            meter?.forbidden.add()
            log.warning(
                "client of a network that is not allowed", every: &strangers, at: loop.now,
                ["address": peer.host.description])
            handler.refuse(.forbidden, "not from your network")
        } else if !hasPlace {
            meter?.turnedAway.add()
            log.warning("too many connections", every: &refusals, at: loop.now, ["open": options.places.count])
            handler.refuse(.serviceUnavailable, "too many connections")
        } else if isDraining {
            handler.takeLastRequest()
        }
        return handler
    }

    /// False where it is one too many.
    @discardableResult
    func add(_ connection: any ServedConnection) -> Bool {
        meter?.connections.add()
        connections.add(connection)
        return options.places.enter()
    }

    func remove(_ connection: any ServedConnection) {
        meter?.connections.subtract()
        options.places.leave()
        connections.remove(connection)
    }
}

// MARK: - Exchanges

extension HTTPServer {
    /// Tells of a client whose connection broke; peers do so all the time, so only what an operator can use is a
    /// warning.
    func connectionFailed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        guard case .tls(let error) = reason else { return }
        log.warning("TLS failed", every: &failures, at: loop.now, ["reason": "\(error)"])
    }

    /// Tells of a file that is there and cannot be read.
    func fileFailed(_ error: FileError) {
        log.warning("a file cannot be served", every: &failures, at: loop.now, ["reason": "\(error)"])
    }

    /// An exchange for a request; the last one that nobody kept is used again.
    func takeExchange(for connection: HTTPServerConnection) -> HTTPExchange {
        if let spare = spareExchange.take() {
            spare.begin(on: connection)
            return spare
        }
        return HTTPExchange(on: connection)
    }

    /// Keeps `exchange`, which is over, for the next request, unless a handler has kept it.
    func recycle(_ exchange: consuming HTTPExchange) {
        if isKnownUniquelyReferenced(&exchange) { spareExchange = exchange }
    }
}

extension LogSubsystem {
    /// HTTP servers and clients.
    package static let http = LogSubsystem("http")
}
