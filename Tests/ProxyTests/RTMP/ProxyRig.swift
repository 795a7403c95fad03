import Bytes
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Service
import Telemetry

@testable import Proxy

/// A proxy's part for RTMP on the loop of a test, with scripted origins that are registered.
final class ProxyRig {
    let loop: EventLoop
    let store = MemoryRegistry()
    let context: RelayContext
    let watch: RelayWatch
    let sessions: LoopSessions
    let metrics: MetricsRegistry
    let origins: [String: ScriptedOrigin]
    private(set) var server: RTMPServer
    private(set) var port: UInt16 = 0

    static let key = try! StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "s"])
    /// Of another stream.
    static let otherKey = try! StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "t"])
    static let instance = OriginInstance(service: "s1", process: "1")

    init(
        _ names: [String], on loop: EventLoop, lookingEvery interval: Duration, _ limits: RelayLimits
    ) throws {
        self.loop = loop
        metrics = MetricsRegistry(shards: 8)
        watch = RelayWatch(on: loop, interval: interval)
        sessions = LoopSessions(on: loop)
        let routing = StreamRouting(store)
        let context = RelayContext(
            routing: routing, claims: ClaimKeeper(store, on: loop), resolver: try Resolver(),
            settings: ServerSettings(name: "Sluice", version: "1"),
            meter: RelayMeter(RelayMetrics(in: metrics), shard: MetricsShard(0)), watch: watch,
            sessions: sessions,
            passage: PassageGuard(
                PassageMark(ServerIdentity()), on: loop, log: .silent, PassageMetrics(in: metrics),
                shard: MetricsShard(0)),
            limits: limits)
        self.context = context
        server = RTMPServer(
            on: loop, options: RTMPServer.Options(places: ConnectionPlaces(maximum: 100)), log: .silent
        ) { RelayConnection($0, of: $1, context) }
        port = try server.listen(on: .loopback(port: 0)).port
        var origins: [String: ScriptedOrigin] = [:]
        for name in names { origins[name] = try ScriptedOrigin(on: loop) }
        self.origins = origins
        for name in names { try register(name) }
    }

    /// `dead` are ports at which it says it is, too, in front of its own.
    func register(
        _ name: String, dead: [UInt16] = [], state: Heartbeat.State = .serving,
        instance: OriginInstance = ProxyRig.instance
    ) throws {
        var endpoints = OriginEndpoints()
        endpoints.rtmp = (dead + [origins[name]?.port ?? 1]).map { Endpoint(port: $0) }
        var heartbeat = Heartbeat(
            server: OriginID(name), instance: instance, host: HostName("127.0.0.1")!, endpoints: endpoints)
        heartbeat.state = state
        _ = try store.beat(heartbeat, at: loop.now)
    }

    /// In the order in which they are asked.
    var order: [ScriptedOrigin] { names.compactMap { origins[$0] } }

    var names: [String] {
        var tried: [OriginID] = []
        while let next = context.routing.next(for: Self.key, .rtmp, to: .view, tried: tried, at: loop.now) {
            tried.append(next.origin.id)
        }
        return tried.map(\.text)
    }

    /// Ties the stream to an origin, as another proxy would.
    func claim(_ key: StreamKey = ProxyRig.key, for origin: ScriptedOrigin) {
        let name = origins.first { $0.value === origin }?.key ?? ""
        store.claim(ClaimRequest(key: key, origin: OriginID(name), instance: Self.instance), on: loop) { _ in }
    }

    var owner: ScriptedOrigin? { owner(of: Self.key) }

    func owner(of key: StreamKey) -> ScriptedOrigin? {
        store.owner(of: key, at: loop.now).flatMap { origins[$0.origin.id.text] }
    }

    /// All metrics.
    var page: String { String(copying: metrics.exposition().bytes) }

    func count(_ series: String) -> Double {
        page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
    }

    static let play = ClientSession.Purpose.play(PlayRequest(name: "s"))
    static let publish = ClientSession.Purpose.publish(PublishRequest(name: "s"))
    static let connect = ConnectRequest(
        properties: AMFProperties([("app", .string("live")), ("tcUrl", .string("rtmp://127.0.0.1/live"))]))

    func request(_ purpose: ClientSession.Purpose) -> OriginSearch.Request {
        OriginSearch.Request(purpose, of: Self.key, on: MessageStreamID(1), Self.connect)
    }

    func end() {
        server.abortAll()
        server.drain {}
        for origin in origins.values { origin.die() }
    }
}

/// A client of the proxy.
final class RigClient: TCPHandler {
    private var session: ClientSession
    private var input = RTMPInput()
    private var connector: TCPConnector?
    private(set) var socket: TCPConnection?
    private(set) var accepted = 0
    private(set) var statuses: [StatusCode] = []
    private(set) var refusal: Status?
    private(set) var times: [UInt32] = []
    private(set) var isClosed = false

    init(
        _ purpose: ClientSession.Purpose, connect: ConnectRequest = ProxyRig.connect, chunkSize: Int = 60_000,
        of rig: ProxyRig
    ) {
        session = ClientSession(
            connect: connect, purpose, settings: ClientSettings(chunkSize: chunkSize), crypto: .system)
        connector = TCPConnector.connect(
            to: .addresses([.loopback(port: rig.port)]), resolver: rig.context.resolver, on: rig.loop,
            options: TCPOptions(), handler: self
        ) { _ in self.connector = nil }
    }

    func connected(_ connection: TCPConnection) {
        socket = connection
        var output = ByteWriter()
        session.start(output: &output)
        connection.write(output.bytes)
    }

    func received(_ bytes: RawSpan, on connection: TCPConnection) {
        do { _ = try input.take(bytes) { (bytes) throws(SessionError) in try process(bytes, connection) } } catch {
            connection.abort()
        }
    }

    /// Sends commands on its stream that its session knows nothing of; it has to send chunks of 128 bytes.
    func say(_ commands: Command...) throws {
        var channel = MessageChannel()
        var output = ByteWriter()
        for command in commands { try channel.write(command, on: MessageStreamID(1), to: &output) }
        socket?.write(output.bytes)
    }

    /// Publishes a message of video.
    func send(timestamp: UInt32, size: Int = 1_000) {
        var output = ByteWriter()
        session.send(.video, timestamp: timestamp, SharedBytes([UInt8](repeating: 7, count: size)), to: &output)
        socket?.write(output.bytes)
    }

    private func process(_ bytes: RawSpan, _ connection: TCPConnection) throws(SessionError) -> Int {
        var consumed = 0
        var output = ByteWriter()
        while true {
            let step = try session.next(bytes.extracting(consumed..<bytes.byteCount), output: &output)
            consumed += step.consumed
            switch step.event {
            case .accepted: accepted += 1
            case .refused(_, let status): refusal = status
            case .statusReceived(_, let status): if let code = status.code { statuses.append(code) }
            case .mediaReceived(.video, let message): times.append(message.header.timestamp)
            case .needsInput:
                connection.write(output.bytes)
                return consumed
            default: break
            }
        }
    }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) { isClosed = true }
}
