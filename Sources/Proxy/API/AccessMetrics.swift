import Service
import Telemetry

/// What is counted of those who were not let in.
struct AccessMetrics: Sendable {
    enum Purpose: String, CaseIterable { case operations, registration }

    private let refused: CounterFamily

    init(in registry: MetricsRegistry) {
        refused = registry.counter(
            "sluice_unauthorized_total", help: "Requests without a token that is known, by what they were for.",
            labels: MetricLabel("purpose", Purpose.self))
    }

    func counter(_ purpose: Purpose, on shard: MetricsShard) -> Counter { refused.on(shard, purpose.rawValue) }
}
