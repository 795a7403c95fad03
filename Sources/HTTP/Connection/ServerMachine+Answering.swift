extension ServerMachine {
    /// Begins the answer to the request at hand: how it is framed and whether the connection survives it.
    ///
    /// Nil where no answer is due any more, or one has begun. `close` is the program's own wish to end the connection.
    /// An answer of 101 is for a request that asked for an upgrade, and is refused otherwise.
    package mutating func answer(_ status: Status, _ body: OutgoingBody, close: Bool = false) -> ResponsePlan? {
        guard case .exchange(var exchange) = state, !exchange.isAnswered else { return nil }
        if status == .switchingProtocols, exchange.upgrade == .none { return nil }
        let keepAlive = exchange.keepAlive && !close && !isShuttingDown && canDrain(exchange)
        let plan = ResponsePlan(status, body, to: exchange.method, exchange.version, keepAlive: keepAlive)
        exchange.answer = .begun(plan)
        state = .exchange(exchange)
        return plan
    }

    /// Whether what is left of the body can be read and dropped.
    ///
    /// Not where the client was never told to go on: it may now send the body or leave it out, and the next bytes could
    /// be either that or a request.
    private func canDrain(_ exchange: ServerExchange) -> Bool {
        exchange.interim != .owed && (exchange.body.remaining ?? 0) <= limits.maximumDrainBytes
    }

    /// The last byte of the answer has been written.
    package mutating func answerEnded() -> Order {
        guard case .exchange(let exchange) = state, case .begun(let plan) = exchange.answer else { return .none }
        if plan.status == .switchingProtocols {
            state = .upgraded
            return .handOver
        }
        // The body may have been refused after the head of the answer went out.
        guard plan.keepAlive, exchange.keepAlive, !isShuttingDown else {
            state = .closed
            return .close
        }
        // That what is left of the body can be drained was part of the plan, and less is left since.
        state = exchange.body.isComplete ? .idle : .draining(exchange.body, budget: limits.maximumDrainBytes)
        return .receiveNext
    }

    /// The answer had begun and cannot be finished: only a broken connection tells the client so.
    package mutating func answerFailed() -> Order {
        guard case .exchange = state else { return .none }
        state = .closed
        return .abort
    }
}

// MARK: - The body of the request

extension ServerMachine {
    /// The program wants the body now; true where `100 Continue` must be sent for it, once.
    package mutating func bodyWanted() -> Bool {
        guard case .exchange(var exchange) = state, exchange.interim == .owed, !exchange.isAnswered else {
            return false
        }
        exchange.interim = .sent
        state = .exchange(exchange)
        return true
    }

    /// The route takes bodies of at most `bytes`. Where it throws, answer with the error's status.
    package mutating func limitBody(to bytes: Int) throws(HTTPParseError) {
        guard case .exchange(var exchange) = state else { return }
        do throws(HTTPParseError) {
            try exchange.body.limit(to: bytes)
            state = .exchange(exchange)
        } catch {
            exchange.refuse()
            state = .exchange(exchange)
            throw error
        }
    }
}

// MARK: - The connection

extension ServerMachine {
    /// The peer has sent its last byte. It may still read: what it asked for in full is answered.
    package mutating func inputEnded() -> Order {
        isInputOver = true
        switch state {
        case .idle, .head, .draining: return .receiveNext
        case .exchange(let exchange): return exchange.body.isComplete ? .none : .receiveNext
        case .upgraded, .closed: return .none
        }
    }

    /// The timer that `waitsFor` asked for has run out.
    package mutating func timedOut() -> Order {
        switch state {
        case .idle, .draining:
            state = .closed
            return .close
        case .head:
            state = .exchange(ServerExchange())
            return .answer(.requestTimeout)
        case .exchange(var exchange):
            if exchange.body.isComplete { return .none }
            if exchange.isAnswered {
                state = .closed
                return .abort
            }
            exchange.refuse()
            state = .exchange(exchange)
            return .answer(.requestTimeout)
        case .upgraded, .closed:
            return .none
        }
    }

    /// The server is going away: what has been asked is answered, with a close after it.
    package mutating func shutDown() -> Order {
        isShuttingDown = true
        switch state {
        case .idle, .draining:
            state = .closed
            return .close
        case .head, .exchange, .upgraded, .closed:
            return .none
        }
    }

    /// The server is going away, but waits for one more request: an idle connection stays until that is answered.
    package mutating func closeAfterNext() { isShuttingDown = true }

    /// Whether the connection is over and only waits to be closed.
    package var isClosed: Bool {
        switch state {
        case .closed: true
        case .idle, .head, .exchange, .draining, .upgraded: false
        }
    }
}
