import Bytes
package import HTTP
package import Reactor

/// One request and its answer, in the hands of a route's handler.
///
/// The handler answers in one piece with `respond`, or begins a stream and writes until `end`. It may do so later, as
/// long as it keeps the exchange; `onEnd` tells when the exchange is over, also when the client has gone. Calls after
/// that do nothing. The request itself is only lent to the handler's call: what is needed later must be copied there.
package final class HTTPExchange {
    enum State {
        case awaiting
        /// The head is out and more body may follow.
        case streaming(ResponsePlan)
        case over
    }

    /// How an exchange ended.
    package enum Ending: Sendable, Equatable {
        /// The whole answer was written.
        case answered
        /// The connection ended first.
        case lost(TCPCloseReason)
    }

    private(set) var connection: HTTPServerConnection?
    var state = State.awaiting

    /// The route that was chosen, and what its pattern took from the path.
    package internal(set) var match: RouteMatch?

    /// Whether a text may be sent compressed: the route offers it and the client accepts it.
    package internal(set) var acceptsGzip = false

    /// The function that JSON goes to, where a page has asked by a script.
    package internal(set) var callback: CallbackName?

    /// Fields that every answer of this exchange carries (CORS).
    var commonFields = Fields()

    /// Told once, when the exchange is over.
    package var onEnd: ((Ending) -> Void)?

    /// Told when output that was blocked has drained.
    package var onDrain: (() -> Void)?

    /// Whether a client that has ended its side is gone, also before the answer begins. Elsewhere it may be waiting for
    /// the answer to all that it had to ask; whoever asks for what has no end stays.
    package var endsWithClient = false

    var bodySink: (any HTTPBodySink)?
    var isBodyPaused = false
    /// What the head of the answer has promised and `write` has not yet been given; nil where it promised no length.
    var owed: Int?
    /// The part of a large body that waits for room.
    var unsent: SharedBytes?

    /// When the head had come, and how it was answered.
    private var began: Instant
    var status: Status?

    init(on connection: HTTPServerConnection) {
        self.connection = connection
        began = connection.server.loop.now
    }

    package var loop: EventLoop? { connection?.server.loop }
    package var peerAddress: SocketAddress? { connection?.connection.peerAddress }
    package var isOver: Bool { if case .over = state { true } else { false } }
    package var isSecure: Bool { connection?.connection.isSecure ?? false }

    /// Whether an answer of unknown length is under way: only the client's presence keeps it alive.
    var isStreaming: Bool {
        if case .streaming(let plan) = state { plan.framing == .chunked || plan.framing == .untilClose } else { false }
    }

    /// The connection, unless it is gone: broken off in this round already, and about to be told.
    var liveConnection: HTTPServerConnection? {
        guard let connection, !connection.connection.isClosed else { return nil }
        return connection
    }

    /// Whether the body of the answer that was begun goes out: not for HEAD, and not after the end.
    package var sendsBody: Bool { if case .streaming(let plan) = state { plan.sendsBody } else { false } }

    /// Whether the body of the request must wait: the handler has paused it, or it has neither asked for it nor
    /// answered.
    var holdsBodyBack: Bool {
        if isBodyPaused { return true }
        guard case .awaiting = state else { return false }
        return bodySink == nil
    }

    // MARK: For the server

    func begin(on connection: HTTPServerConnection) {
        self.connection = connection
        began = connection.server.loop.now
        state = .awaiting
    }

    /// Forgets everything, so that nothing of one request is seen by the next.
    func reset() {
        connection = nil
        state = .over
        match = nil
        acceptsGzip = false
        callback = nil
        if !commonFields.isEmpty { commonFields = Fields() }
        status = nil
        onEnd = nil
        onDrain = nil
        endsWithClient = false
        bodySink = nil
        isBodyPaused = false
        owed = nil
        unsent = nil
    }

    func connectionEnded(_ reason: TCPCloseReason) {
        guard !isOver else { return }
        bodyFailed()
        finish(.lost(reason))
        reset()
    }

    func finish(_ ending: Ending) {
        state = .over
        connection?.server.meter?.ended(ending, status: status, began: began)
        let told = onEnd.take()
        told?(ending)
    }
}
