import HTTPTransport
import RTMP
import RTMPTransport
import Reactor
import Registry
import Service
import Telemetry

/// The proxy's part on one loop: its servers.
final class ProxyLoop {
    private let context: ProxyContext
    private let loop: EventLoop
    private var servers: [(service: HTTPService, server: HTTPServer)] = []
    private let rtmp: RTMPServer

    init(_ context: ProxyContext, on loop: EventLoop, plan: ListenPlan) throws(ListenFailure) {
        self.context = context
        self.loop = loop
        let shard = MetricsShard(loop.handle.index)
        let reporter = LoopReporter(loop, context.loopMetrics, shard: shard)
        let sessions = LoopSessions(on: loop)
        SessionDirectory.open(context.loopQuestions, sessions, on: loop, reporter)
        context.shared.attach(to: loop, context, shard: shard)
        let watch = RelayWatch(on: loop)
        let passage = PassageGuard(
            PassageMark(context.identity), on: loop, log: context.log.logger(.proxy), context.passageMetrics,
            shard: shard)
        let relays = RelayContext(
            routing: context.routing, claims: ClaimKeeper(context.store, on: loop), resolver: context.resolver,
            settings: ServerSettings(name: "Sluice", version: Version.text),
            meter: RelayMeter(context.relayMetrics, shard: shard), watch: watch, sessions: sessions, passage: passage)
        rtmp = RTMPServer(
            on: loop, options: RTMPServer.Options(places: context.places(of: .media)), log: context.log.logger(.rtmp),
            meter: RTMPServerMeter(context.rtmpServerMetrics, shard: shard)
        ) { connection, server in RelayConnection(connection, of: server, relays) }
        let client = HTTPClient(
            on: loop, resolver: context.resolver,
            options: StreamRelayContext.clientOptions(maximumViewers: context.places(of: .media).maximum))
        let streams = StreamRelayContext(
            routing: context.routing, client: client, meter: RelayMeter(context.streamMetrics, shard: shard),
            watch: watch, sessions: sessions, passage: passage, log: context.log.logger(.http))
        let routes = ProxyRoutes(
            context: context, streams: StreamRoutes(context: streams), passage: passage, loop: loop, shard: shard)
        for service in HTTPService.allCases {
            var options = HTTPServerOptions()
            options.places = context.places(of: service)
            if service == .system { options.networks = context.configuration.access.systemNetworks }
            let server = HTTPServer(
                on: loop, router: routes.router(for: service), options: options, log: context.log.logger(.http),
                meter: HTTPServerMeter(context.httpMetrics, server: service.rawValue, shard: shard))
            servers.append((service, server))
        }
        for listening in plan.listenings { try listen(listening) }
    }

    /// What the lifecycle may ask of it.
    var member: LoopMember {
        LoopMember(on: loop, drain: drain) { self.abortAll() }
    }

    private func listen(_ listening: Listening) throws(ListenFailure) {
        do throws(SystemError) {
            switch listening.scheme {
            case .rtmp: try rtmp.listen(on: listening.address)
            case .rtmps: try rtmp.listen(on: listening.address, tls: context.rtmpsContext)
            case .http, .https:
                let tls = listening.scheme == .https ? context.httpsContext : nil
                for (service, server) in servers where service.rawValue == listening.service {
                    try server.listen(on: listening.address, tls: tls)
                }
            }
        } catch {
            throw ListenFailure(listening, cause: error)
        }
    }

    /// Closes the public listeners and lets their connections end; `done` runs when they have.
    func drain(_ done: @escaping () -> Void) {
        var left = publicServers.count + 1
        let drained = {
            left -= 1
            if left == 0 { done() }
        }
        rtmp.drain(drained)
        for server in publicServers { server.drain(drained) }
    }

    /// Breaks off what is left of the public's.
    func abortAll() {
        rtmp.abortAll()
        for server in publicServers { server.abortAll() }
    }

    private var publicServers: [HTTPServer] { servers.filter { $0.service != .system }.map(\.server) }
}
