import HTTP
import HTTPTransport
import Reactor
import Registry
import Service
import Telemetry

/// The origins that are registered, as operators see them, and what they order of them.
struct OriginRoutes {
    let context: ProxyContext
    let shard: MetricsShard

    func add(to router: inout Router) {
        let (routing, identity) = (context.routing, context.identity)
        let listing = RouteOptions(cors: nil, compresses: true)
        router.add(.get, "/api/v1/origins", "origins that are registered", options: listing) { request, exchange in
            let page = ListingPage(request.target)
            exchange.respond(json: OriginListing.text(routing, page, identity, at: MonotonicClock.now()))
        }
        router.add(.get, "/api/v1/origins/:id", "one origin", options: listing) { request, exchange in
            show(id(request, exchange), exchange)
        }
        add(.drain, .post, "/api/v1/origins/:id/drain", "gives an origin no further streams", to: &router)
        add(.undrain, .post, "/api/v1/origins/:id/undrain", "gives an origin streams again", to: &router)
        add(.deregister, .delete, "/api/v1/origins/:id", "takes an origin out until it beats again", to: &router)
    }

    private func add(
        _ order: OriginOrder, _ method: Method, _ path: String, _ summary: StaticString,
        to router: inout Router
    ) {
        router.add(method, path, summary, options: RouteOptions(cors: nil)) { request, exchange in
            follow(order, id(request, exchange), exchange)
        }
    }

    private func follow(_ order: OriginOrder, _ origin: OriginID, _ exchange: HTTPExchange) {
        let now = MonotonicClock.now()
        // One that goes is shown as it was.
        let before = OriginListing.one(context.routing, origin, context.identity, at: now)
        do throws(OrderRefusal) {
            switch order {
            case .drain: try context.store.drain(origin, true, at: now)
            case .undrain: try context.store.drain(origin, false, at: now)
            case .deregister: try context.store.deregister(origin, at: now)
            }
        } catch {
            switch error {
            case .unknown: return Self.unknown(exchange)
            case .fixed: return exchange.fail(.conflict, error.description)
            }
        }
        context.orderMetrics.on(shard, order).add()
        context.log.logger(.registry).info(
            "an operator has given an order",
            [
                "order": order.rawValue, "origin": origin.text,
                "operator": exchange.peerAddress?.host.description ?? "",
            ])
        guard order == .deregister, let before else { return show(origin, exchange) }
        exchange.respond(json: before)
    }

    private func show(_ origin: OriginID, _ exchange: HTTPExchange) {
        let now = MonotonicClock.now()
        guard let text = OriginListing.one(context.routing, origin, context.identity, at: now) else {
            return Self.unknown(exchange)
        }
        exchange.respond(json: text)
    }

    private func id(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> OriginID {
        OriginID(exchange.match?.value("id", in: request) ?? "")
    }

    private static func unknown(_ exchange: HTTPExchange) { exchange.fail(.notFound, "no such origin") }
}

/// What operators order of origins.
enum OriginOrder: String, CaseIterable { case drain, undrain, deregister }

typealias OrderMetrics = CaseCounters<OriginOrder>

extension OrderMetrics {
    init(in registry: MetricsRegistry) {
        self.init(
            "sluice_origin_orders_total", help: "What operators have ordered of origins.", label: "order", in: registry)
    }
}
