package import Telemetry

/// The metrics of a program's RTMP servers, declared once.
package struct RTMPServerMetrics: Sendable {
    fileprivate let connections: GaugeFamily
    fileprivate let turnedAway: CounterFamily

    package init(in registry: MetricsRegistry) {
        connections = registry.gauge("sluice_rtmp_connections_open", help: "RTMP connections of clients open now.")
        turnedAway = registry.counter(
            "sluice_rtmp_connections_refused_total", help: "RTMP connections closed at the limit.")
    }
}

/// One loop's part of them.
package struct RTMPServerMeter {
    let connections: Gauge
    let turnedAway: Counter

    package init(_ metrics: RTMPServerMetrics, shard: MetricsShard) {
        connections = metrics.connections.on(shard)
        turnedAway = metrics.turnedAway.on(shard)
    }
}
