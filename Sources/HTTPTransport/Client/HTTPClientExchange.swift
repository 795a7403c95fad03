import Bytes
import HTTP
package import Reactor

/// One request and its answer, in the hands of whoever sent it. Calls after its end do nothing.
package final class HTTPClientExchange {
    enum State {
        /// For a connection: in a pool's queue, or between a redirect and the next request.
        case waiting(OriginPool?)
        case connecting(HTTPClientConnection)
        case exchanging(HTTPClientConnection)
        /// The answer is whole, which is told at the end of the round.
        case answered
        case over
    }

    private enum Timer {
        static let wait: UInt32 = 0
        static let whole: UInt32 = 1
    }

    /// The request as it was sent last: redirects that were followed have changed it.
    package internal(set) var request: HTTPClientRequest

    let client: HTTPClient
    private(set) var handler: (any HTTPResponseHandler)?
    private(set) var state = State.waiting(nil)

    /// The request's body, on the connection that it is on now.
    var outgoing = OutgoingState.held
    /// A byte of an answer has come, be it a redirect's.
    var hasAnswerBytes = false
    /// Part of the request has left this machine.
    var wasSent = false
    /// The owner has written part of a body that it alone has.
    var hasStreamed = false
    /// The head of the answer has been told.
    var hasResponded = false
    private(set) var hasRetried = false
    private(set) var isPaused = false
    var redirectsLeft: Int

    private var waitTimer: TimerID?
    private var wholeTimer: TimerID?

    init(_ request: HTTPClientRequest, of client: HTTPClient, to handler: any HTTPResponseHandler) {
        self.request = request
        self.client = client
        self.handler = handler
        redirectsLeft = request.maximumRedirects
        if let timeout = request.timeout { wholeTimer = client.loop.arm(after: timeout, self, token: Timer.whole) }
    }

    package var loop: EventLoop { client.loop }

    package var isOver: Bool {
        if case .over = state { true } else { false }
    }

    /// The server that answers; nil while there is no connection.
    package var peerAddress: SocketAddress? { connection?.socket?.peerAddress }

    /// The connection that the request is on.
    var connection: HTTPClientConnection? {
        if case .exchanging(let connection) = state { connection } else { nil }
    }

    /// Gives up: the connection is broken off, and the handler hears `failed` with `cancelled`, unless it has heard its
    /// last.
    package func cancel() { giveUp(.cancelled) }

    /// Stops `bodyArrived` until `resumeResponse`: the server is held back by its own window, and no timeout but that
    /// of the whole runs.
    package func pauseResponse() {
        guard !isPaused else { return }
        isPaused = true
        connection?.pausedByOwner()
    }

    package func resumeResponse() {
        guard isPaused else { return }
        isPaused = false
        connection?.resumedByOwner()
    }
}

// MARK: - Where it is

extension HTTPClientExchange {
    func waits(in pool: OriginPool) {
        state = .waiting(pool)
        waitTimer = loop.arm(after: client.options.waitTimeout, self, token: Timer.wait)
    }

    func connects(on connection: HTTPClientConnection) {
        stopWaiting()
        state = .connecting(connection)
    }

    func started(on connection: HTTPClientConnection) {
        stopWaiting()
        state = .exchanging(connection)
        hasResponded = false
    }

    /// The connection is of no use any more; the request goes out again on another.
    func willRetry() {
        hasRetried = true
        outgoing = .held
        state = .waiting(nil)
    }

    /// The redirect's own answer is done with: on to where it leads.
    func goesOn() {
        state = .waiting(nil)
        loop.afterRound {
            guard case .waiting(nil) = self.state else { return }
            self.client.submit(self)
        }
    }

    private func stopWaiting() {
        if let waitTimer { loop.cancel(waitTimer) }
        waitTimer = nil
    }

    private func stopTimers() {
        stopWaiting()
        if let wholeTimer { loop.cancel(wholeTimer) }
        wholeTimer = nil
    }
}

// MARK: - The end

extension HTTPClientExchange: TimerTarget {
    package func timerFired(_ token: UInt32) {
        if token == Timer.wait { waitTimer = nil } else { wholeTimer = nil }
        giveUp(.timeout(token == Timer.wait ? .wait : .whole))
    }

    private func giveUp(_ kind: HTTPClientError.Kind) {
        switch state {
        case .waiting(let pool): pool?.withdraw(self)
        case .connecting(let connection), .exchanging(let connection): connection.abandon(self)
        case .answered: break
        case .over: return
        }
        fail(kind)
    }

    /// The last byte of the answer has come.
    func answered() {
        state = .answered
        stopTimers()
        loop.afterRound {
            guard case .answered = self.state else { return }
            self.state = .over
            self.handler.take()?.answerEnded(self)
        }
    }

    func upgraded(_ head: borrowing ResponseHead, _ socket: TCPConnection, _ ahead: SharedBytes) {
        state = .over
        stopTimers()
        handler.take()?.upgraded(head, socket, ahead, self)
    }

    func fail(_ kind: HTTPClientError.Kind) {
        if case .over = state { return }
        state = .over
        stopTimers()
        let error = HTTPClientError(kind: kind, mayRetryElsewhere: mayRetryElsewhere(after: kind))
        loop.afterRound { self.handler.take()?.failed(error, self) }
    }

    private func mayRetryElsewhere(after kind: HTTPClientError.Kind) -> Bool {
        switch kind {
        case .invalidRequest, .tooLarge, .tooManyRedirects, .cancelled, .timeout(.whole): false
        case .resolve, .connect, .tls, .timeout, .protocolError, .closed, .overloaded:
            !hasAnswerBytes && (request.method.isSafe || !wasSent)
        }
    }
}
