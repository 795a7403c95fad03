import HTTP
import HTTPTransport
import Reactor
import Service
import Telemetry

/// The routes of the origin's HTTP servers, on one loop.
struct OriginRoutes {
    let context: OriginContext
    let streams: LocalStreams
    let shard: MetricsShard

    func router(for service: OriginPort) -> Router {
        var router = Router()
        let routes = ServiceRoutes(
            context.program.identity, context.program.phase, context.registry, options: options(for: service))
        routes.addVersions(to: &router, "the version of the origin")
        routes.addHealth(to: &router)
        switch service {
        case .api:
            routes.addMetrics(to: &router)
            addAPI(to: &router, options: options(for: .api))
        case .exporter: routes.addMetrics(to: &router)
        case .http, .https:
            // One port may answer for both.
            if context.configuration.sharesPort {
                routes.addMetrics(to: &router)
                addAPI(to: &router, options: options(for: .api))
            }
            addStreams(to: &router)
        case .rtmp, .rtmps: break
        }
        return router
    }

    /// What `crossdomain` says of the server. Metrics are for the pages of no other site in any case.
    private func options(for service: OriginPort) -> RouteOptions {
        let allowsOtherSites =
            switch service {
            case .http, .https: context.configuration.httpServer.allowsOtherSites
            case .api, .exporter, .rtmp, .rtmps: context.configuration.httpAPI.allowsOtherSites
            }
        return allowsOtherSites ? RouteOptions() : RouteOptions(cors: nil)
    }

    /// The last of the routes: it takes every path that is left.
    private func addStreams(to router: inout Router) {
        let flv = FLVRoutes(
            streams: streams, hosts: context.hosts, http: ViewerMeter(context.metrics, .flv, shard: shard),
            webSocket: ViewerMeter(context.metrics, .webSocketFLV, shard: shard),
            notices: ViewerNotices(context.log.logger(.http)))
        let pages = context.pages
        var options = options(for: .http)
        options.compresses = true
        router.add(.get, "/*path", "streams, by FLV; pages", options: options) { request, exchange in
            if flv.answer(request, exchange) { return }
            pages.handle(request, exchange)
        }
    }
}

extension OriginConfiguration {
    /// Whether streams and the API are on the same port.
    var sharesPort: Bool {
        // Port 0 is another one each time.
        httpAPI.isEnabled && httpServer.isEnabled && httpAPI.listener == httpServer.listener
            && httpAPI.listener.port != 0
    }

    /// What this version listens on.
    var listenings: [Listening] {
        var listenings = rtmp.listeners.map {
            Listening(setting: "listen", service: OriginPort.rtmp.rawValue, scheme: .rtmp, address: $0)
        }
        func add(_ setting: String, _ service: OriginPort, _ scheme: Listening.Scheme, _ address: SocketAddress) {
            listenings.append(
                Listening(setting: setting, service: service.rawValue, scheme: scheme, address: address))
        }
        if rtmps.isEnabled {
            for address in rtmps.listeners { add("rtmps.listen", .rtmps, .rtmps, address) }
        }
        if httpServer.isEnabled { add("http_server.listen", .http, .http, httpServer.listener) }
        if httpServer.isEnabled, httpServer.https.isEnabled {
            add("http_server.https.listen", .https, .https, httpServer.https.listener)
        }
        if httpAPI.isEnabled, !sharesPort { add("http_api.listen", .api, .http, httpAPI.listener) }
        if exporter.isEnabled { add("exporter.listen", .exporter, .http, exporter.listener) }
        return listenings
    }
}
