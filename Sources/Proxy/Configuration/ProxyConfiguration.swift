import HTTPTransport
import RTMPTransport
package import Reactor
package import Redis
package import Registry
package import Service
package import Telemetry

/// Everything an operator can set, checked; `ProxyConfiguration()` holds the defaults.
///
/// `Variables` ties each field to the variable that sets it, `parse` reads them all.
package struct ProxyConfiguration: Sendable {
    package var listeners = Listeners()
    package var tls = TLS()
    package var access = Access()
    package var registry = Registry()
    package var routing = Routing()
    package var defaultBackend = DefaultBackend()
    package var shutdown = Shutdown()
    package var logging = Logging()
    package var limits = Limits()

    /// Directory of the pages to serve; nil for those built in. Whether it is there is seen when a page is asked for.
    package var staticFiles: String?

    package init() {}
}

extension ProxyConfiguration {
    /// Where the proxy listens. The wildcard `::` takes IPv4 as well; port 0 is a free one that the system chooses.
    package struct Listeners: Sendable, Equatable {
        package var rtmp = SocketAddress.everyAddress(port: 11_935)
        /// As `rtmp`, over TLS; nil for none.
        package var rtmps: SocketAddress?
        package var http = SocketAddress.everyAddress(port: 18_080)
        package var httpAPI = SocketAddress.everyAddress(port: 11_985)
        /// As `http`, over TLS; nil for none.
        package var https: SocketAddress?
        /// UDP, and TCP with the same port.
        package var webRTC = SocketAddress.everyAddress(port: 18_000)
        package var srt = SocketAddress.everyAddress(port: 20_080)
        package var systemAPI = SocketAddress.everyAddress(port: 12_025)
    }

    /// Files in PEM form; either both are set or none, and both where anything listens with TLS.
    package struct TLS: Sendable, Equatable {
        /// The server's certificate, followed by those between it and the root.
        package var certificate: String?
        package var key: String?
    }

    /// Who may ask the proxy for what is not for everybody.
    package struct Access: Sendable {
        /// One of them lets an operator in; where there are none, everybody is.
        package var tokens = Secret<[String]>([])
        /// The same for heartbeats of origins.
        package var registerSecrets = Secret<[String]>([])
        /// Whence the system API may be connected to; from everywhere where it is empty.
        package var systemNetworks: [NetworkPrefix] = []
    }

    /// Where the proxies keep what they know of origins and streams.
    package struct Registry: Sendable {
        package enum Store: String, Sendable, CaseIterable {
            /// In this process, for a single proxy.
            case memory
            /// In Redis, shared by any number of proxies.
            case redis
        }

        /// In which states of the registry new clients are welcome.
        package enum Readiness: String, Sendable, CaseIterable {
            /// Only while everything is known.
            case fresh
            /// Also while not everything was read for a while.
            case stale
            /// Also while the proxy is alone with what it knows.
            case detached
        }

        package var store = Store.memory
        package var redis = Redis()
        package var readiness = Readiness.detached
    }

    package struct Redis: Sendable {
        package var host = HostName.address(.v4(0x7F00_0001))
        package var port: UInt16 = 6_379
        /// Of Redis' ACL; the one called `default` where it is nil.
        package var user: String?
        package var password: Secret<String>?
        package var database = 0
        /// Says all of that, where it is set, but for what it leaves out of user and password; see `location`.
        package var url: RedisURL?
        /// What the names of all keys and channels begin with.
        package var prefix = "sluice:"
    }

    /// Where streams go that nobody has.
    package struct Routing: Sendable, Equatable {
        package var policy = RoutingPolicy.hash
        /// Where the proxy stands: origins of the same name come first. Nil where it does not matter.
        package var zone: String?
        /// How long an origin that has come, or come back, gets less than its share.
        package var slowStart = Duration.seconds(30)

        var router: OriginRouter {
            var router = OriginRouter()
            router.policy = policy.placement
            router.zone = zone.map(OriginZone.init)
            router.slowStart = SlowStart(time: slowStart)
            return router
        }
    }

    /// One origin that is registered at the start and never expires, for servers that send no heartbeat.
    package struct DefaultBackend: Sendable, Equatable {
        package var isEnabled = false
        package var host = HostName.address(.v4(0x7F00_0001))
        package var rtmp: UInt16 = 1_935
        /// The others are nil where the origin does not speak the protocol.
        package var http: UInt16? = 8_080
        package var api: UInt16? = 1_985
        package var webRTC: UInt16? = 8_000
        package var srt: UInt16? = 10_080
    }

    /// How long a draining proxy lets its connections live; both are counted from the signal.
    package struct Shutdown: Sendable, Equatable {
        /// Until then a connection may come to its own end.
        package var grace = Duration.seconds(20)
        /// Then the program ends whatever is still open.
        package var force = Duration.seconds(30)
    }

    package struct Logging: Sendable, Equatable {
        package var filter = LogFilter()
        package var format = LogFormatChoice.auto

        /// Every part of the program that `PROXY_LOG_LEVEL` can name.
        package static let subsystems: [LogSubsystem] = [.proxy, .registry, .rtmp, .http, .reactor]
    }

    package struct Limits: Sendable, Equatable {
        /// Event loops, each a thread; nil for one per core.
        package var loops: Int?
        /// Connections of clients open at once, over all loops and services but the system API; see `DescriptorShare`.
        package var maximumConnections = 100_000
    }
}

extension LogSubsystem {
    /// The program's own life.
    package static let proxy = LogSubsystem("proxy")
    /// Origins, and how they are.
    package static let registry = LogSubsystem("registry")
}
