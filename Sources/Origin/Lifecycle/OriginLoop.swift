import HTTP
import HTTPTransport
import Media
import RTMPTransport
import Reactor
import Service
import Telemetry

/// The origin's part on one loop: its servers, and the streams that are viewed there.
final class OriginLoop {
    private let context: OriginContext
    private let loop: EventLoop
    private let shard: MetricsShard
    private let rtmp: RTMPServer
    private var servers: [(service: OriginPort, server: HTTPServer)] = []

    init(_ context: OriginContext, on loop: EventLoop, plan: ListenPlan) throws(ListenFailure) {
        self.context = context
        self.loop = loop
        shard = MetricsShard(loop.handle.index)
        LoopReporter(loop, context.loopMetrics, shard: shard)
        let streams = LocalStreams(context.table, on: loop)
        context.directory.open(streams)
        let clients = RTMPContext(
            settings: context.rtmpSettings, streams: streams, hosts: context.hosts,
            meter: RTMPMeter(context.metrics, shard: shard))
        rtmp = RTMPServer(
            on: loop, options: RTMPServer.Options(places: context.publicPlaces), log: context.log.logger(.rtmp),
            meter: RTMPServerMeter(context.rtmpServerMetrics, shard: shard)
        ) { connection, server in RTMPConnection(connection, of: server, clients) }
        let routes = OriginRoutes(context: context, streams: streams, shard: shard)
        for service in OriginPort.withHTTP {
            servers.append((service, server(service, routes.router(for: service))))
        }
        for listening in plan.listenings { try listen(listening) }
    }

    /// What the lifecycle may ask of it.
    var member: LoopMember {
        LoopMember(on: loop, drain: drain) { self.abortAll() }
    }

    private func server(_ service: OriginPort, _ router: Router) -> HTTPServer {
        var options = HTTPServerOptions()
        options.places = service == .http ? context.publicPlaces : context.operatorPlaces
        return HTTPServer(
            on: loop, router: router, options: options, log: context.log.logger(.http),
            meter: HTTPServerMeter(context.httpMetrics, server: service.rawValue, shard: shard))
    }

    private func listen(_ listening: Listening) throws(ListenFailure) {
        do throws(SystemError) {
            switch OriginPort(rawValue: listening.service) {
            case .rtmp: try rtmp.listen(on: listening.address)
            case .rtmps: try rtmp.listen(on: listening.address, tls: context.rtmpsContext)
            case .https: try httpServer(.http)?.listen(on: listening.address, tls: context.httpsContext)
            case .http: try httpServer(.http)?.listen(on: listening.address)
            case .api: try httpServer(.api)?.listen(on: listening.address)
            case .exporter: try httpServer(.exporter)?.listen(on: listening.address)
            case nil: break
            }
        } catch {
            throw ListenFailure(listening, cause: error)
        }
    }

    private func httpServer(_ service: OriginPort) -> HTTPServer? {
        servers.first { $0.service == service }?.server
    }

    /// Closes the public listeners and lets their connections end; `done` runs when they have.
    private func drain(_ done: @escaping () -> Void) {
        let http = httpServer(.http)
        var left = http == nil ? 1 : 2
        let drained = {
            left -= 1
            if left == 0 { done() }
        }
        rtmp.drain(drained)
        http?.drain(drained)
    }

    /// Breaks off what is left of the public's.
    private func abortAll() {
        rtmp.abortAll()
        httpServer(.http)?.abortAll()
    }
}
