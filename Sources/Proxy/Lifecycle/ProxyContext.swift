package import HTTPTransport
import RTMPTransport
package import Reactor
package import Registry
package import Service
package import Telemetry

/// What every loop of the proxy is given: immutable, or safe to share.
package struct ProxyContext: Sendable {
    package let configuration: ProxyConfiguration
    package let identity: ServerIdentity
    package let phase: ProgramPhase
    let facts: ProgramFacts
    /// Threads for what would block a loop.
    let blocking: BlockingPool
    package let log: LogSink
    package let registry: MetricsRegistry
    package let loopMetrics: LoopMetrics
    package let httpMetrics: HTTPServerMetrics
    /// Which origins there are, and which streams they have.
    package var store: any RegistryStore { shared.store }
    let shared: ProxyStore
    /// Where sessions go.
    package let routing: StreamRouting
    package let registrationMetrics: RegistrationMetrics
    let accessMetrics: AccessMetrics
    let kickMetrics: KickMetrics
    let orderMetrics: OrderMetrics
    let passageMetrics: PassageMetrics
    /// What holds for each variable.
    let settings: [CheckedConfiguration.Setting]
    let loopQuestions = LoopQuestions<LoopQuestion, LoopAnswer>()
    let apiTokens: AccessTokens
    let registerTokens: AccessTokens
    let rtmpServerMetrics: RTMPServerMetrics
    let relayMetrics: RelayMetrics<RelayPurpose>
    let streamMetrics: RelayMetrics<StreamForm>
    /// Of origins' names.
    let resolver: Resolver
    let rtmpsContext: TLSServerContext?
    let httpsContext: TLSServerContext?
    /// Of RTMP, the media and the API service together, on all loops.
    private let publicPlaces: ConnectionPlaces
    private let systemPlaces: ConnectionPlaces
    /// What is at the paths that no stream and no API has.
    package let pages: StaticFiles

    init(
        _ checked: CheckedConfiguration, of program: Program, share: DescriptorShare, log: LogSink,
        rtmps: TLSServerContext?, https: TLSServerContext?
    ) throws {
        let configuration = checked.configuration
        settings = checked.settings
        publicPlaces = ConnectionPlaces(maximum: share.clients, spare: share.spare)
        systemPlaces = ConnectionPlaces(maximum: share.operators, spare: share.spare)
        self.configuration = configuration
        self.log = log
        rtmpsContext = rtmps
        httpsContext = https
        var options = StaticFiles.Options()
        // Asked for again each time, which costs a 304 where nothing has changed.
        options.cacheControl = "no-cache"
        if let directory = configuration.staticFiles {
            pages = StaticFiles(directory: directory, io: FileIO(pool: program.blocking), options: options)
        } else {
            pages = StaticFiles(resources: BuiltInPages.all, options: options)
        }
        identity = program.identity
        phase = program.phase
        blocking = program.blocking
        facts = ProgramFacts(version: Version.text, process: program.identity.process)
        registry = MetricsRegistry(shards: program.loops.loops.count)
        loopMetrics = LoopMetrics(in: registry)
        httpMetrics = HTTPServerMetrics(in: registry, servers: HTTPService.allCases.map(\.rawValue))
        registrationMetrics = RegistrationMetrics(in: registry)
        accessMetrics = AccessMetrics(in: registry)
        kickMetrics = KickMetrics(in: registry)
        orderMetrics = OrderMetrics(in: registry)
        passageMetrics = PassageMetrics(in: registry)
        apiTokens = AccessTokens(configuration.access.tokens)
        registerTokens = AccessTokens(configuration.access.registerSecrets)
        rtmpServerMetrics = RTMPServerMetrics(in: registry)
        relayMetrics = RelayMetrics(in: registry)
        streamMetrics = RelayMetrics(in: registry)
        resolver = try Resolver()
        shared = try ProxyStore(configuration.registry, metrics: registry)
        let store = shared.store
        routing = StreamRouting(store, router: configuration.routing.router)
        registrationMetrics.declareClaims(of: store, in: registry)
        registrationMetrics.declareRoutes(of: store, in: registry)
        registrationMetrics.declareRecords(of: routing, in: registry)
        if configuration.defaultBackend.isEnabled {
            store.fix(configuration.defaultBackend.heartbeat, at: MonotonicClock.now())
        }
        registry.declareProcessMetrics()
        log.declareMetrics(in: registry)
    }

    func places(of service: HTTPService) -> ConnectionPlaces {
        switch service {
        case .media, .api: publicPlaces
        // A crowd of viewers keeps no operator out.
        case .system: systemPlaces
        }
    }
}

/// The HTTP servers of the proxy, by what they are for.
package enum HTTPService: String, Sendable, CaseIterable {
    /// Streams and pages for viewers.
    case media
    /// The HTTP API, WHIP and WHEP.
    case api
    /// Registration and operations.
    case system
}
