import Bytes

/// One HTTP/1.1 connection as the server sees it: which bytes mean what, what may be sent, and when it is over.
///
///                 first byte          head complete
///     ┌──────┐ ─────────────▶ ┌──────┐ ───────────▶ ┌──────────┐ 101 answered ┌──────────┐
///     │ idle │                │ head │              │ exchange │ ───────────▶ │ upgraded │
///     └──────┘ ◀────────┐     └──────┘              └──────────┘              └──────────┘
///        ▲              │                             │  │  │ answered, cannot go on
///        │   answered, request read whole             │  │  └───────────▶ ┌────────┐
///        └──────────────┼─────────────────────────────┘  │                │ closed │
///                       │         ┌──────────┐           │                └────────┘
///                       └──────── │ draining │ ◀─────────┘ answered,           ▲
///                      all read   └──────────┘             body unread         │
///                                      └───────────────────────────────────────┘ too much unread
///
/// Requests are answered one after the other; what a client pipelines stays in the input until the answer before it has
/// been written. A head or body that is refused turns into an exchange that only needs an answer, with a close after
/// it.
///
/// The shell feeds bytes with `receive` until that wants more or says `paused`, reports what else happens, and follows
/// the `Order` that comes back. Timers are the shell's; `waitsFor` says which one should run.
package struct ServerMachine: Sendable {
    package struct Limits: Sendable, Hashable {
        package var head: HeadLimits
        package var body: BodyLimits
        /// How much of a body that nobody read is read and dropped to keep the connection; beyond it is closed.
        package var maximumDrainBytes: Int

        package init(
            head: HeadLimits = HeadLimits(), body: BodyLimits = BodyLimits(), maximumDrainBytes: Int = 65536
        ) {
            self.head = head
            self.body = body
            self.maximumDrainBytes = maximumDrainBytes
        }
    }

    enum State: Sendable {
        case idle
        case head
        case exchange(ServerExchange)
        /// The answer is out; this is left of the body, and so many bytes may still be dropped.
        case draining(BodyDecoder, budget: Int)
        case upgraded
        case closed
    }

    var state = State.idle
    var parser: RequestParser
    let limits: Limits
    /// Set once no further request is wanted on this connection.
    var isShuttingDown = false
    /// The peer has sent its last byte.
    var isInputOver = false

    package init(limits: Limits = Limits()) {
        self.limits = limits
        parser = RequestParser(limits: limits.head)
    }
}

extension ServerMachine {
    /// What a call of `receive` found, and how many bytes of the input are done with.
    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    package enum Event: Sendable, Equatable {
        /// Nothing more to be had from this input: come back with more behind what was not consumed.
        case needsInput
        /// The head is filled in; answer it. With a body, `body` and `bodyEnded` follow.
        case request(hasBody: Bool)
        /// The part of the input that is body.
        case body(Range<Int>)
        case bodyEnded
        /// The peer broke the rules; where no answer has begun, answer with the error's status. Its connection ends
        /// after it.
        case refused(HTTPParseError, answerable: Bool)
        /// Leave the input alone, and stop reading, until this answer has ended.
        case paused
        /// What was left of a body nobody read is gone; call again.
        case drained
        /// What follows belongs to the other protocol.
        case upgraded
        /// Nothing more can come of this connection: close as `Order.close` says.
        case closed
        /// What follows is of no interest; drop it.
        case discarded
    }

    /// What the shell has to do.
    package enum Order: Sendable, Equatable {
        case none
        /// Call `receive` again with what there is, perhaps nothing: the next request may be waiting.
        case receiveNext
        /// Give an answer with this status; nobody else will.
        case answer(Status)
        /// Send what is pending, then close: FIN first, and drop input for a moment, so that no reset overtakes the
        /// answer.
        case close
        /// Close at once, and stop whoever works on an answer.
        case abort
        /// Hand the connection to the other protocol.
        case handOver
    }

    /// What the connection waits for, that is, which of the shell's timers should run.
    package enum Wait: Sendable, Equatable {
        /// For a request to begin.
        case request
        /// For the rest of a head.
        case head
        /// For more of the body.
        case body
        /// For the program's own answer: nothing of the peer's is due.
        case answer
        case nothing
    }

    package var waitsFor: Wait {
        switch state {
        case .idle: .request
        case .head: .head
        case .exchange(let exchange): exchange.body.isComplete ? .answer : .body
        case .draining: .body
        case .upgraded, .closed: .nothing
        }
    }
}
