import Bytes

/// One HTTP/1.1 connection as the client sees it: one request at a time, and whether another may follow.
///
///     ┌──────┐ begin   ┌──────────┐ final head  ┌──────┐ body read, request sent whole,
///     │ idle │ ──────▶ │ awaiting │ ──────────▶ │ body │ both sides content
///     └──────┘         └──────────┘             └──────┘ ──────────────────────────────▶ idle
///        ▲              │ 1xx: stays  │ 101        │ otherwise
///        └──────────────┘             ▼            ▼
///                               ┌──────────┐  ┌────────┐
///                               │ upgraded │  │ closed │ ◀── any error, any byte while idle
///                               └──────────┘  └────────┘
///
/// The shell feeds bytes with `receive` until that wants more or the answer has ended. Timers are the shell's.
package struct ClientMachine: Sendable {
    package struct Limits: Sendable, Hashable {
        package var head: HeadLimits
        package var body: BodyLimits
        /// Interim responses (1xx) before the final one.
        package var maximumInterimResponses: Int

        package init(
            head: HeadLimits = HeadLimits(), body: BodyLimits = BodyLimits(), maximumInterimResponses: Int = 8
        ) {
            self.head = head
            self.body = body
            self.maximumInterimResponses = maximumInterimResponses
        }
    }

    private enum State: Sendable {
        case idle
        case awaiting(Request, interim: Int)
        case body(Request, BodyDecoder, keepAlive: Bool)
        case upgraded
        case closed
    }

    private struct Request: Sendable {
        let method: Method
        let closes: Bool
        let upgrades: Bool
        var isSent: Bool
    }

    private var state = State.idle
    private var parser: ResponseParser
    private let limits: Limits

    package init(limits: Limits = Limits()) {
        self.limits = limits
        parser = ResponseParser(limits: limits.head)
    }
}

extension ClientMachine {
    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    package enum Event: Sendable, Equatable {
        /// Nothing more to be had from this input: come back with more behind what was not consumed.
        case needsInput
        /// An interim response; after 100 the body of the request may go out.
        case interim(Status)
        /// The head is filled in; `ended` follows, with a body `body` before it.
        case response(hasBody: Bool)
        /// The part of the input that is body.
        case body(Range<Int>)
        /// The answer is complete. Where not `reusable`, close.
        case ended(reusable: Bool)
        /// What follows belongs to the other protocol.
        case upgraded
        /// Close; there is no use in the connection, and where a request was under way, no answer.
        case failed(Failure)
    }

    package enum Failure: Error, Equatable {
        case malformed(HTTPParseError)
        /// The server closed without a byte of an answer. On a connection that was used before, this is the race
        /// between its idle timer and the request: an idempotent request may be sent again on another (RFC 9112
        /// §9.3.1).
        case closedWithoutAnswer
        /// Bytes that answer nothing.
        case unsolicited
        case tooManyInterimResponses
    }

    /// A request goes out. False where the connection is not free for one.
    ///
    /// `closes` and `upgrades` say what its head says; `isSent` that there is no body to wait for.
    package mutating func begin(_ method: Method, isSent: Bool, closes: Bool = false, upgrades: Bool = false) -> Bool {
        guard case .idle = state else { return false }
        state = .awaiting(Request(method: method, closes: closes, upgrades: upgrades, isSent: isSent), interim: 0)
        return true
    }

    /// The last byte of the request has been written.
    package mutating func requestEnded() {
        switch state {
        case .awaiting(var request, let interim):
            request.isSent = true
            state = .awaiting(request, interim: interim)
        case .body(var request, let body, let keepAlive):
            request.isSent = true
            state = .body(request, body, keepAlive: keepAlive)
        case .idle, .upgraded, .closed:
            break
        }
    }

    /// Refuses from here on an answer's body of more than `bytes`, at once where its length is known already; after
    /// that the connection is of no use. Call it when the head has come.
    package mutating func limitBody(to bytes: Int) throws(HTTPParseError) {
        guard case .body(let request, var body, let keepAlive) = state else { return }
        do throws(HTTPParseError) {
            try body.limit(to: bytes)
            state = .body(request, body, keepAlive: keepAlive)
        } catch {
            state = .closed
            throw error
        }
    }

    /// Whether `begin` would be accepted.
    package var isIdle: Bool {
        switch state {
        case .idle: true
        case .awaiting, .body, .upgraded, .closed: false
        }
    }

    /// Looks at `bytes`, everything not yet consumed of the connection, and says the first thing they mean.
    ///
    /// `head` is written where the event is `interim`, `response` or `upgraded`.
    package mutating func receive(_ bytes: RawSpan, into head: inout ResponseHead) -> Step {
        switch state {
        case .idle:
            return bytes.isEmpty ? Step(consumed: 0, event: .needsInput) : fail(.unsolicited)
        case .awaiting(let request, let interim):
            return receiveHead(bytes, request, interim, into: &head)
        case .body(let request, let body, let keepAlive):
            return receiveBody(bytes, request, body, keepAlive)
        case .upgraded:
            return Step(consumed: 0, event: .upgraded)
        case .closed:
            return fail(.unsolicited)
        }
    }

    /// The server has sent its last byte; all before it has been received. Nil where there is nothing to say.
    package mutating func inputEnded() -> Event? {
        switch state {
        case .idle:
            state = .closed
            return nil
        case .awaiting:
            let failure: Failure = parser.hasStarted ? .malformed(.truncated) : .closedWithoutAnswer
            return fail(failure).event
        case .body(_, var body, _):
            state = .closed
            do throws(HTTPParseError) {
                try body.inputEnded()
                return .ended(reusable: false)
            } catch {
                return .failed(.malformed(error))
            }
        case .upgraded, .closed:
            return nil
        }
    }

    private mutating func fail(_ failure: Failure) -> Step {
        state = .closed
        return Step(consumed: 0, event: .failed(failure))
    }
}

// MARK: - Receiving

extension ClientMachine {
    private mutating func receiveHead(
        _ bytes: RawSpan, _ request: Request, _ interim: Int, into head: inout ResponseHead
    ) -> Step {
        do throws(HTTPParseError) {
            guard let length = try parser.parse(bytes, answering: request.method, into: &head) else {
                return Step(consumed: 0, event: .needsInput)
            }
            return accept(head, length, request, interim)
        } catch {
            return fail(.malformed(error))
        }
    }

    private mutating func accept(
        _ head: borrowing ResponseHead, _ length: Int, _ request: Request, _ interim: Int
    ) -> Step {
        if head.status == .switchingProtocols || request.method == .connect && head.status.isSuccess {
            // RFC 9110 §15.2.2: only a client that asked for it can go on with another protocol.
            guard request.upgrades || request.method == .connect else { return fail(.unsolicited) }
            state = .upgraded
            return Step(consumed: length, event: .upgraded)
        }
        if head.status.isInformational {
            guard interim < limits.maximumInterimResponses else { return fail(.tooManyInterimResponses) }
            state = .awaiting(request, interim: interim + 1)
            return Step(consumed: length, event: .interim(head.status))
        }
        let body = BodyDecoder(head.framing, limits: limits.body)
        state = .body(request, body, keepAlive: head.keepAlive)
        return Step(consumed: length, event: .response(hasBody: !body.isComplete))
    }

    private mutating func receiveBody(
        _ bytes: RawSpan, _ request: Request, _ current: BodyDecoder, _ keepAlive: Bool
    ) -> Step {
        var body = current
        if body.isComplete { return end(request, keepAlive) }
        guard !bytes.isEmpty else { return Step(consumed: 0, event: .needsInput) }
        do throws(HTTPParseError) {
            let step = try body.decode(bytes)
            state = .body(request, body, keepAlive: keepAlive)
            let event: Event = step.data.isEmpty ? .needsInput : .body(step.data)
            if step.data.isEmpty, body.isComplete {
                return Step(consumed: step.consumed, event: end(request, keepAlive).event)
            }
            return Step(consumed: step.consumed, event: event)
        } catch {
            return fail(.malformed(error))
        }
    }

    /// An answer that came before its request was whole leaves the rest of that request in the way of the next.
    private mutating func end(_ request: Request, _ keepAlive: Bool) -> Step {
        let reusable = keepAlive && request.isSent && !request.closes
        state = reusable ? .idle : .closed
        return Step(consumed: 0, event: .ended(reusable: reusable))
    }
}
