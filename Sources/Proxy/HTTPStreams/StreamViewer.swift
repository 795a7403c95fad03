import Bytes
import HTTP
import HTTPTransport
import Reactor

/// The viewer's side of a relay: an HTTP exchange, which may become a WebSocket.
///
///     exchange ──begin──► answering ──end, breakOff──► over
///        └──begin, where a WebSocket was asked for and there is a stream──► webSocket ──► over
final class StreamViewer {
    private enum Output {
        case exchange(HTTPExchange)
        /// Agreed to, and not yet handed over.
        case upgrading
        case webSocket(WebSocketConnection)
        case over
    }

    private var output: Output
    let peer: SocketAddress?
    /// The request for a WebSocket, which is answered later.
    private let handshake: RequestHead?
    /// The viewer is gone, or has been told the end.
    var onEnd: (() -> Void)?
    /// Output that was blocked has drained.
    var onDrain: (() -> Void)?

    init(_ exchange: HTTPExchange, _ request: borrowing RequestHead) {
        output = .exchange(exchange)
        peer = exchange.peerAddress
        handshake = request.upgrade == .webSocket ? copy request : nil
        exchange.endsWithClient = true
        exchange.onDrain = { [weak self] in self?.onDrain?() }
        exchange.onEnd = { _ in self.exchangeEnded() }
    }

    /// Whether nothing may be sent now.
    var isBlocked: Bool {
        switch output {
        case .exchange(let exchange): exchange.isBlocked
        case .upgrading: true
        case .webSocket(let socket): socket.isBlocked
        case .over: true
        }
    }

    /// Begins the answer as the origin has.
    func begin(_ head: borrowing ResponseHead, answering method: Method) {
        guard case .exchange(let exchange) = output else { return }
        if let handshake, head.status.isSuccess {
            output = .upgrading
            exchange.acceptWebSocket(handshake, handler: self)
            // Handed over inside the call, for nobody is reading from the viewer now; or it could not be agreed to.
            if case .upgrading = output { over() }
            return
        }
        var fields = head.fields
        fields.removeHopByHop()
        exchange.begin(head.status, fields, head.outgoingBody(answering: method))
    }

    func send(_ pieces: borrowing SpanPieces) {
        switch output {
        case .exchange(let exchange): exchange.write(pieces)
        case .webSocket(let socket): socket.send(binary: pieces)
        case .upgrading, .over: break
        }
    }

    /// Answers with an error of the proxy's own.
    func fail(_ status: Status, _ message: String, _ fields: borrowing Fields = Fields()) {
        guard case .exchange(let exchange) = output else { return }
        exchange.fail(status, message, fields)
    }

    /// The stream is over.
    func end() {
        switch output {
        case .exchange(let exchange): exchange.end()
        case .webSocket(let socket): socket.close(.normal)
        case .upgrading, .over: break
        }
    }

    /// The stream has broken off.
    func breakOff() {
        switch output {
        case .exchange(let exchange): exchange.breakOff()
        case .webSocket(let socket): socket.close(.tryAgainLater, reason: "the origin has broken off")
        case .upgrading, .over: break
        }
    }

    private func exchangeEnded() {
        // The exchange of a WebSocket ends with the answer that agrees to it.
        if case .upgrading = output { return }
        over()
    }

    private func over() {
        output = .over
        onDrain = nil
        onEnd.take()?()
    }
}

extension StreamViewer: WebSocketHandler {
    func opened(_ socket: WebSocketConnection) { output = .webSocket(socket) }

    // A viewer has nothing to say.
    func received(text: SharedBytes, on socket: WebSocketConnection) {}
    func received(binary: SharedBytes, on socket: WebSocketConnection) {}
    func outputDrained(_ socket: WebSocketConnection) { onDrain?() }
    func closed(_ socket: WebSocketConnection, _ ending: WebSocketEnding) { over() }
}

extension ResponseHead {
    /// How the body that comes goes on; for HEAD, what a GET would be told.
    fileprivate func outgoingBody(answering method: Method) -> OutgoingBody {
        switch framing {
        case .length(let count): return .length(count)
        case .chunked, .untilClose: return .stream
        case .none:
            guard method == .head, !status.forbidsBody else { return .none }
            guard let length = fields.string(.contentLength).flatMap({ Int($0) }) else { return .stream }
            return .length(length)
        }
    }
}
