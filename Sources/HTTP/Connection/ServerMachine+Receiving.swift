import Bytes

extension ServerMachine {
    /// Looks at `bytes`, everything not yet consumed of the connection, and says the first thing they mean.
    ///
    /// `head` is written only where the event is `request`, so that a loop can lend one to all its connections.
    package mutating func receive(_ bytes: RawSpan, into head: inout RequestHead) -> Step {
        let step: Step
        switch state {
        case .idle, .head: step = receiveHead(bytes, into: &head)
        case .exchange(let exchange): step = receiveBody(bytes, exchange)
        case .draining(let body, let budget): step = drain(bytes, body, budget)
        case .upgraded: step = Step(consumed: 0, event: .upgraded)
        case .closed: step = Step(consumed: bytes.byteCount, event: .discarded)
        }
        guard isInputOver, step.event == .needsInput else { return step }
        return starve()
    }

    /// More is needed and nothing more will come.
    private mutating func starve() -> Step {
        guard case .exchange(var exchange) = state else {
            state = .closed
            return Step(consumed: 0, event: .closed)
        }
        let answerable = !exchange.isAnswered
        exchange.refuse()
        state = .exchange(exchange)
        return Step(consumed: 0, event: .refused(.truncated, answerable: answerable))
    }

    private mutating func receiveHead(_ bytes: RawSpan, into head: inout RequestHead) -> Step {
        do throws(HTTPParseError) {
            guard let length = try parser.parse(bytes, into: &head) else {
                state = parser.hasStarted ? .head : .idle
                return Step(consumed: 0, event: .needsInput)
            }
            let exchange = ServerExchange(head, limits: limits.body)
            state = .exchange(exchange)
            return Step(consumed: length, event: .request(hasBody: !exchange.body.isComplete))
        } catch {
            state = .exchange(ServerExchange())
            return Step(consumed: bytes.byteCount, event: .refused(error, answerable: true))
        }
    }

    private mutating func receiveBody(_ bytes: RawSpan, _ current: ServerExchange) -> Step {
        var exchange = current
        defer { state = .exchange(exchange) }
        if exchange.body.isComplete {
            guard !exchange.isBodyEndReported else { return Step(consumed: 0, event: .paused) }
            exchange.isBodyEndReported = true
            return Step(consumed: 0, event: .bodyEnded)
        }
        guard !bytes.isEmpty else { return Step(consumed: 0, event: .needsInput) }
        do throws(HTTPParseError) {
            let step = try exchange.body.decode(bytes)
            // A client that sends its body need not be told to go on any more (RFC 9110 §10.1.1).
            if exchange.interim == .owed { exchange.interim = .notAsked }
            if !step.data.isEmpty { return Step(consumed: step.consumed, event: .body(step.data)) }
            guard exchange.body.isComplete else { return Step(consumed: step.consumed, event: .needsInput) }
            exchange.isBodyEndReported = true
            return Step(consumed: step.consumed, event: .bodyEnded)
        } catch {
            exchange.refuse()
            return Step(consumed: bytes.byteCount, event: .refused(error, answerable: !exchange.isAnswered))
        }
    }

    /// Drops what belongs to a body nobody read, at most `budget` bytes of it.
    private mutating func drain(_ bytes: RawSpan, _ current: BodyDecoder, _ budget: Int) -> Step {
        var body = current
        var position = 0
        do throws(HTTPParseError) {
            while position < bytes.byteCount, !body.isComplete {
                position += try body.decode(bytes.extracting(position..<bytes.byteCount)).consumed
            }
        } catch {
            state = .closed
            return Step(consumed: bytes.byteCount, event: .closed)
        }
        if body.isComplete {
            state = .idle
            return Step(consumed: position, event: .drained)
        }
        guard position <= budget else {
            state = .closed
            return Step(consumed: position, event: .closed)
        }
        state = .draining(body, budget: budget - position)
        return Step(consumed: position, event: .needsInput)
    }
}
