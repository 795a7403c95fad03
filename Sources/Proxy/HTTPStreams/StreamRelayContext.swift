import Bytes
import HTTP
import HTTPTransport
import Reactor
import Registry
import Telemetry

/// What the HTTP relays of one loop share.
struct StreamRelayContext {
    let routing: StreamRouting
    let client: HTTPClient
    let meter: RelayMeter<StreamForm>
    let watch: RelayWatch
    let sessions: LoopSessions
    let passage: PassageGuard
    let notices = RelayNotices()
    let log: Logger

    /// Times that one viewer is sent to the stream's owner while it waits elsewhere.
    static let maximumMoves = 5
    /// What an origin is given that is only asked what it has now, from the look-up of its name to the head of an
    /// answer.
    static let glance = Duration.seconds(3)
    /// Asks for an answer at once (RFC 7240 §4.3): an origin of ours does not hold back its 404 then.
    static let withoutWaiting: StaticString = "wait=0"
    /// After which a viewer may ask again where there is no origin.
    static let retryAfterSeconds = 5

    /// Every viewer has a connection of its own to an origin, of which the places for viewers are the bound.
    static func clientOptions(maximumViewers: Int) -> HTTPClientOptions {
        var options = HTTPClientOptions()
        options.maximumConnectionsPerOrigin = maximumViewers
        options.maximumConnections = maximumViewers
        // It serves one request: origins that send a body after HEAD, as those do which take it for GET, would answer
        // the next viewer with it.
        options.maximumIdlePerOrigin = 0
        options.connectTimeout = .seconds(3)
        // Longer than an origin waits for a publisher before it says that there is none.
        options.headTimeout = .seconds(15)
        // A viewer that waits for the next publisher hears nothing for as long as that takes. Origins that have gone
        // TCP finds; this is for those that stand still.
        options.bodyTimeout = .seconds(300)
        return options
    }
}

/// Why an origin has not answered a request.
struct StreamFailure {
    let metric: RelayFailure
    /// Whether it says something of the origin, and not of this request alone.
    let concernsOrigin: Bool
    /// Whether it may say something of the origin: a trial is to show.
    let isSilence: Bool
    /// Whether it may have too many connections: SRS and nginx hang up at once then.
    let saysFull: Bool
    /// Whether another origin may be asked; not where the reason is here.
    let isOrigins: Bool

    /// A stream that the origin has would have begun at once. That of a stream which nobody publishes it may hold back:
    /// SRS sends not even the head of an answer before there is media, and is not to lose viewers for it.
    init(_ kind: HTTPClientError.Kind, fromOwner isOwner: Bool) {
        switch kind {
        case .connect(let reason?) where reason.isReset: self.init(.unreachable, concernsOrigin: false, saysFull: true)
        case .resolve, .connect, .tls: self.init(.unreachable, concernsOrigin: true)
        case .timeout(.head): self.init(.timeout, concernsOrigin: isOwner, isSilence: !isOwner)
        case .timeout: self.init(.timeout, concernsOrigin: true)
        case .protocolError, .tooLarge, .tooManyRedirects: self.init(.malformed, concernsOrigin: true)
        case .closed: self.init(.closed, concernsOrigin: false, saysFull: true)
        case .invalidRequest, .cancelled, .overloaded:
            self.init(.closed, concernsOrigin: false, isOrigins: false)
        }
    }

    private init(
        _ metric: RelayFailure, concernsOrigin: Bool, isSilence: Bool = false, saysFull: Bool = false,
        isOrigins: Bool = true
    ) {
        self.metric = metric
        self.concernsOrigin = concernsOrigin
        self.isSilence = isSilence
        self.saysFull = saysFull
        self.isOrigins = isOrigins
    }
}

extension HTTPClientError.Kind {
    /// As operators see it.
    var fault: ServiceFault {
        switch self {
        case .resolve: .unresolved
        case .connect(let reason): ServiceFault(reason)
        case .tls: .tls
        case .timeout(.connect): .slowConnection
        case .timeout: .silent
        case .protocolError, .tooLarge, .tooManyRedirects, .invalidRequest: .malformed
        case .closed, .cancelled, .overloaded: .closed
        }
    }

    /// Whether no connection stood: another address may do.
    var isUnconnected: Bool {
        switch self {
        case .resolve, .connect, .tls, .timeout(.connect): true
        case .timeout, .protocolError, .tooLarge, .tooManyRedirects, .closed, .invalidRequest, .cancelled, .overloaded:
            false
        }
    }
}

extension OriginAddress {
    var httpOrigin: HTTPOrigin? {
        let name = if case .address(.v6) = host { "[\(host)]" } else { host.description }
        return try? "\(name):\(port)".withRawSpan { try HTTPOrigin(.http, authority: $0) }
    }
}
