import Registry
import Telemetry

/// What is counted of origins and their heartbeats.
package struct RegistrationMetrics: Sendable {
    enum Outcome: String, CaseIterable { case registered, renewed, moved, restarted, returned, refused }
    enum State: String, CaseIterable { case alive, silent, fixed }

    private let beats: CounterFamily
    private let origins: GaugeFamily

    init(in registry: MetricsRegistry) {
        beats = registry.counter(
            "sluice_heartbeats_total", help: "Heartbeats of origins by what they changed.",
            labels: MetricLabel("outcome", Outcome.self))
        origins = registry.gauge(
            "sluice_origins", help: "Origins that are registered, by whether they beat in time.",
            labels: MetricLabel("state", State.self))
    }

    func counter(_ outcome: Outcome, on shard: MetricsShard) -> Counter { beats.on(shard, outcome.rawValue) }

    func gauge(_ state: State, on shard: MetricsShard) -> Gauge { origins.on(shard, state.rawValue) }
}

extension Origin.Liveness {
    /// As metrics and listings name it.
    var state: RegistrationMetrics.State {
        switch self {
        case .alive: .alive
        case .silent: .silent
        case .fixed: .fixed
        }
    }
}

extension OriginTable.BeatOutcome {
    var metric: RegistrationMetrics.Outcome {
        switch self {
        case .registered: .registered
        case .renewed: .renewed
        case .moved: .moved
        case .restarted: .restarted
        case .returned: .returned
        }
    }
}
