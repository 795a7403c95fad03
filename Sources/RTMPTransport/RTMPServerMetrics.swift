package import Telemetry

/// The metrics of a program's RTMP servers, declared once.
package struct RTMPServerMetrics: Sendable {
    fileprivate let connections: GaugeFamily
    fileprivate let turnedAway: CounterFamily
    fileprivate let handshakesDropped: CounterFamily

    fileprivate enum Scheme: String, CaseIterable { case rtmp, rtmps }

    package init(in registry: MetricsRegistry) {
        connections = registry.gauge(
            "sluice_rtmp_connections_open", help: "RTMP connections of clients open now.",
            labels: MetricLabel("scheme", Scheme.self))
        turnedAway = registry.counter(
            "sluice_rtmp_connections_refused_total", help: "RTMP connections closed at the limit.")
        handshakesDropped = registry.counter(
            "sluice_rtmp_handshakes_dropped_total",
            help: "RTMP connections closed before `connect` because there were too many of them.")
    }
}

/// One loop's part of them.
package struct RTMPServerMeter {
    private let plain: Gauge
    private let secure: Gauge
    let turnedAway: Counter
    let handshakesDropped: Counter

    package init(_ metrics: RTMPServerMetrics, shard: MetricsShard) {
        plain = metrics.connections.on(shard, RTMPServerMetrics.Scheme.rtmp.rawValue)
        secure = metrics.connections.on(shard, RTMPServerMetrics.Scheme.rtmps.rawValue)
        turnedAway = metrics.turnedAway.on(shard)
        handshakesDropped = metrics.handshakesDropped.on(shard)
    }
    func connections(isSecure: Bool) -> Gauge { isSecure ? secure : plain }
}
