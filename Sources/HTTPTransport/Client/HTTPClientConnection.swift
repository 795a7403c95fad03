import Bytes
import HTTP
import Reactor

/// One connection of a pool: sends a request, reads its answer, and is ready for the next.
///
///     connecting ──► exchanging ──► resting ──► idle ──► exchanging …
///                        │   ▲         ▲
///               redirect ▼   │         │
///                     discarding ──────┘          every state ──► gone
///
/// What bytes mean is `ClientMachine`'s business; this is its shell. It rests from the last byte of an answer to the
/// end of the round, so that bytes which come along behind that answer are never taken for the next one's.
final class HTTPClientConnection {
    enum Phase {
        case connecting(HTTPClientExchange)
        case exchanging(HTTPClientExchange)
        /// Reads the body of a redirect before its request goes on; so many more bytes of it.
        case discarding(HTTPClientExchange, left: Int)
        case resting
        case idle
        /// Closed, closing, or handed over: no longer of the pool.
        case gone
    }

    /// What the socket's deadline is for.
    enum Timing {
        case nothing, `continue`, head, body
    }

    /// How the server's output ended while the owner held it back.
    enum InputEnd {
        case finished
        case lost(TCPCloseReason)
    }

    let pool: OriginPool
    var client: HTTPClient { pool.client }

    var phase = Phase.idle
    private(set) var socket: TCPConnection?
    private var connector: TCPConnector?

    var machine: ClientMachine
    /// Bytes that have come and are not consumed: part of a head, or a body that the owner holds back.
    var input: ByteQueue
    var inputEnd: InputEnd?
    /// A byte has come since the request went out.
    var answerBegan = false
    /// The head that the machine gave last agrees to another protocol.
    var isUpgraded = false

    private var requestsServed = 0
    /// `bytesSent` of the socket before the request.
    private var sentBefore: UInt64 = 0
    private var timing = Timing.nothing

    init(in pool: OriginPool) {
        self.pool = pool
        let limits = pool.client.options.limits
        machine = ClientMachine(limits: limits)
        // What is left of a head, a full read behind it, and the record that TLS may have kept from the read before.
        input = ByteQueue(maximum: limits.head.maximumHeadBytes + Scratch.maximum + 32 * 1024)
    }

    /// Whether a request may be put on it.
    var isUsable: Bool { socket?.isOpen ?? false }

    /// Nothing has gone out since the request began.
    private var nothingSent: Bool { socket?.bytesSent == sentBefore }
}

// MARK: - Requests

extension HTTPClientConnection {
    func open(for exchange: HTTPClientExchange) {
        phase = .connecting(exchange)
        exchange.connects(on: self)
        let origin = pool.key.origin
        connector = TCPConnector.connect(
            to: .host(origin.host, port: origin.port), resolver: client.resolver, on: client.loop,
            options: client.tcpOptions, security: pool.security, limits: client.options.connectLimits, handler: self
        ) { outcome in
            self.connectEnded(outcome)
        }
    }

    private func connectEnded(_ outcome: TCPConnector.Outcome) {
        connector = nil
        guard case .connecting(let exchange) = phase else { return }
        switch outcome {
        case .success(let socket):
            self.socket = socket
            client.counters.connectionsOpened &+= 1
            start(exchange)
        case .failure(let error):
            client.counters.connectsFailed &+= 1
            exchange.fail(HTTPClientError.Kind(error))
            leave()
        }
    }

    /// Sends the head of a request, and its body where nothing holds that back.
    func start(_ exchange: HTTPClientExchange) {
        guard let socket else { return }
        let request = exchange.request
        if requestsServed > 0 { client.counters.connectionsReused &+= 1 }
        requestsServed += 1
        sentBefore = socket.bytesSent
        answerBegan = false
        timing = .nothing
        phase = .exchanging(exchange)
        exchange.started(on: self)
        if exchange.isPaused { socket.pauseReading() }
        do throws(RequestEncoderError) {
            try sendHead(of: exchange, on: socket)
        } catch {
            // Nothing was sent, so the connection is as good as before.
            exchange.fail(.invalidRequest(.encoding(error)))
            return rest()
        }
        let isSent = if case .sent = exchange.outgoing { true } else { false }
        let accepted = machine.begin(request.method, isSent: isSent, upgrades: request.upgrades)
        precondition(accepted, "a connection of the pool is free for a request")
        if !request.awaitsContinue { exchange.releaseBody() }
        socket.flush()
        watch()
    }

    /// Writes the head, with a small body behind it; only queues it where more follows at once.
    private func sendHead(of exchange: HTTPClientExchange, on socket: TCPConnection) throws(RequestEncoderError) {
        let request = exchange.request
        let url = request.url
        let host = request.host ?? url.origin.authority
        try client.withOutput { output throws(RequestEncoderError) in
            try url.target.withRawSpan { target throws(RequestEncoderError) in
                try host.withRawSpan { host throws(RequestEncoderError) in
                    try request.encoder.encode(target: target, host: host, request.fields, into: &output)
                }
            }
            switch request.body {
            case .bytes(let body) where !request.awaitsContinue && body.count <= client.options.maximumCopiedBody:
                output.append(body)
                exchange.outgoing = .sent
            case .bytes where !request.awaitsContinue: return socket.enqueue(output.bytes)
            case .none, .stream(length: 0): exchange.outgoing = .sent
            case .bytes, .stream: break
            }
            socket.write(output.bytes)
        }
    }

    /// The last byte of the body has been written.
    func requestEnded() {
        machine.requestEnded()
        watch()
    }

    func pausedByOwner() {
        socket?.pauseReading()
        watch()
    }

    func resumedByOwner() {
        watch()
        client.loop.afterRound { self.goOn() }
    }
}

// MARK: - The end of a request

extension HTTPClientConnection {
    /// The answer is whole and the connection good for another: free at the end of the round.
    func rest() {
        phase = .resting
        socket?.deadline = nil
        socket?.resumeReading()
        client.loop.afterRound {
            guard case .resting = self.phase else { return }
            if self.isUsable, !self.client.isShutDown { self.pool.release(self) } else { self.retire() }
        }
    }

    func becameIdle() {
        phase = .idle
        socket?.deadline = client.loop.now + client.options.idleLifetime
    }

    /// Leaves the pool and closes in good order.
    func retire() {
        leave()
        socket?.close()
    }

    /// Leaves the pool and breaks the connection off.
    func discard() {
        leave()
        socket?.abort()
    }

    /// The connection is not the pool's any more.
    func leave(again: HTTPClientExchange? = nil) {
        if case .gone = phase { return }
        phase = .gone
        socket?.deadline = nil
        pool.remove(self, again: again)
    }

    /// The owner gives its request up.
    func abandon(_ exchange: HTTPClientExchange) {
        if socket != nil, !nothingSent { exchange.wasSent = true }
        discard()
        connector.take()?.cancel()
    }

    /// The request fails, unless it may be sent again where `kind` is the end of a connection that had served before.
    func failed(_ kind: HTTPClientError.Kind) {
        switch phase {
        case .exchanging(let exchange):
            if !nothingSent { exchange.wasSent = true }
            if requestsServed > 1, !answerBegan, case .closed = kind,
                exchange.mayBeRepeated(nothingSent: nothingSent), !client.isShutDown
            {
                client.counters.requestsRetried &+= 1
                exchange.willRetry()
                leave(again: exchange)
            } else {
                exchange.fail(kind)
                leave()
            }
            socket?.abort()
        case .discarding(let exchange, _):
            discard()
            exchange.goesOn()
        case .idle:
            client.counters.idleLost &+= 1
            discard()
        case .resting: discard()
        case .connecting, .gone: break
        }
    }

    func shutDown() {
        switch phase {
        case .connecting(let exchange), .exchanging(let exchange), .discarding(let exchange, _): exchange.cancel()
        case .resting, .idle: retire()
        case .gone: break
        }
    }

    /// Gives the socket to another protocol, with what the server has sent ahead.
    func handOver(_ exchange: HTTPClientExchange) {
        guard let socket else { return }
        let ahead = SharedBytes(copying: input.readable)
        input.removeAll()
        leave()
        socket.handler = nil
        var head = ResponseHead()
        swap(&head, &client.head)
        defer { swap(&head, &client.head) }
        exchange.upgraded(head, socket, ahead)
        socket.resumeReading()
    }
}

// MARK: - Time

extension HTTPClientConnection {
    /// Runs the timer that the request needs now. Only that between pieces of a body is moved by what comes.
    func watch() {
        guard let socket, case .exchanging(let exchange) = phase else { return }
        let wanted = timing(for: exchange)
        guard wanted != timing || wanted == .body else { return }
        timing = wanted
        let options = client.options
        let now = client.loop.now
        switch wanted {
        case .nothing: socket.deadline = nil
        case .continue: socket.deadline = now + options.continueTimeout
        case .head: socket.deadline = now + options.headTimeout
        case .body: socket.deadline = now + options.bodyTimeout
        }
    }

    private func timing(for exchange: HTTPClientExchange) -> Timing {
        if exchange.isPaused { return .nothing }
        if exchange.hasResponded { return .body }
        if exchange.awaitsContinue { return .continue }
        // While the request is on its way, the socket's write timeout watches the server, and nobody hurries the owner.
        if case .sent = exchange.outgoing { return .head }
        return .nothing
    }

    func deadlinePassed(_ connection: TCPConnection) {
        switch (phase, timing) {
        case (.exchanging(let exchange), .continue):
            exchange.releaseBody()
            watch()
        case (.exchanging, .body): failed(.timeout(.body))
        case (.exchanging, _): failed(.timeout(.head))
        case (.discarding, _): failed(.timeout(.body))
        case (.idle, _):
            client.counters.idleExpired &+= 1
            retire()
        case (.connecting, _), (.resting, _), (.gone, _): break
        }
    }
}

extension HTTPClientRequest.Body {
    var isStreamed: Bool {
        if case .stream = self { true } else { false }
    }
}
