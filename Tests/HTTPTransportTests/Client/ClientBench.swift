import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit

/// A loop for clients and a loop for the peers that they talk to.
struct ClientBench: Sendable {
    let group: LoopGroup
    /// Knows `origin.test` besides addresses.
    let resolver: Resolver
    let peer = EventLog<PeerEvent>()
    let told = EventLog<Told>()

    init() throws {
        group = try LoopGroup(count: 2)
        var limits = Resolver.Limits()
        limits.threads = 1
        // A dead address comes first: nothing listens on it, which is no reason to give up.
        let known: [SocketAddress.Host] = [.v4(0x7F00_0063), .v4(0x7F00_0001)]
        resolver = try Resolver(
            limits: limits, lookup: { $0 == "origin.test" ? .success(known) : .failure(.notFound) })
    }

    /// Runs `body` with a client on the first loop; the client ends with it.
    func client<R: Sendable>(
        _ options: HTTPClientOptions = HTTPClientOptions(),
        _ body: @escaping @Sendable (HTTPClient, isolated LoopActor) async throws -> R
    ) async throws -> R {
        let resolver = self.resolver
        return try await group.loops[0].run { actor in
            let client = HTTPClient(on: actor.loop, resolver: resolver, options: options)
            defer { client.shutDown() }
            return try await body(client, actor)
        }.value
    }

    /// Plays `scripts` to connections in the order in which they come, the last one to all that follow.
    func play(_ scripts: [Step]..., tls: TLSServerContext? = nil) async throws -> Origin {
        let log = peer
        return try await group.loops[1].run { actor in
            let acceptor = ScriptedAcceptor(scripts, log)
            let listener = try TCPListener(
                .loopback(port: 0), on: actor.loop, options: TCPOptions(), tls: tls, acceptor: acceptor)
            return Origin(scheme: tls == nil ? "http" : "https", port: listener.address.port)
        }.value
    }

    /// Starts one of our own servers. On the clients' loop, the first, it reads nothing while a client writes.
    func serve(
        onLoop index: Int = 1, tls: TLSServerContext? = nil, options: HTTPServerOptions = HTTPServerOptions(),
        _ routes: @escaping @Sendable (inout Router) -> Void
    ) async throws -> Origin {
        try await group.loops[index].run { actor in
            var router = Router()
            routes(&router)
            let server = HTTPServer(on: actor.loop, router: router, options: options)
            let address = try server.listen(on: .loopback(port: 0), tls: tls)
            return Origin(scheme: tls == nil ? "http" : "https", port: address.port)
        }.value
    }
}

/// Where a peer listens.
struct Origin: Sendable {
    let scheme: String
    let port: UInt16

    func url(_ target: String = "/") throws -> HTTPURL { try HTTPURL("\(scheme)://127.0.0.1:\(port)\(target)") }

    func get(_ target: String = "/", _ change: (inout HTTPClientRequest) -> Void = { _ in }) throws -> HTTPClientRequest
    {
        var request = HTTPClientRequest(.get, try url(target))
        change(&request)
        return request
    }

    func post(
        _ body: HTTPClientRequest.Body, _ change: (inout HTTPClientRequest) -> Void = { _ in }
    ) throws
        -> HTTPClientRequest
    {
        var request = HTTPClientRequest(.post, try url(), body: body)
        change(&request)
        return request
    }
}

/// What a client told its handler.
enum Told: Equatable, Sendable {
    case bodyWanted, ended
    case responded(UInt16)
    case body(String)
    case count(Int)
    case failed(HTTPClientError.Kind, elsewhere: Bool)
    case upgraded(UInt16, ahead: String)

    var isLast: Bool {
        switch self {
        case .ended, .failed, .upgraded: true
        case .bodyWanted, .responded, .body, .count: false
        }
    }
}

/// Records what it is told, and does what the test asks for.
final class RecordingHandler: HTTPResponseHandler {
    enum Mode { case text, count }

    let log: EventLog<Told>
    let mode: Mode
    private(set) var total = 0
    var onWanted: ((HTTPClientExchange) -> Void)?
    var onResponded: ((HTTPClientExchange) -> Void)?
    var onBody: ((RawSpan, HTTPClientExchange) -> Void)?
    var onEnd: (() -> Void)?
    var onUpgrade: ((TCPConnection) -> Void)?

    init(_ log: EventLog<Told>, _ mode: Mode = .text) {
        self.log = log
        self.mode = mode
    }

    func bodyWanted(_ exchange: HTTPClientExchange) {
        if mode == .text { log.append(.bodyWanted) }
        onWanted?(exchange)
    }

    func responded(_ head: borrowing ResponseHead, _ exchange: HTTPClientExchange) {
        log.append(.responded(head.status.code))
        onResponded?(exchange)
    }

    func bodyArrived(_ bytes: RawSpan, _ exchange: HTTPClientExchange) {
        total += bytes.byteCount
        if mode == .text { log.append(.body(String(copying: bytes))) }
        onBody?(bytes, exchange)
    }

    func answerEnded(_ exchange: HTTPClientExchange) {
        if mode == .count { log.append(.count(total)) }
        log.append(.ended)
        onEnd?()
    }

    func failed(_ error: HTTPClientError, _ exchange: HTTPClientExchange) {
        log.append(.failed(error.kind, elsewhere: error.mayRetryElsewhere))
    }

    func upgraded(
        _ head: borrowing ResponseHead, _ socket: TCPConnection, _ ahead: SharedBytes, _ exchange: HTTPClientExchange
    ) {
        log.append(.upgraded(head.status.code, ahead: String(copying: ahead.bytes)))
        onUpgrade?(socket)
    }
}

extension EventLog<Told> {
    /// Waits for the last thing that a handler is told, `count` times, and returns everything.
    @discardableResult
    func ends(_ count: Int = 1) async throws -> [Told] {
        try await wait(for: "\(count) ends", within: .seconds(60)) { events in events.count { $0.isLast } >= count }
    }
}

/// The error that a request ended with.
func failure(_ body: () async throws -> Void) async -> HTTPClientError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? HTTPClientError
    }
}
