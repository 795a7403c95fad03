import Telemetry

/// What one protocol's relays are counted by.
protocol RelayKind: RawRepresentable<String>, CaseIterable, Sendable {
    /// What the names of its metrics begin with.
    static var metricPrefix: String { get }
    /// The label whose values the kinds are.
    static var label: String { get }
    static var openHelp: String { get }
    static var requestsHelp: String { get }
}

/// What became of a request.
enum RelayOutcome: String, CaseIterable {
    case relayed
    /// An origin has answered it with an error, or, to RTMP, by hanging up.
    case refused
    /// No origin could be reached, or there is none.
    case unreachable = "no-origin"
    /// The name means no stream.
    case name
    /// The client has gone meanwhile.
    case abandoned
}

/// Why an origin was given up for a session, and the next one tried.
enum RelayFailure: String, CaseIterable {
    case unreachable
    case timeout
    /// It ended the connection before media could flow.
    case closed
    /// It answered with an error.
    case refused
    /// What it sent is not the protocol.
    case malformed
    /// Another origin has got the stream meanwhile.
    case overtaken
    /// It broke off in the middle of the media.
    case cut
}

/// Which way bytes go: to the origin, or to the client.
enum TrafficDirection: String, CaseIterable {
    case upstream
    case downstream
}

/// What is counted of sessions of one protocol that go through the proxy, declared once.
struct RelayMetrics<Kind: RelayKind>: Sendable {
    fileprivate let sessions: GaugeFamily
    fileprivate let requests: CounterFamily
    fileprivate let failures: CounterFamily
    fileprivate let retries: CounterFamily
    fileprivate let bytes: CounterFamily
    fileprivate let latency: HistogramFamily

    init(in registry: MetricsRegistry) {
        let prefix = Kind.metricPrefix
        let kind = MetricLabel(Kind.label, Kind.self)
        sessions = registry.gauge("\(prefix)s_open", help: Kind.openHelp, labels: kind)
        requests = registry.counter(
            "\(prefix)_requests_total", help: Kind.requestsHelp, labels: kind, MetricLabel("outcome", RelayOutcome.self)
        )
        failures = registry.counter(
            "\(prefix)_failures_total", help: "Origins given up for a session, by reason.",
            labels: MetricLabel("reason", RelayFailure.self))
        retries = registry.counter(
            "\(prefix)_retries_total", help: "Origins asked for a session behind its first one.", labels: kind)
        bytes = registry.counter(
            "\(prefix)_bytes_total", help: "Bytes relayed, as they came.",
            labels: MetricLabel("direction", TrafficDirection.self))
        latency = registry.histogram(
            "\(prefix)_answer_seconds", help: "From a request to the answer of the origin that took it.",
            bounds: .durations(
                .milliseconds(1), .milliseconds(5), .milliseconds(25), .milliseconds(100), .milliseconds(500),
                .seconds(2), .seconds(10)),
            labels: kind)
    }
}

/// One loop's part of them.
struct RelayMeter<Kind: RelayKind> {
    let upstream: Counter
    let downstream: Counter
    private let metrics: RelayMetrics<Kind>
    private let shard: MetricsShard

    init(_ metrics: RelayMetrics<Kind>, shard: MetricsShard) {
        self.metrics = metrics
        self.shard = shard
        upstream = metrics.bytes.on(shard, TrafficDirection.upstream.rawValue)
        downstream = metrics.bytes.on(shard, TrafficDirection.downstream.rawValue)
    }

    func sessions(_ kind: Kind) -> Gauge { metrics.sessions.on(shard, kind.rawValue) }
    func ended(_ kind: Kind, _ outcome: RelayOutcome) {
        metrics.requests.on(shard, kind.rawValue, outcome.rawValue).add()
    }
    func retried(_ kind: Kind) { metrics.retries.on(shard, kind.rawValue).add() }
    func failed(_ reason: RelayFailure) { metrics.failures.on(shard, reason.rawValue).add() }
    func latency(_ kind: Kind) -> Histogram { metrics.latency.on(shard, kind.rawValue) }
}
