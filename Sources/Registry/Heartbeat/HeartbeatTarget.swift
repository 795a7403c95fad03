package import HTTP
package import Telemetry

/// A proxy, or what stands before several, that an origin tells of itself.
package struct HeartbeatTarget: Sendable {
    /// Its path may hold a secret: logs show the host and the port alone.
    package let url: HTTPURL
    /// Of every request; what `Authorization` says is among them.
    let fields: Secret<Fields>

    /// `authorization` is refused where it could not stand in a field.
    package init(_ url: HTTPURL, authorization: Secret<String>? = nil) throws(FieldError) {
        self.url = url
        var fields = Fields()
        fields.append(.contentType, "application/json")
        if let authorization { try fields.append(.authorization, text: authorization.reveal()) }
        self.fields = Secret(fields)
    }
}

/// What is counted of heartbeats that are sent. Targets are told apart by their place in the configuration, from 1 on.
package struct HeartbeatMetrics: Sendable {
    enum Outcome: String, CaseIterable { case ok, failed }

    private let sent: CounterFamily
    private let targets: Int

    package init(in registry: MetricsRegistry, targets: Int) {
        self.targets = max(targets, 1)
        sent = registry.counter(
            "sluice_heartbeats_sent_total", help: "Heartbeats by target and by whether they were accepted.",
            labels: MetricLabel("target", values: (1...self.targets).map { "\($0)" }),
            MetricLabel("outcome", Outcome.self))
    }

    func counter(_ target: Int, _ outcome: Outcome, on shard: MetricsShard) -> Counter {
        sent.on(shard, "\(target + 1)", outcome.rawValue)
    }
}

/// What has become of the heartbeats to one target.
package struct HeartbeatCounts: Sendable, Equatable {
    package internal(set) var accepted: UInt64 = 0
    package internal(set) var failed: UInt64 = 0
    /// Beats that were due while the one before was still under way.
    package internal(set) var skipped: UInt64 = 0
}
