package import HTTP
package import Reactor
import Service
package import Telemetry

/// Everything an operator can set that means something in this version, checked; `OriginConfiguration()` holds the
/// defaults, which are SRS's but where a field says otherwise.
///
/// `DirectiveTable` ties each field to the directive that sets it.
package struct OriginConfiguration: Sendable, Equatable {
    package var rtmp = RTMP()
    package var rtmps = RTMPS()
    package var httpServer = HTTPServer()
    package var httpAPI = HTTPAPI()
    package var exporter = Exporter()
    package var heartbeat = Heartbeat()
    package var process = Process()
    package var shutdown = Shutdown()
    package var logging = Logging()
    /// Connections of clients open at once, in the whole program.
    package var maximumConnections = 1_000
    /// In the order of the file; names are all different.
    package var virtualHosts: [OriginVirtualHost] = []

    package init() {}

    /// What holds for streams of the host called `name`, as `StreamKey.vhost` has it: its own block, or that of the
    /// default host, never both. Nil where there is neither, and where the block is not enabled: then nobody may
    /// publish or play.
    package func virtualHost(named name: String) -> OriginVirtualHost? {
        let host =
            virtualHosts.first { $0.name == name } ?? virtualHosts.first { $0.name == OriginVirtualHost.defaultName }
        return host.flatMap { $0.isEnabled ? $0 : nil }
    }
}

extension OriginConfiguration {
    package struct RTMP: Sendable, Equatable {
        package var listeners = [SocketAddress.everyAddress(port: 1_935)]
        package var chunkSize = 60_000
    }

    package struct RTMPS: Sendable, Equatable {
        package var isEnabled = false
        /// SRS has no default; this is the port that its examples use.
        package var listeners = [SocketAddress.everyAddress(port: 1_443)]
        package var certificate = CertificateFiles()
    }

    /// Files in PEM form.
    package struct CertificateFiles: Sendable, Equatable {
        /// The certificate, followed by those between it and the root.
        package var certificate = "./conf/server.crt"
        package var key = "./conf/server.key"
    }

    /// HTTP streams and pages.
    package struct HTTPServer: Sendable, Equatable {
        package var isEnabled = false
        package var listener = SocketAddress.everyAddress(port: 8_080)
        /// Of the pages; it need not be there.
        package var directory = "./objs/nginx/html"
        /// Whether pages of other sites may read the answers.
        package var allowsOtherSites = true
        package var https = HTTPS()
    }

    package struct HTTPS: Sendable, Equatable {
        package var isEnabled = false
        package var listener = SocketAddress.everyAddress(port: 8_088)
        package var certificate = CertificateFiles()
    }

    /// The HTTP API. Its listener may be the same as `HTTPServer.listener`: then one port answers for both.
    package struct HTTPAPI: Sendable, Equatable {
        package var isEnabled = false
        package var listener = SocketAddress.everyAddress(port: 1_985)
        package var allowsOtherSites = true
    }

    /// Metrics for Prometheus, on a port of their own.
    package struct Exporter: Sendable, Equatable {
        package var isEnabled = false
        package var listener = SocketAddress.everyAddress(port: 9_972)
    }

    package struct Heartbeat: Sendable, Equatable {
        package var isEnabled = false
        package var interval = Duration.seconds(10)
        /// Each is told of this origin; SRS knows one. Empty only where no heartbeat is enabled.
        package var urls = [HTTPURL].default
        package var deviceID = ""
        /// Its share of streams beside the others' weights.
        package var weight = 100
        /// Where it stands; empty where it does not say.
        package var zone = ""
        package var labels: [Label] = []
        /// What proxies want to be shown; nil where they want nothing.
        package var secret: HeartbeatSecret?
        package var withSummaries = false
        package var withPorts = false

        /// What its operator wants shown of it, under a name.
        package struct Label: Sendable, Equatable {
            package let name: String
            package let text: String
        }

        package static let maximumLabels = 16
    }

    package struct Process: Sendable, Equatable {
        /// Threads that serve connections; nil for one per processor.
        package var loops: Int?
        /// Where the program goes once the configuration is read; relative paths begin there.
        package var workDirectory = "./"
        /// Where the process id is written; nil for nowhere. SRS would write ./objs/srs.pid.
        package var pidFile: String?
        /// What `server` is in envelopes and heartbeats; nil for one that is made of the host's name.
        package var serverID: String?
        /// Which of the machine's addresses a heartbeat tells, counted from 0.
        package var networkIndex = 0
    }

    /// What happens between the signal to stop and the end.
    package struct Shutdown: Sendable, Equatable {
        /// New clients are still welcome so long, for balancers to learn that this server goes.
        package var startWait = Duration.milliseconds(2_300)
        /// What is left when all is done waits so long before the process ends.
        package var finalWait = Duration.milliseconds(3_200)
        /// Whether SIGTERM is as gentle as SIGQUIT.
        package var isAlwaysGraceful = false
    }

    package struct Logging: Sendable, Equatable {
        /// What `srs_log_level` says.
        package var level = LogLevel.info
        /// What `srs_log_level_v2` says, which goes before.
        package var levelOfVersion2: LogLevel?

        package var filter: LogFilter { LogFilter(levelOfVersion2 ?? level) }
    }
}

/// What an origin shows of itself to a proxy that wants a secret; no message and no listing shows it.
package struct HeartbeatSecret: Sendable, Equatable {
    package let text: Secret<String>

    /// Two are told apart by nothing: how long that takes would tell of them.
    package static func == (left: HeartbeatSecret, right: HeartbeatSecret) -> Bool { true }
}

extension [HTTPURL] {
    /// Where SRS sends heartbeats if nothing is said.
    fileprivate static var `default`: [HTTPURL] {
        [try? HTTPURL("http://127.0.0.1:8085/api/v1/servers")].compactMap(\.self)
    }
}
