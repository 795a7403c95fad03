import Telemetry

/// What those wanted who were not let in.
enum AccessPurpose: String, CaseIterable { case operations, registration }

typealias AccessMetrics = CaseCounters<AccessPurpose>

extension AccessMetrics {
    init(in registry: MetricsRegistry) {
        self.init(
            "sluice_unauthorized_total", help: "Requests without a token that is known, by what they were for.",
            label: "purpose", in: registry)
    }
}
