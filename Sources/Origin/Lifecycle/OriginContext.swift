import Bytes
import HTTPTransport
import Media
import RTMP
import RTMPTransport
import Reactor
import Registry
import Service
import Telemetry

/// What every loop of the origin is given: immutable, or safe to share.
struct OriginContext: Sendable {
    let configuration: OriginConfiguration
    let program: Program
    let log: LogSink
    let registry: MetricsRegistry
    let loopMetrics: LoopMetrics
    let httpMetrics: HTTPServerMetrics
    let rtmpServerMetrics: RTMPServerMetrics
    let metrics: OriginMetrics
    /// Nil where no proxy is told of this origin.
    let heartbeatMetrics: HeartbeatMetrics?
    let table = StreamTable()
    let directory = LoopDirectory()
    let hosts: HostTable
    let rtmpsContext: TLSServerContext?
    let httpsContext: TLSServerContext?
    /// Of viewers, publishers and clients of the pages together, on all loops.
    let publicPlaces: ConnectionPlaces
    let operatorPlaces: ConnectionPlaces
    let pages: StaticFiles
    let facts: ProgramFacts

    init(
        _ configuration: OriginConfiguration, of program: Program, share: DescriptorShare, log: LogSink,
        rtmps: TLSServerContext?, https: TLSServerContext?
    ) {
        self.configuration = configuration
        self.program = program
        facts = ProgramFacts(version: Version.text, process: program.identity.process)
        self.log = log
        registry = MetricsRegistry(shards: program.loops.loops.count)
        loopMetrics = LoopMetrics(in: registry)
        httpMetrics = HTTPServerMetrics(in: registry, servers: OriginPort.withHTTP.map(\.rawValue))
        rtmpServerMetrics = RTMPServerMetrics(in: registry)
        metrics = OriginMetrics(in: registry)
        let heartbeat = configuration.heartbeat
        heartbeatMetrics =
            heartbeat.isEnabled ? HeartbeatMetrics(in: registry, targets: heartbeat.urls.count) : nil
        hosts = HostTable(configuration)
        rtmpsContext = rtmps
        httpsContext = https
        publicPlaces = ConnectionPlaces(maximum: share.clients, spare: share.spare)
        operatorPlaces = ConnectionPlaces(maximum: share.operators, spare: share.spare)
        var options = StaticFiles.Options()
        options.cacheControl = "no-cache"
        pages = StaticFiles(
            directory: configuration.httpServer.directory, io: FileIO(pool: program.blocking), options: options)
        registry.declareProcessMetrics()
        log.declareMetrics(in: registry)
    }

    var rtmpSettings: ServerSettings {
        ServerSettings(name: "Sluice", version: Version.text, chunkSize: configuration.rtmp.chunkSize)
    }
}

/// What answers on the origin's ports.
enum OriginPort: String, CaseIterable {
    case rtmp
    case rtmps
    /// Streams and pages for viewers.
    case http
    case https
    /// The HTTP API.
    case api
    /// Metrics.
    case exporter

    /// Those that have a server of their own; `https` is another listener of `http`.
    static let withHTTP: [OriginPort] = [.http, .api, .exporter]
}

extension HostTable {
    /// What the configuration says of each virtual host.
    init(_ configuration: OriginConfiguration) {
        var hosts: [String: HostSettings] = [:]
        var disabled: Set<String> = []
        for host in configuration.virtualHosts {
            if host.isEnabled {
                hosts[host.name] = HostSettings(host, chunkSize: configuration.rtmp.chunkSize)
            } else {
                disabled.insert(host.name)
            }
        }
        self.init(hosts, disabled: disabled)
    }
}

extension HostSettings {
    init(_ host: OriginVirtualHost, chunkSize: Int) {
        self.init()
        policy.chunkSize = chunkSize
        policy.groupCache.isEnabled = host.play.gopCache
        policy.groupCache.maximumFrames = host.play.gopCacheMaximumFrames > 0 ? host.play.gopCacheMaximumFrames : .max
        policy.maximumLag = host.play.queueLength
        policy.mergeLatency = host.minimumLatency ? .zero : host.play.mergedWriteLatency
        policy.repeatsConfigurations = !host.play.reduceSequenceHeader
        policy.readsParameterSets = host.publish.parseSPS
        servesFLV = host.httpRemux.isEnabled
        firstFrameTimeout = host.publish.firstFrameTimeout
        frameTimeout = host.publish.silenceTimeout
        viewerTimeout = host.publish.idleTimeout > .zero ? host.publish.idleTimeout : nil
    }
}
