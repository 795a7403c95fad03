import Bytes
import HTTP
import HTTPTransport
import Media
import Reactor
import Service

/// One viewer of HTTP-FLV or WebSocket-FLV.
///
///     awaiting ──first bytes──► streaming ──publisher gone, none came──► over
///        └──no publisher in time: 404──────────────────────────────────────┘
///
/// It may come before its publisher, and stays while one goes and the next comes, for `publisherWait` each time. A
/// connection that takes no bytes is the HTTP server's to break off, and is counted and told here.
final class FLVSession {
    /// How long a viewer stays without a publisher.
    static let publisherWait = Duration.seconds(10)

    private enum Output {
        case http(HTTPExchange)
        case webSocket(WebSocketConnection)
        /// Before a WebSocket is open, and after the end.
        case none
    }

    private var key: StreamKey { client.key }
    private let client: ClientFacts
    private let streams: LocalStreams
    private let meter: ViewerMeter
    private let notices: ViewerNotices
    private var output = Output.none
    private var subscriber: Subscriber?
    private var hasBegun = false
    /// Whether it was told that nothing more comes; why its connection ends is known then.
    private var isEnding = false
    private var timer: TimerID?
    private var sentBytes: UInt64 = 0
    /// Among the clients of the loop, while it is there.
    private var listing: RosterID?

    init(_ client: ClientFacts, in streams: LocalStreams, meter: ViewerMeter, notices: ViewerNotices) {
        self.client = client
        self.streams = streams
        self.meter = meter
        self.notices = notices
    }

    // MARK: - Beginning

    /// Answers `exchange` with the stream.
    func begin(_ exchange: HTTPExchange, _ selection: TrackSelection, policy: StreamPolicy) {
        output = .http(exchange)
        // There is nothing else that it could be waiting for.
        exchange.endsWithClient = true
        exchange.onDrain = { self.subscriber?.drained() }
        exchange.onEnd = { ending in
            switch ending {
            case .answered: self.end()
            case .lost(let reason): self.end(reason)
            }
        }
        subscribe(selection, policy)
    }

    /// What a HEAD is answered: whether there is something to view.
    static func answerHead(_ exchange: HTTPExchange, isPublished: Bool) {
        guard isPublished else { return exchange.fail(.notFound, "no such stream") }
        exchange.begin(.ok, fields)
        exchange.end()
    }

    func subscribe(_ selection: TrackSelection, _ policy: StreamPolicy) {
        meter.began()
        listing = streams.clients.add(self, at: streams.loop.now)
        subscriber = streams.subscribe(self, to: key, .flv(selection), policy: policy)
        if subscriber == nil { return close() }
        if streams.table.isPublished(key) { start() } else if !hasBegun { awaitPublisher() }
    }

    private static let fields: Fields = {
        var fields = Fields()
        fields.append(.contentType, "video/x-flv")
        fields.append(.cacheControl, "no-cache, no-store")
        return fields
    }()

    // MARK: - Ending

    /// The connection is gone, or done with.
    private func end(_ reason: TCPCloseReason? = nil) {
        if case .none = output, subscriber == nil { return }
        if let reason, !isEnding, let cut = OriginMetrics.ViewerCut(reason) {
            meter.cut(cut)
            notices.tell(cut, client, on: streams.loop)
        }
        output = .none
        if let timer { streams.loop.cancel(timer) }
        timer = nil
        if let listing { streams.clients.remove(listing) }
        listing = nil
        meter.ended()
        if let subscriber { meter.skipped(subscriber.skips) }
        subscriber?.leave()
        subscriber = nil
    }

    /// Nothing more will come: tells the viewer so.
    private func close() {
        isEnding = true
        switch output {
        case .http(let exchange):
            if hasBegun { exchange.end() } else { exchange.fail(.notFound, "no such stream") }
        case .webSocket(let socket):
            socket.close(hasBegun ? .normal : .noSuchStream, reason: hasBegun ? "" : "no such stream")
        case .none: break
        }
    }

    private func awaitPublisher() {
        if let timer { streams.loop.cancel(timer) }
        timer = streams.loop.arm(after: Self.publisherWait, self)
    }
}

extension FLVSession: TimerTarget {
    func timerFired(_ token: UInt32) {
        timer = nil
        guard !streams.table.isPublished(key) else { return }
        meter.cut(.unpublished)
        close()
    }
}

extension FLVSession: ListedClient {
    var facts: ClientFacts? { client }
    var totals: ByteRates.Totals { ByteRates.Totals(sent: sentBytes) }

    func kick() { close() }
}

extension CloseCode {
    /// Of the range that is for applications: what HTTP calls 404.
    fileprivate static let noSuchStream = CloseCode(rawValue: 4404) ?? .goingAway
}

// MARK: - From the stream

extension FLVSession: SubscriberSink {
    var isBlocked: Bool {
        switch output {
        case .http(let exchange): exchange.isBlocked
        case .webSocket(let socket): socket.isBlocked
        case .none: true
        }
    }

    func enqueue(_ bytes: SharedBytes) {
        meter.sent(bytes.count)
        sentBytes += UInt64(bytes.count)
        start()
        switch output {
        case .http(let exchange): exchange.enqueue(bytes)
        case .webSocket(let socket): socket.enqueue(binary: bytes)
        case .none: break
        }
    }

    /// The head of the answer goes out as soon as it is known that there is a stream.
    private func start() {
        guard !hasBegun else { return }
        hasBegun = true
        if case .http(let exchange) = output { exchange.begin(.ok, Self.fields) }
    }

    func flush() {
        switch output {
        case .http(let exchange): exchange.flush()
        case .webSocket(let socket): socket.flush()
        case .none: break
        }
    }

    func publisherEnded() { awaitPublisher() }
}

// MARK: - From the WebSocket

/// Holds what a viewer wants until its WebSocket is open.
final class FLVSocket: WebSocketHandler {
    private let session: FLVSession
    private let selection: TrackSelection
    private let policy: StreamPolicy

    init(_ session: FLVSession, _ selection: TrackSelection, policy: StreamPolicy) {
        self.session = session
        self.selection = selection
        self.policy = policy
    }

    func opened(_ socket: WebSocketConnection) { session.opened(socket, selection, policy) }
    // A viewer has nothing to say.
    func received(text: SharedBytes, on socket: WebSocketConnection) {}
    func received(binary: SharedBytes, on socket: WebSocketConnection) {}
    func outputDrained(_ socket: WebSocketConnection) { session.drained() }
    func closed(_ socket: WebSocketConnection, _ ending: WebSocketEnding) { session.socketClosed(ending) }
}

extension FLVSession {
    fileprivate func opened(_ socket: WebSocketConnection, _ selection: TrackSelection, _ policy: StreamPolicy) {
        output = .webSocket(socket)
        subscribe(selection, policy)
    }

    fileprivate func drained() { subscriber?.drained() }

    fileprivate func socketClosed(_ ending: WebSocketEnding) {
        switch ending {
        case .closed, .failed: end()
        case .lost(let reason): end(reason)
        }
    }
}
