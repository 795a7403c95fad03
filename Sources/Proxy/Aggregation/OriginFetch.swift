import Bytes
import HTTP
import HTTPTransport
import Reactor
import Registry

/// One question to the API of one origin, at the first of its addresses that can be connected to.
final class OriginFetch {
    /// Why there is no answer, in words for operators.
    enum Failure: Error {
        case noAPI, unreachable, late, tooLarge, malformed

        var reason: String {
            switch self {
            case .noAPI: "it has no API"
            case .unreachable: "it cannot be reached"
            case .late: "it has not answered in time"
            case .tooLarge: "its answer is too large"
            case .malformed: "its answer cannot be understood"
            }
        }
    }

    struct Answer {
        let status: Status
        let json: JSONSlices
    }

    /// Bytes of an answer that are read.
    static let maximumBytes = 1 << 20

    private let client: HTTPClient
    private let method: Method
    private let target: String
    private let fields: Fields
    private let deadline: Instant
    private var addresses: ArraySlice<OriginAddress>
    private var then: ((Result<Answer, Failure>) -> Void)?
    private var exchange: HTTPClientExchange?
    private var status = Status.ok
    private var body: [UInt8] = []

    /// `then` is called once, on the loop, and never inside of `begin`.
    init(
        _ method: Method, _ target: String, _ fields: Fields, of origin: Origin, through client: HTTPClient,
        until deadline: Instant,
        then: @escaping (Result<Answer, Failure>) -> Void
    ) {
        self.client = client
        self.method = method
        self.target = target
        self.fields = fields
        self.deadline = deadline
        self.then = then
        addresses = origin.addresses(of: .api)[...]
    }

    func begin() {
        guard !addresses.isEmpty else { return client.loop.afterRound { self.end(.failure(.noAPI)) } }
        askNext()
    }

    private func askNext() {
        let left = addresses.count
        guard let origin = addresses.popFirst()?.httpOrigin,
            let url = try? target.withRawSpan({ try HTTPURL(origin: origin, target: $0) })
        else { return client.loop.afterRound { self.end(.failure(.unreachable)) } }
        var request = HTTPClientRequest(method, url, fields: fields)
        request.maximumBody = Self.maximumBytes
        // One that takes nothing leaves time for the others.
        request.timeout = max((deadline - client.loop.now) / left, .milliseconds(1))
        exchange = client.send(request, to: self)
    }

    /// Nobody waits any longer.
    func cancel() {
        then = nil
        exchange.take()?.cancel()
    }

    private func end(_ result: Result<Answer, Failure>) {
        exchange = nil
        then.take()?(result)
    }
}

extension OriginFetch: HTTPResponseHandler {
    func responded(_ head: borrowing ResponseHead, _ exchange: HTTPClientExchange) { status = head.status }

    func bodyArrived(_ bytes: RawSpan, _ exchange: HTTPClientExchange) { body += Array(copying: bytes) }

    func answerEnded(_ exchange: HTTPClientExchange) {
        guard let json = JSONSlices(body) else { return end(.failure(.malformed)) }
        end(.success(Answer(status: status, json: json)))
    }

    func failed(_ error: HTTPClientError, _ exchange: HTTPClientExchange) {
        guard then != nil else { return }
        if error.kind.isUnconnected, !addresses.isEmpty { return askNext() }
        switch error.kind {
        case .timeout(.connect): end(.failure(.unreachable))
        case .timeout: end(.failure(.late))
        case .tooLarge: end(.failure(.tooLarge))
        case .protocolError, .tooManyRedirects: end(.failure(.malformed))
        case .resolve, .connect, .tls, .closed, .invalidRequest, .cancelled, .overloaded: end(.failure(.unreachable))
        }
    }
}
