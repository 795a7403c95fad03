import Bytes
import HTTP
import HTTPTransport
import Media
import Reactor
import Registry
import Service
import Telemetry

/// Sessions through this proxy and its loops, as operators see and end them.
struct SessionRoutes {
    let directory: SessionDirectory
    let identity: ServerIdentity
    let log: Logger
    let kicked: KickMeter

    func add(to router: inout Router) {
        let options = RouteOptions(cors: nil, compresses: true)
        router.add(.get, "/api/v1/sessions", "sessions that go through this proxy", options: options) {
            [self] request, exchange in
            directory.sessions(ListingPage(request.target)) { found, total in
                guard let found else { return Self.fail(exchange) }
                let entries = found.map(SessionText.session).joined(separator: ",")
                respond("\"total\":\(total),\"sessions\":[\(entries)]", exchange)
            }
        }
        router.add(.get, "/api/v1/sessions/:id", "one session", options: options) { [self] request, exchange in
            guard let id = id(request, exchange) else { return Self.unknown(exchange) }
            directory.session(id) { found in
                guard let found else { return Self.fail(exchange) }
                guard let session = found else { return Self.unknown(exchange) }
                respond("\"session\":\(SessionText.session(session))", exchange)
            }
        }
        router.add(.delete, "/api/v1/sessions/:id", "ends a session", options: RouteOptions(cors: nil)) {
            [self] request, exchange in
            guard let id = id(request, exchange) else { return Self.unknown(exchange) }
            let peer = exchange.peerAddress?.host.description ?? ""
            directory.kick(id) { found in
                guard let found else { return Self.fail(exchange) }
                guard let session = found else { return Self.unknown(exchange) }
                tell(session, by: peer)
                respond("\"session\":\(SessionText.session(session))", exchange)
            }
        }
        router.add(.get, "/debug/loops", "what each loop does", options: options) { [self] _, exchange in
            directory.states { states in
                let entries = states.map(SessionText.loop).joined(separator: ",")
                respond("\"loops\":[\(entries)]", exchange)
            }
        }
    }

    private func tell(_ session: SessionSummary, by operator: String) {
        kicked.ended(session.facts.kind)
        log.info(
            "session ended by an operator",
            [
                "session": session.id.description, "kind": session.facts.kind.rawValue,
                "stream": session.facts.key.description, "origin": session.facts.origin?.text ?? "",
                "operator": `operator`,
            ])
    }

    private func respond(_ data: String, _ exchange: HTTPExchange) {
        exchange.respond(json: SharedBytes("{\(identity.envelope),\"data\":{\(data)}}"))
    }

    private func id(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> RosterID? {
        RosterID(exchange.match?.value("id", in: request) ?? "")
    }

    private static func unknown(_ exchange: HTTPExchange) { exchange.fail(.notFound, "no such session") }

    private static func fail(_ exchange: HTTPExchange) {
        exchange.fail(.serviceUnavailable, "a loop has too much to do")
    }
}

/// Sessions that operators have ended.
typealias KickMetrics = CaseCounters<SessionFacts.Kind>

extension KickMetrics {
    init(in registry: MetricsRegistry) {
        self.init(
            "sluice_sessions_kicked_total", help: "Sessions that operators have ended, by kind.", label: "kind",
            in: registry)
    }
}

/// One loop's part of them.
struct KickMeter {
    private let metrics: KickMetrics
    private let shard: MetricsShard

    init(_ metrics: KickMetrics, shard: MetricsShard) {
        self.metrics = metrics
        self.shard = shard
    }

    func ended(_ kind: SessionFacts.Kind) { metrics.on(shard, kind).add() }
}
