import Telemetry
import Testing

@Suite("A mistake in declaring metrics")
struct MetricsMistakeTests {
    @Test("of the same name traps where anything else differs")
    func conflicts() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry(shards: 1)
            _ = registry.counter("a_total", help: "A.")
            _ = registry.gauge("a_total", help: "A.")
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry(shards: 1)
            _ = registry.counter("a_total", help: "A.")
            _ = registry.counter("a_total", help: "A.", labels: MetricLabel("outcome", Outcome.self))
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry(shards: 1)
            _ = registry.counter("a_count", help: "A.")
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry(shards: 1)
            _ = registry.gauge("a_count", help: "A.")
            _ = registry.histogram("a", help: "A.", bounds: .values(1))
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry(shards: 1)
            _ = registry.gauge("process_open_fds", help: "A.")
            registry.declareProcessMetrics()
        }
    }

    @Test("in a name, a label or a bound traps")
    func malformed() async {
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry(shards: 1).gauge("1a", help: "A.")
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry(shards: 1).gauge("a-b", help: "A.")
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry(shards: 1).gauge("a", help: "A.", labels: MetricLabel("b:c", values: ["x"]))
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry(shards: 1).gauge("a", help: "A.", labels: MetricLabel("b", values: ["x", "x"]))
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry(shards: 1).histogram("a", help: "A.", bounds: .values(2, 1))
        }
    }

    @Test("traps where a label value or a shard was not declared")
    func undeclared() async {
        await #expect(processExitsWith: .failure) {
            let family = MetricsRegistry(shards: 1).gauge("a", help: "A.", labels: MetricLabel("outcome", Outcome.self))
            _ = family.on(MetricsShard(0), "lost")
        }
        await #expect(processExitsWith: .failure) {
            let family = MetricsRegistry(shards: 1).gauge("a", help: "A.", labels: MetricLabel("outcome", Outcome.self))
            _ = family.on(MetricsShard(0))
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricsRegistry(shards: 2).gauge("a", help: "A.").on(MetricsShard(2))
        }
    }

    @Test("does not trap where there is none")
    func control() async {
        await #expect(processExitsWith: .success) {
            let registry = MetricsRegistry(shards: 1)
            _ = registry.gauge("_a:b9", help: "A.", labels: MetricLabel("outcome", Outcome.self))
                .on(MetricsShard(0), "refused")
            registry.declareProcessMetrics()
            _ = registry.histogram("a", help: "A.", bounds: .values(1, 2)).on(MetricsShard(0))
        }
    }
}
