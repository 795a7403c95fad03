package import Telemetry

/// What is counted of RTMP sessions that go through the proxy, declared once.
package struct RelayMetrics: Sendable {
    enum Purpose: String, CaseIterable { case publish, play }
    enum Direction: String, CaseIterable {
        case upstream
        case downstream
    }

    /// What became of a request to publish or to play.
    enum Outcome: String, CaseIterable {
        case relayed
        /// An origin has answered it with an error.
        case refused
        /// No origin could be reached, or there is none.
        case unreachable = "no-origin"
        /// The name means no stream.
        case name
        /// The client has gone meanwhile.
        case abandoned
    }

    /// Why an origin was given up for a session, and the next one tried.
    enum Failure: String, CaseIterable {
        case unreachable
        case timeout
        /// It ended the connection before media could flow.
        case closed
        /// It answered with an error.
        case refused
        /// What it sent is no RTMP.
        case malformed
        /// Another origin has got the stream meanwhile.
        case overtaken
    }

    fileprivate let sessions: GaugeFamily
    fileprivate let requests: CounterFamily
    fileprivate let retries: CounterFamily
    fileprivate let bytes: CounterFamily
    fileprivate let latency: HistogramFamily

    package init(in registry: MetricsRegistry) {
        let purpose = MetricLabel("purpose", Purpose.self)
        sessions = registry.gauge("sluice_rtmp_relays_open", help: "RTMP sessions relayed now.", labels: purpose)
        requests = registry.counter(
            "sluice_rtmp_relay_requests_total", help: "Requests to publish and to play, by what became of them.",
            labels: purpose, MetricLabel("outcome", Outcome.self))
        retries = registry.counter(
            "sluice_rtmp_relay_failures_total", help: "Origins given up for a session, by reason.",
            labels: MetricLabel("reason", Failure.self))
        bytes = registry.counter(
            "sluice_rtmp_relay_bytes_total", help: "Bytes relayed, as they came.",
            labels: MetricLabel("direction", Direction.self))
        latency = registry.histogram(
            "sluice_rtmp_relay_answer_seconds", help: "From a request to the answer of the origin that took it.",
            bounds: .durations(
                .milliseconds(1), .milliseconds(5), .milliseconds(25), .milliseconds(100), .milliseconds(500),
                .seconds(2), .seconds(10)),
            labels: purpose)
    }
}

/// One loop's part of them.
struct RelayMeter {
    let upstream: Counter
    let downstream: Counter
    private let metrics: RelayMetrics
    private let shard: MetricsShard

    init(_ metrics: RelayMetrics, shard: MetricsShard) {
        self.metrics = metrics
        self.shard = shard
        upstream = metrics.bytes.on(shard, RelayMetrics.Direction.upstream.rawValue)
        downstream = metrics.bytes.on(shard, RelayMetrics.Direction.downstream.rawValue)
    }

    func sessions(_ purpose: RelayMetrics.Purpose) -> Gauge { metrics.sessions.on(shard, purpose.rawValue) }

    func ended(_ purpose: RelayMetrics.Purpose, _ outcome: RelayMetrics.Outcome) {
        metrics.requests.on(shard, purpose.rawValue, outcome.rawValue).add()
    }

    func failed(_ reason: RelayMetrics.Failure) { metrics.retries.on(shard, reason.rawValue).add() }
    func latency(_ purpose: RelayMetrics.Purpose) -> Histogram { metrics.latency.on(shard, purpose.rawValue) }
}
