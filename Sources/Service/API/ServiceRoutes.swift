import Bytes
import HTTP
package import HTTPTransport
package import Telemetry

/// The routes that every HTTP server of a program has: who it is, and how it is. Those but the metrics are open: what
/// watches a program is not to need a secret.
package struct ServiceRoutes {
    private let identity: ServerIdentity
    private let phase: ProgramPhase
    private let registry: MetricsRegistry
    /// Of what everybody may ask.
    private let options: RouteOptions

    package init(
        _ identity: ServerIdentity, _ phase: ProgramPhase, _ registry: MetricsRegistry,
        options: RouteOptions = RouteOptions()
    ) {
        self.identity = identity
        self.phase = phase
        self.registry = registry
        var options = options
        options.isOpen = true
        self.options = options
    }

    package func addVersions(to router: inout Router, _ summary: StaticString) {
        let answer = Self.versions(identity)
        var options = options
        options.answersScripts = true
        router.add(.get, "/api/v1/versions", summary, options: options) { _, exchange in exchange.respond(json: answer)
        }
    }

    /// `obstacle` says why a program that serves wants no new clients all the same.
    package func addHealth(to router: inout Router, obstacle: @escaping @Sendable () -> String? = { nil }) {
        let phase = phase
        router.add(.get, "/healthz", "200 while the process works", options: options) { _, exchange in
            exchange.respond(json: Self.healthy)
        }
        router.add(.get, "/readyz", "200 while new clients are welcome, 503 otherwise", options: options) {
            _, exchange in
            switch phase.value {
            case .serving:
                if let obstacle = obstacle() { return exchange.fail(.serviceUnavailable, obstacle) }
                exchange.respond(json: Self.ready)
            case .starting: exchange.fail(.serviceUnavailable, "starting")
            case .draining: exchange.fail(.serviceUnavailable, "draining")
            }
        }
    }

    package func addMetrics(to router: inout Router) {
        let registry = registry
        var fields = Fields()
        fields.append(.contentType, MetricsRegistry.contentType)
        let answer = fields
        // No page that an operator happens to visit shall read them.
        let options = RouteOptions(cors: nil, compresses: true)
        router.add(.get, "/metrics", "metrics in the text format of Prometheus", options: options) { _, exchange in
            exchange.respond(text: registry.exposition(), .ok, answer)
        }
    }

    private static let healthy = SharedBytes("{\"code\":0,\"status\":\"ok\"}")
    private static let ready = SharedBytes("{\"code\":0,\"status\":\"ready\"}")

    /// As SRS's `versions`.
    private static func versions(_ identity: ServerIdentity) -> SharedBytes {
        SharedBytes(
            """
            {\(identity.envelope),"data":{"major":\(Version.major),"minor":\(Version.minor),"revision":\(Version.revision),\
            "version":"\(Version.text)"}}
            """)
    }
}
