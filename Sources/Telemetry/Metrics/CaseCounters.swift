/// Counters of one name with one label, whose values are the cases of `Case`.
package struct CaseCounters<Case: CaseIterable & RawRepresentable<String>>: Sendable {
    private let family: CounterFamily

    package init(_ name: String, help: String, label: String, in registry: MetricsRegistry) {
        family = registry.counter(name, help: help, labels: MetricLabel(label, Case.self))
    }

    package func on(_ shard: MetricsShard, _ value: Case) -> Counter { family.on(shard, value.rawValue) }
}
