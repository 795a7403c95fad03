import Bytes
import HTTP
import HTTPTransport
import Reactor
import Registry
import Service
import Telemetry

/// Where origins register, and where operators see which there are.
struct RegistrationRoutes {
    let context: ProxyContext
    let loop: EventLoop
    let shard: MetricsShard

    func add(to router: inout Router) {
        addHeartbeats(to: &router)
        OriginRoutes(context: context, shard: shard).add(to: &router)
        let (store, identity) = (context.store, context.identity)
        let listing = RouteOptions(cors: nil, compresses: true)
        let directory = SessionDirectory(questions: context.loopQuestions, loop: loop)
        router.add(.get, "/api/v1/streams", "streams, and the origins that have them", options: listing) {
            request, exchange in
            let page = ListingPage(request.target)
            let claims = store.claims(from: page.start, count: page.count, at: MonotonicClock.now())
            directory.audience(of: claims.items.map(\.claim.key)) { audiences in
                exchange.respond(json: StreamListing.text(claims, audiences, identity))
            }
        }
    }

    /// Origins have a secret of their own: operators' tokens are not theirs to know. SRS sends no field of ours, and
    /// not the query, so that its secret stands in the path.
    private func addHeartbeats(to router: inout Router) {
        let options = RouteOptions(cors: nil, isOpen: true)
        let receiver = HeartbeatReceiver(context, shard: shard)
        let gate = BearerGate(
            context.registerTokens, on: loop, log: context.log.logger(.registry),
            refused: context.accessMetrics.on(shard, .registration))
        for path in ["/api/v1/srs/register", "/api/v1/srs/register/:secret"] {
            router.add(.post, path, "heartbeats of origins", options: options) { request, exchange in
                let secret = exchange.match?.value("secret", in: request)
                guard gate.admits(request, exchange, otherwise: secret) else { return }
                exchange.collectBody(atMost: receiver.limits.maximumBytes) { body in receiver.receive(body, exchange) }
            }
        }
    }
}

/// Takes heartbeats on one loop.
private final class HeartbeatReceiver {
    let limits = HeartbeatLimits()
    private let store: any RegistryStore
    private let log: Logger
    private let counters: [RegistrationMetrics.Outcome: Counter]
    private let accepted: SharedBytes
    /// Anybody who reaches the port can make these lines.
    private var refusals = RepeatGate()
    /// One for each kind of line: that an origin leaves holds back no word of its end.
    private var changes: [RegistrationMetrics.Outcome: RepeatGate] = [:]

    init(_ context: ProxyContext, shard: MetricsShard) {
        store = context.store
        log = context.log.logger(.registry)
        let metrics = context.registrationMetrics
        counters = Dictionary(
            uniqueKeysWithValues: RegistrationMetrics.Outcome.allCases.map { ($0, metrics.counter($0, on: shard)) })
        // All that SRS's proxy answers.
        accepted = SharedBytes("{\"code\":0,\"pid\":\"\(context.identity.process)\"}")
    }

    func receive(_ body: SharedBytes, _ exchange: HTTPExchange) {
        do throws(HeartbeatRefusal) {
            let heartbeat = try Heartbeat(json: body, limits: limits)
            let outcome = try store.beat(heartbeat, at: MonotonicClock.now())
            counters[outcome.metric]?.add()
            tell(outcome, heartbeat)
            exchange.respond(json: accepted)
        } catch {
            counters[.refused]?.add()
            log.warning(
                "heartbeat refused", every: &refusals, at: MonotonicClock.now(), ["reason": error.description])
            if case .full = error {
                exchange.fail(.serviceUnavailable, error.description)
            } else {
                exchange.fail(.badRequest, error.description)
            }
        }
    }

    private func tell(_ outcome: OriginTable.BeatOutcome, _ heartbeat: Heartbeat) {
        let server = heartbeat.server.text
        let host = heartbeat.host.description
        let now = MonotonicClock.now()
        switch outcome {
        case .renewed, .outdated: break
        case .registered: log.info("origin registered", ["origin": server, "host": host])
        case .moved:
            log.warning(
                "origin has other addresses", every: &changes[outcome.metric, default: RepeatGate()], at: now,
                ["origin": server, "host": host])
        case .restarted(let earlier):
            log.warning(
                "origin was restarted", every: &changes[outcome.metric, default: RepeatGate()], at: now,
                ["origin": server, "host": host, "earlier_pid": earlier.process])
        case .contested(let other):
            log.warning(
                "two origins beat under one name, and one of them is left out",
                every: &changes[outcome.metric, default: RepeatGate()], at: now,
                [
                    "origin": server, "host": host, "pid": heartbeat.instance.process, "other_pid": other.process,
                ])
        case .returned:
            log.info(
                "origin beats again", every: &changes[outcome.metric, default: RepeatGate()], at: now,
                ["origin": server, "host": host])
        case .leaving:
            log.info(
                "origin is leaving", every: &changes[outcome.metric, default: RepeatGate()], at: now,
                ["origin": server, "host": host])
        case .left:
            log.info(
                "origin has left", every: &changes[outcome.metric, default: RepeatGate()], at: now,
                ["origin": server, "host": host])
        }
    }
}
