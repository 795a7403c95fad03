import Bytes
import HTTP
import HTTPTransport
import Reactor
import Service
import Telemetry

/// The routes of the proxy's HTTP servers.
struct ProxyRoutes {
    let context: ProxyContext
    let streams: StreamRoutes
    let shard: MetricsShard
    private let loop: EventLoop
    private let gate: BearerGate
    private let aggregate: AggregateRoutes

    init(
        context: ProxyContext, streams: StreamRoutes, passage: PassageGuard, loop: EventLoop, shard: MetricsShard
    ) {
        self.context = context
        self.streams = streams
        self.loop = loop
        self.shard = shard
        aggregate = AggregateRoutes(context, passage, on: loop)
        gate = BearerGate(
            context.apiTokens, on: loop, log: context.log.logger(.http),
            refused: context.accessMetrics.on(shard, .operations))
    }

    /// The router of one service, on one loop.
    func router(for service: HTTPService) -> Router {
        var router = Router(gate: service == .media ? nil : gate)
        let routes = ServiceRoutes(context.identity, context.phase, context.registry)
        routes.addVersions(to: &router, "the version of the proxy")
        routes.addHealth(to: &router, obstacle: context.shared.obstacle)
        switch service {
        // Operators' numbers are not for viewers.
        case .media: addStreams(to: &router)
        case .api:
            routes.addMetrics(to: &router)
            aggregate.add(to: &router)
        case .system:
            routes.addMetrics(to: &router)
            addListing(to: &router)
            addConfiguration(to: &router)
            SessionRoutes(
                directory: SessionDirectory(questions: context.loopQuestions, loop: loop), identity: context.identity,
                log: context.log.logger(.proxy), kicked: KickMeter(context.kickMetrics, shard: shard)
            ).add(to: &router)
            RegistrationRoutes(context: context, loop: loop, shard: shard).add(to: &router)
        }
        return router
    }

    /// The last of the routes: it takes every path that is left.
    private func addStreams(to router: inout Router) {
        let (streams, pages) = (streams, context.pages)
        router.add(
            .get, "/*path", "streams of origins; pages: those of PROXY_STATIC_FILES, or those built in",
            options: RouteOptions(compresses: true)
        ) { request, exchange in
            if streams.answer(request, exchange) { return }
            pages.handle(request, exchange)
        }
    }

    private func addConfiguration(to router: inout Router) {
        let answer = ConfigurationListing.text(context.settings, context.identity)
        let options = RouteOptions(cors: nil, compresses: true)
        router.add(.get, "/api/v1/config", "the configuration in force", options: options) { _, exchange in
            exchange.respond(json: answer)
        }
    }

    private func addListing(to router: inout Router) {
        let options = RouteOptions(cors: nil, compresses: true)
        router.add(.get, "/api/v1/routes", "every route of every server", options: options) { _, exchange in
            exchange.respond(json: listing())
        }
    }

    /// Made for each question: the routers are what is asked about, and nobody asks often.
    private func listing() -> SharedBytes {
        let routes = HTTPService.allCases.flatMap { service in
            router(for: service).routes.map { entry($0, of: service) }
        }
        return SharedBytes(
            "{\(context.identity.envelope),\"data\":{\"routes\":[\(routes.joined(separator: ","))]}}")
    }

    private func entry(_ route: Route, of service: HTTPService) -> String {
        let members = [
            ("server", service.rawValue), ("method", route.method.description), ("path", route.pattern.description),
            ("summary", "\(route.summary)"),
        ]
        return "{\(members.map { "\"\($0)\":\"\(JSONText.escaped($1))\"" }.joined(separator: ","))}"
    }
}
