import Bytes
import HTTP
import Reactor
package import Telemetry

/// The metrics of all HTTP servers of the program, declared once.
package struct HTTPServerMetrics: Sendable {
    let requests: CounterFamily
    let duration: HistogramFamily
    let connections: GaugeFamily
    let turnedAway: CounterFamily
    let forbidden: CounterFamily

    enum StatusClass: String, CaseIterable {
        case informational = "1xx"
        case success = "2xx"
        case redirection = "3xx"
        case clientError = "4xx"
        case serverError = "5xx"
        /// The connection ended before the answer did.
        case lost
    }

    /// `servers` are the names that `HTTPServerMeter`s are made with.
    package init(in registry: MetricsRegistry, servers: [String]) {
        let server = MetricLabel("server", values: servers)
        requests = registry.counter(
            "sluice_http_requests_total", help: "HTTP requests by how they were answered.",
            labels: server, MetricLabel("status", StatusClass.self))
        duration = registry.histogram(
            "sluice_http_request_duration_seconds", help: "From a request's head to the last byte of its answer.",
            bounds: .durations(
                .milliseconds(1), .milliseconds(5), .milliseconds(25), .milliseconds(100), .milliseconds(500),
                .seconds(2), .seconds(10), .seconds(60)),
            labels: server)
        connections = registry.gauge(
            "sluice_http_connections_open", help: "HTTP connections of clients open now.", labels: server)
        turnedAway = registry.counter(
            "sluice_http_connections_refused_total", help: "Connections answered with 503 at the limit.",
            labels: server)
        forbidden = registry.counter(
            "sluice_http_connections_forbidden_total", help: "Connections from networks that are not allowed.",
            labels: server)
    }
}

/// One server's part of them, on one loop.
package struct HTTPServerMeter {
    private let classes: [Counter]
    private let lost: Counter
    private let duration: Histogram
    let connections: Gauge
    let turnedAway: Counter
    let forbidden: Counter

    package init(_ metrics: HTTPServerMetrics, server: String, shard: MetricsShard) {
        classes = HTTPServerMetrics.StatusClass.allCases.map { metrics.requests.on(shard, server, $0.rawValue) }
        lost = metrics.requests.on(shard, server, HTTPServerMetrics.StatusClass.lost.rawValue)
        duration = metrics.duration.on(shard, server)
        connections = metrics.connections.on(shard, server)
        turnedAway = metrics.turnedAway.on(shard, server)
        forbidden = metrics.forbidden.on(shard, server)
    }

    func ended(_ ending: HTTPExchange.Ending, status: Status?, began: Instant) {
        switch ending {
        case .answered:
            guard let status else { return }
            // Codes beyond 599 exist in the wild; they count as the server's fault.
            classes[min(Int(status.code) / 100, 5) - 1].add()
            duration.observe(from: began, to: MonotonicClock.now())
        case .lost: lost.add()
        }
    }
}
