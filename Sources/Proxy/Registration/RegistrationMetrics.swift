import Bytes
import Registry
import Telemetry

/// What is counted of origins and their heartbeats.
package struct RegistrationMetrics: Sendable {
    enum Outcome: String, CaseIterable {
        case registered, renewed, moved, restarted, returned, leaving, left, outdated, contested, refused
    }
    enum State: String, CaseIterable { case alive, leaving, silent, fixed }

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

    /// Claims are counted by the store, which knows those that end by themselves as well.
    func declareClaims(of store: any RegistryStore, in registry: MetricsRegistry) {
        registry.collect([
            .gauge("sluice_stream_claims", help: "Streams that are tied to an origin."),
            .counter("sluice_stream_claims_granted_total", help: "Streams that were tied to an origin."),
            .counter("sluice_stream_claims_refused_total", help: "Claims of a stream that another origin had."),
            .counter("sluice_stream_claims_released_total", help: "Claims given back when the publisher went."),
            .counter("sluice_stream_claims_expired_total", help: "Claims that nobody renewed in time."),
            .counter("sluice_stream_claims_dropped_total", help: "Claims that ended with their origin or publisher."),
            .counter("sluice_stream_claims_alone_total", help: "Claims that were granted while Redis was away."),
            .counter("sluice_stream_claims_unavailable_total", help: "Claims that nobody could be asked for in time."),
        ]) {
            let counts = store.claimCounts
            return [
                Double(counts.present), Double(counts.granted), Double(counts.refused), Double(counts.released),
                Double(counts.expired), Double(counts.dropped), Double(counts.alone), Double(counts.unavailable),
            ]
        }
    }

    /// Routes are counted by the store as well.
    func declareRoutes(of store: any RegistryStore, in registry: MetricsRegistry) {
        registry.collect(
            [
                .gauge("sluice_routes", help: "Routes of sessions to their origins that are known."),
                .counter("sluice_routes_remembered_total", help: "New routes that this proxy has told."),
                .counter("sluice_routes_refused_total", help: "Routes to a start of an origin that was not there."),
                .counter("sluice_routes_evicted_total", help: "Routes that gave way to others before their time."),
            ], labels: ["kind"]
        ) {
            let counts = store.routeCounts
            return RouteKind.allCases.map { kind in
                let counts = counts[kind] ?? RouteCounts()
                return CollectedRow(
                    [kind.rawValue],
                    [
                        Double(counts.present), Double(counts.remembered), Double(counts.refused),
                        Double(counts.evicted),
                    ])
            }
        }
    }

    /// What sessions have seen of each origin: at most a series for every registered origin and protocol.
    func declareRecords(of routing: StreamRouting, in registry: MetricsRegistry) {
        registry.collect(
            [
                .counter("sluice_origin_attempts_total", help: "Sessions for which an origin was asked."),
                .counter("sluice_origin_failures_total", help: "Sessions for which an origin was given up."),
                .gauge("sluice_origin_sessions_open", help: "Sessions that are with an origin now."),
                .gauge("sluice_origin_answer_seconds", help: "How long an origin took to say yes, of late."),
                .gauge("sluice_origin_failing", help: "Whether an origin is out for this proxy."),
            ], labels: ["origin", "service"]
        ) {
            routing.records.all(of: routing.store.origins).map { origin, service, record in
                CollectedRow(
                    [origin.text, service.rawValue],
                    [
                        Double(record.attempts), Double(record.failures), Double(record.open),
                        record.answerTime.map { Double($0.nanoseconds) / 1e9 },
                        routing.failingServices(of: origin).contains(service) ? 1 : 0,
                    ])
            }
        }
    }

    func counter(_ outcome: Outcome, on shard: MetricsShard) -> Counter { beats.on(shard, outcome.rawValue) }

    func gauge(_ state: State, on shard: MetricsShard) -> Gauge { origins.on(shard, state.rawValue) }
}

extension Origin.Liveness {
    /// As metrics and listings name it.
    var state: RegistrationMetrics.State {
        switch self {
        case .alive: .alive
        case .leaving: .leaving
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
        case .leaving: .leaving
        case .left: .left
        case .outdated: .outdated
        case .contested: .contested
        }
    }
}
