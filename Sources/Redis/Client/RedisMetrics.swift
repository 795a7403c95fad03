import Bytes
package import Telemetry

/// What is counted of Redis, declared once.
package struct RedisMetrics: Sendable {
    fileprivate enum Outcome: String, CaseIterable {
        case answered, refused, unavailable, full, unanswered
    }

    fileprivate let up: GaugeFamily
    fileprivate let commands: CounterFamily
    fileprivate let failures: CounterFamily
    fileprivate let waiting: GaugeFamily
    fileprivate let answers: HistogramFamily

    package init(in registry: MetricsRegistry) {
        up = registry.gauge("sluice_redis_up", help: "Connections to Redis that take commands now.")
        commands = registry.counter(
            "sluice_redis_commands_total", help: "Commands to Redis by what became of them.",
            labels: MetricLabel("result", Outcome.self))
        failures = registry.counter(
            "sluice_redis_reconnects_total",
            help: "Connections to Redis that ended or did not come about, each followed by another attempt.")
        waiting = registry.gauge("sluice_redis_commands_waiting", help: "Commands to Redis without an answer yet.")
        answers = registry.histogram(
            "sluice_redis_answer_seconds", help: "From a command to its answer.",
            bounds: .durations(
                .microseconds(250), .milliseconds(1), .milliseconds(5), .milliseconds(25), .milliseconds(100),
                .milliseconds(500), .seconds(2)))
    }
}

/// One loop's part of them.
package struct RedisMeter {
    let failures: Counter
    let waiting: Gauge
    private let up: Gauge
    private let outcomes: [Counter]
    private let answers: Histogram

    package init(_ metrics: RedisMetrics, shard: MetricsShard) {
        failures = metrics.failures.on(shard)
        waiting = metrics.waiting.on(shard)
        up = metrics.up.on(shard)
        outcomes = RedisMetrics.Outcome.allCases.map { metrics.commands.on(shard, $0.rawValue) }
        answers = metrics.answers.on(shard)
    }

    func wentUp() { up.add() }
    func wentDown() { up.subtract() }

    func ended(_ result: Result<RedisReply, RedisFailure>, from start: Instant, to end: Instant) {
        let outcome: Int
        switch result {
        case .success: outcome = 0
        case .failure(.refused): outcome = 1
        case .failure(.unavailable): outcome = 2
        case .failure(.full): outcome = 3
        case .failure(.unanswered): outcome = 4
        }
        outcomes[outcome].add()
        if outcome < 2 { answers.observe(from: start, to: end) }
    }
}
