import Bytes
import HTTP
import Reactor

/// One client's connection: reads requests, hands them to the router, and sends the answers in order.
///
/// What bytes mean is `ServerMachine`'s business. This is its shell: it feeds the machine, follows its orders, and runs
/// the one timer that the machine asks for. Idle, it holds no buffer.
final class HTTPServerConnection: ServedConnection {
    let server: HTTPServer
    let connection: TCPConnection
    var position = 0

    var machine: ServerMachine
    /// Bytes that have come and are not consumed: part of a head, or what waits behind an answer.
    private(set) var input: ByteQueue
    private(set) var exchange: HTTPExchange?
    /// What the deadline was set for; nil once a request has come since.
    private var timed: ServerMachine.Wait?
    /// Bytes that had come when the deadline of a body was set.
    private var receivedThen: UInt64 = 0
    /// What takes the socket over once the answer that agrees to it is out.
    var upgrade: ((TCPConnection, SharedBytes) -> Void)?
    /// Whether the socket is another protocol's.
    private(set) var isHandedOver = false
    /// Whether it was accepted for the one request that may be on its way while the server goes away.
    private var isLast = false
    /// Whether a request has come.
    private var hasAsked = false
    /// Whether it has answered as many requests as it may before the others on the loop.
    private var isTurnOver = false

    init(_ connection: TCPConnection, of server: HTTPServer) {
        self.server = server
        self.connection = connection
        machine = ServerMachine(limits: server.options.limits)
        // A whole head must fit, and a full read of whatever a client sends ahead of its turn; a read of TLS may end
        // with what an earlier one began.
        input = ByteQueue(maximum: server.options.limits.head.maximumHeadBytes + Scratch.maximum + 32 * 1024)
        watch()
    }

    func abort() { connection.abort() }

    /// The server goes away: ends now if idle, else after the answer that is under way.
    ///
    /// A client that has not asked for anything yet may have done so on its way: it is waited for.
    func shutDown() {
        guard hasAsked else { return takeLastRequest() }
        machine.closeAfterNext()
        // Its next request may have come already, and nobody has looked: it is answered. Not here, for another
        // connection may be reading.
        server.loop.afterRound { [self] in
            guard !isHandedOver else { return }
            connection.readNow()
            follow(machine.shutDown())
        }
    }

    /// The server goes away, but the client came before it could know: one request is waited for, and answered.
    func takeLastRequest() {
        machine.closeAfterNext()
        isLast = true
        timed = nil
        watch()
    }

    /// The client is not welcome: says so before anything is read, and closes.
    func refuse(_ status: Status, _ message: StaticString) {
        let body = "{\"code\":\(status.code),\"message\":\"\(message)\"}"
        connection.write(
            SharedBytes(
                "HTTP/1.1 \(status.code) \(status.reason)\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"))
        connection.close()
    }
}

// MARK: - Input

extension HTTPServerConnection: TCPHandler {
    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        guard input.isEmpty else {
            keep(bytes)
            return processInput()
        }
        let consumed = process(bytes)
        keep(bytes.extracting(consumed..<bytes.byteCount))
        inputProcessed()
    }

    func peerFinished(_ connection: TCPConnection) {
        if let exchange, exchange.isStreaming || exchange.endsWithClient { return connection.abort(.reset) }
        follow(machine.inputEnded())
    }

    func outputDrained(_ connection: TCPConnection) {
        guard let exchange else { return goOn() }
        exchange.outputDrained()
    }

    func deadlinePassed(_ connection: TCPConnection) {
        let came = connection.bytesReceived - receivedThen
        guard timed == .body, came >= server.options.minimumProgress else { return follow(machine.timedOut()) }
        timed = nil
        watch()
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        let open = exchange.take()
        server.connectionFailed(connection, reason)
        // The exchange first: when the last connection is removed, the server says that it is drained.
        open?.connectionEnded(reason)
        server.remove(self)
    }

    private func keep(_ bytes: RawSpan) {
        guard !bytes.isEmpty, !connection.isClosed else { return }
        // More than the queue holds cannot come: reading is paused while input waits.
        if !input.append(bytes) { connection.abort() }
    }

    /// Goes on with what has come before.
    private func processInput() {
        let consumed = process(input.readable)
        input.consume(consumed)
        inputProcessed()
    }

    private func inputProcessed() {
        if upgrade != nil, exchange == nil { return handOver() }
        holdBackOrRead()
        watch()
    }

    /// Feeds the machine until it has had enough; returns how many bytes are done with.
    private func process(_ bytes: RawSpan) -> Int {
        server.reader = self
        defer {
            flushOutput()
            server.reader = nil
        }
        var consumed = 0
        var requests = 0
        while !connection.isClosed {
            if requests == server.options.requestsPerTurn { endTurn() }
            if isHeldBack { return consumed }
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let step = machine.receive(rest, into: &server.head)
            consumed += step.consumed
            switch step.event {
            case .needsInput, .paused: return consumed
            case .request:
                requests += 1
                hasAsked = true
                dispatch()
            case .body(let range): exchange?.bodyArrived(rest.extracting(range))
            case .bodyEnded: exchange?.bodyEnded()
            case .refused(let error, let answerable): refuse(error, answerable: answerable)
            case .drained: continue
            case .discarded: return bytes.byteCount
            case .upgraded: return consumed
            case .closed:
                close()
                return bytes.byteCount
            }
        }
        return bytes.byteCount
    }

    private func dispatch() {
        let exchange = server.takeExchange(for: self)
        self.exchange = exchange
        timed = nil
        server.route(exchange)
        if exchange.isOver { server.recycle(consume exchange) }
    }

    private func refuse(_ error: HTTPParseError, answerable: Bool) {
        guard answerable else { return connection.abort() }
        refuseRequest(error.status, error.message)
    }

    /// Answers by itself: the request broke the rules, or came too slowly.
    private func refuseRequest(_ status: Status, _ message: StaticString) {
        let refused = exchange ?? server.takeExchange(for: self)
        exchange = refused
        refused.bodyFailed()
        refused.fail(status, message)
    }
}

// MARK: - Flow

extension HTTPServerConnection: EventSource {
    /// The next turn has come.
    func ready(_ readiness: Readiness) {
        isTurnOver = false
        goOn()
    }

    /// Whether what has come must wait for something of ours: for our next turn, for the handler to take the body, or
    /// for room to answer a further request in.
    private var isHeldBack: Bool {
        if isTurnOver { return true }
        guard let exchange else { return connection.isOutputBlocked }
        return exchange.holdsBodyBack && machine.waitsFor == .body
    }

    private func endTurn() {
        isTurnOver = true
        server.loop.again(self)
    }

    /// Reads on unless there is input that cannot be used now: the rest then stays with the kernel, and the client
    /// waits.
    private func holdBackOrRead() {
        let isWaiting = isHeldBack || (exchange != nil && machine.waitsFor == .answer)
        if exchange?.isBodyPaused ?? false || (isWaiting && !input.isEmpty) {
            connection.pauseReading()
        } else {
            connection.resumeReading()
        }
    }

    /// The handler holds the body back, or has asked for it.
    func bodyFlowChanged() {
        guard !isReading else { return }
        holdBackOrRead()
        watch()
        if !isHeldBack { server.loop.afterRound { self.goOn() } }
    }

    /// Goes on with the input that is waiting, from outside of any reading.
    private func goOn() {
        guard !connection.isClosed, !isHandedOver else { return }
        // While a connection has the loan of the head, wait.
        if server.reader == nil { processInput() } else { server.loop.afterRound { self.goOn() } }
    }

    private var isReading: Bool { server.reader === self }

    /// Runs the timer that the machine asks for.
    private func watch() {
        guard !isHandedOver else { return }
        let options = server.options
        let now = server.loop.now
        // What we hold back ourselves is no fault of the client's.
        let wait = isHeldBack ? .answer : machine.waitsFor
        switch wait {
        // One deadline for a request to begin and one for its head to end: empty lines and further bytes move neither.
        // A body has one for each part that is large enough.
        case .request where timed == .request, .head where timed == .head, .body where timed == .body: break
        case .request: connection.deadline = now + (isLast ? options.lastRequestTimeout : options.keepAliveTimeout)
        case .head: connection.deadline = now + options.headTimeout
        case .body:
            connection.deadline = now + options.bodyTimeout
            receivedThen = connection.bytesReceived
        case .answer, .nothing: connection.deadline = nil
        }
        timed = wait
    }
}

// MARK: - Output

extension HTTPServerConnection {
    func follow(_ order: ServerMachine.Order) {
        switch order {
        case .none: break
        // Inside of `process` the loop there goes on by itself.
        case .receiveNext: if !isReading { goOn() }
        case .answer(let status): refuseRequest(status, status.reason)
        case .close: close()
        case .abort: connection.abort()
        case .handOver: if !isReading { handOver() }
        }
    }

    private func close() {
        flushOutput()
        connection.close()
    }

    /// Sends what answers have put into the loop's writer; while requests are being read it waits, so that the answers
    /// to pipelined requests leave together.
    func flushOutput() { server.flush(self) }

    func flushUnlessReading() {
        if !isReading || server.pendingOutput(of: self) > 32 * 1024 { flushOutput() }
    }

    /// The last byte of the answer is written: makes room for the next request.
    func exchangeEnded() {
        guard let ended = exchange.take() else { return }
        let order = machine.answerEnded()
        ended.reset()
        follow(order)
        if !isReading { watch() }
    }

    /// Gives the socket to another protocol, with what the client has sent ahead.
    private func handOver() {
        guard let upgrade = upgrade.take() else { return }
        isHandedOver = true
        flushOutput()
        let ahead = SharedBytes(copying: input.readable)
        input.removeAll()
        connection.deadline = nil
        connection.resumeReading()
        upgrade(connection, ahead)
        // Last, so that a server that drains does not take itself for empty in between.
        server.remove(self)
        if connection.handler === self {
            connection.handler = nil
            connection.abort()
        }
    }
}
