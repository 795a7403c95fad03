import Bytes
import HTTP
import HTTPTransport
import Telemetry

/// The routes that every HTTP server of the proxy has: who it is, and how it is.
struct ServiceRoutes {
    let context: ProxyContext
    let shard: MetricsShard

    /// The router of one service, on one loop.
    func router(for service: HTTPService) -> Router {
        var router = Router()
        addVersions(to: &router)
        addHealth(to: &router)
        switch service {
        // Operators' numbers are not for viewers.
        case .media: addPages(to: &router)
        case .api: addMetrics(to: &router)
        case .system:
            addMetrics(to: &router)
            addListing(to: &router)
            RegistrationRoutes(context: context, shard: shard).add(to: &router)
        }
        return router
    }

    private func addVersions(to router: inout Router) {
        let answer = Self.versions(context.identity)
        router.add(.get, "/api/v1/versions", "the version of the proxy") { _, exchange in
            exchange.respond(json: answer)
        }
    }

    private func addHealth(to router: inout Router) {
        let phase = context.phase
        router.add(.get, "/healthz", "200 while the process works") { _, exchange in
            exchange.respond(json: Self.healthy)
        }
        router.add(.get, "/readyz", "200 while new clients are welcome, 503 otherwise") { _, exchange in
            switch phase.value {
            case .serving: exchange.respond(json: Self.ready)
            case .starting: exchange.fail(.serviceUnavailable, "starting")
            case .draining: exchange.fail(.serviceUnavailable, "draining")
            }
        }
    }

    private func addMetrics(to router: inout Router) {
        let registry = context.registry
        var fields = Fields()
        fields.append(.contentType, MetricsRegistry.contentType)
        let answer = fields
        // No page that an operator happens to visit shall read them.
        let options = RouteOptions(cors: nil, compresses: true)
        router.add(.get, "/metrics", "metrics in the text format of Prometheus", options: options) { _, exchange in
            exchange.respond(text: registry.exposition(), .ok, answer)
        }
    }

    /// The last of the routes: it takes every path that is left.
    private func addPages(to router: inout Router) {
        router.add(
            .get, "/*path", "pages: those of PROXY_STATIC_FILES, or those built in",
            options: RouteOptions(compresses: true), handler: context.pages.handle)
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

    private static let healthy = SharedBytes("{\"code\":0,\"status\":\"ok\"}")
    private static let ready = SharedBytes("{\"code\":0,\"status\":\"ready\"}")

    /// As SRS's `versions`.
    private static func versions(_ identity: ProxyIdentity) -> SharedBytes {
        SharedBytes(
            """
            {\(identity.envelope),"data":{"major":\(Version.major),"minor":\(Version.minor),"revision":\(Version.revision),\
            "version":"\(Version.text)"}}
            """)
    }
}
