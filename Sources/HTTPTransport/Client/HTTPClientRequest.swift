package import Bytes
package import HTTP
package import Reactor

/// What is asked of a server, and what the asker puts up with.
package struct HTTPClientRequest: Sendable {
    package enum Body: Sendable, Equatable {
        case none
        case bytes(SharedBytes)
        /// Written piece by piece with `HTTPClientExchange.write`; chunked where the length is not known.
        case stream(length: Int?)
    }

    package var method: Method
    package var url: HTTPURL
    package var fields: Fields
    package var body: Body

    /// What `Host` says instead of the URL's own host and port. TLS still asks for the URL's host.
    package var host: String?

    /// TLS for this request instead of the client's own.
    package var tls: TLSClientContext?

    /// Redirects that are followed; with 0 they are answers like any other.
    package var maximumRedirects = 0

    /// Bytes of the answer's body that are accepted.
    package var maximumBody = Int.max

    /// From `send` to the end of the answer, redirects included; nil for no bound but those on its parts.
    package var timeout: Duration?

    /// The body waits for `100 Continue`.
    package var expectsContinue = false

    /// `Upgrade`, which `fields` carry, is meant: where the server agrees, the socket is handed over.
    package var upgrades = false

    /// What a read has brought of the answer's body is told at once, however many chunks it lies in: for those who pass
    /// it on.
    package var gathersBody = false

    package init(_ method: Method, _ url: HTTPURL, fields: Fields = Fields(), body: Body = .none) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
    }
}

extension HTTPClientRequest {
    var encoder: RequestEncoder {
        let outgoing: OutgoingBody =
            switch body {
            case .none: .none
            case .bytes(let bytes): .length(bytes.count)
            case .stream(let length?): .length(length)
            case .stream(nil): .stream
            }
        var encoder = RequestEncoder(method, body: outgoing)
        encoder.expectsContinue = awaitsContinue
        encoder.upgrades = upgrades
        return encoder
    }

    /// Whether a byte of body follows the head.
    var hasBody: Bool {
        switch body {
        case .none, .stream(length: 0): false
        case .bytes(let bytes): !bytes.isEmpty
        case .stream: true
        }
    }

    /// RFC 9110 §10.1.1: a request without a body must not wait for leave to send it.
    var awaitsContinue: Bool { expectsContinue && hasBody }

    /// What is wrong with it before it is sent.
    var fault: HTTPClientError.Fault? {
        if method == .connect { return .connectMethod }
        guard let host else { return nil }
        do { _ = try host.withRawSpan { try Authority(parsing: $0) } } catch { return .encoding(.invalidHost) }
        return nil
    }
}

/// Hears what becomes of a request, on the loop.
///
/// Order: `bodyWanted` and `responded`, then `bodyArrived` any number of times; `answerEnded`, `upgraded` or `failed`
/// is the last, exactly one of them is called, and none of these three comes from inside a call that the owner makes.
package protocol HTTPResponseHandler: AnyObject {
    /// A body that is streamed may be written, until `isBlocked`; told again when there is room for more.
    func bodyWanted(_ exchange: HTTPClientExchange)

    /// The head of the answer, lent for the call; a redirect that is followed, and 1xx, are not told.
    func responded(_ head: borrowing ResponseHead, _ exchange: HTTPClientExchange)

    /// The bytes lie in the loop's scratch memory: copy what is needed after the call.
    func bodyArrived(_ bytes: RawSpan, _ exchange: HTTPClientExchange)

    /// The same for a request that `gathersBody`: all pieces of a read together, or 64 of them.
    func bodyArrived(_ pieces: borrowing SpanPieces, _ exchange: HTTPClientExchange)

    /// The answer is whole.
    func answerEnded(_ exchange: HTTPClientExchange)

    func failed(_ error: HTTPClientError, _ exchange: HTTPClientExchange)

    /// The server speaks the other protocol from here on. The socket is the handler's, which gives it a `handler` and
    /// its timeouts; `ahead` is what the server has sent already.
    func upgraded(
        _ head: borrowing ResponseHead, _ socket: TCPConnection, _ ahead: SharedBytes, _ exchange: HTTPClientExchange)
}

extension HTTPResponseHandler {
    package func bodyWanted(_ exchange: HTTPClientExchange) {}

    package func bodyArrived(_ pieces: borrowing SpanPieces, _ exchange: HTTPClientExchange) {
        for range in pieces.ranges { bodyArrived(pieces.bytes.extracting(range), exchange) }
    }

    package func upgraded(
        _ head: borrowing ResponseHead, _ socket: TCPConnection, _ ahead: SharedBytes, _ exchange: HTTPClientExchange
    ) { socket.abort() }
}
