import Bytes
import Telemetry
import Testing

/// States to label with.
enum Outcome: String, CaseIterable {
    case accepted
    case refused
}

@Suite("A metrics registry")
struct MetricsRegistryTests {
    @Test("writes counters, gauges and histograms in the text format")
    func golden() {
        let registry = MetricsRegistry(shards: 2)
        let connections = registry.counter(
            "sluice_connections_total", help: "Connections.",
            labels: MetricLabel("listener", values: ["rtmp", "http"]), MetricLabel("outcome", Outcome.self))
        let open = registry.gauge("sluice_open_connections", help: "Open connections.")
        let lag = registry.gauge("sluice_loop_lag_seconds", help: "Lag.", unit: .nanoseconds, merge: .maximum)
        let wait = registry.histogram(
            "sluice_wait_seconds", help: "Waiting.", bounds: .durations(.milliseconds(1), .seconds(1)))
        let busy = registry.counter("sluice_busy_seconds_total", help: "Busy.", unit: .nanoseconds)
        let (first, second) = (MetricsShard(0), MetricsShard(1))

        connections.on(first, "rtmp", "accepted").add(2)
        connections.on(second, "rtmp", "accepted").add(3)
        connections.on(second, "http", "refused").add()
        open.on(first).add(5)
        open.on(second).subtract(7)
        lag.on(first).set(2_500_000)
        lag.on(second).set(1_000_000)
        wait.on(first).observe(1_000_000)
        wait.on(second).observe(1_000_001)
        wait.on(second).observe(from: Instant(nanoseconds: 0), to: Instant(nanoseconds: 3_000_000_000))
        wait.on(second).observe(from: Instant(nanoseconds: 9), to: Instant(nanoseconds: 3))
        busy.on(first).add(1_500_000_000)

        let expected = """
            # HELP sluice_connections_total Connections.
            # TYPE sluice_connections_total counter
            sluice_connections_total{listener="rtmp",outcome="accepted"} 5
            sluice_connections_total{listener="rtmp",outcome="refused"} 0
            sluice_connections_total{listener="http",outcome="accepted"} 0
            sluice_connections_total{listener="http",outcome="refused"} 1
            # HELP sluice_open_connections Open connections.
            # TYPE sluice_open_connections gauge
            sluice_open_connections -2
            # HELP sluice_loop_lag_seconds Lag.
            # TYPE sluice_loop_lag_seconds gauge
            sluice_loop_lag_seconds 0.0025
            # HELP sluice_wait_seconds Waiting.
            # TYPE sluice_wait_seconds histogram
            sluice_wait_seconds_bucket{le="0.001"} 2
            sluice_wait_seconds_bucket{le="1"} 3
            sluice_wait_seconds_bucket{le="+Inf"} 4
            sluice_wait_seconds_sum 3.002000001
            sluice_wait_seconds_count 4
            # HELP sluice_busy_seconds_total Busy.
            # TYPE sluice_busy_seconds_total counter
            sluice_busy_seconds_total 1.5

            """
        #expect(String(copying: registry.exposition().bytes) == expected)
    }

    @Test("reads collected metrics when scraped, and leaves out what is unknown")
    func collected() {
        let registry = MetricsRegistry(shards: 1)
        let metrics: [CollectedMetric] = [
            .gauge("known", help: "K."), .gauge("unknown", help: "U."), .counter("n_total", help: "N."),
        ]
        registry.collect(metrics) { [1.5, nil, 7] }
        let expected = """
            # HELP known K.
            # TYPE known gauge
            known 1.5
            # HELP n_total N.
            # TYPE n_total counter
            n_total 7

            """
        #expect(String(copying: registry.exposition().bytes) == expected)
    }

    @Test("reads a series for each of what there is when scraped, and escapes their names")
    func rows() {
        let registry = MetricsRegistry(shards: 1)
        let metrics: [CollectedMetric] = [.gauge("open", help: "O."), .counter("n_total", help: "N.")]
        registry.collect(metrics, labels: ["origin", "service"]) {
            [CollectedRow(["a", "rtmp"], [nil, 7]), CollectedRow(["b\"", "http"], [1, 0.5])]
        }
        registry.collect([.gauge("nothing", help: "N.")], labels: ["origin"]) { [] }
        let expected = """
            # HELP open O.
            # TYPE open gauge
            open{origin="b\\"",service="http"} 1
            # HELP n_total N.
            # TYPE n_total counter
            n_total{origin="a",service="rtmp"} 7
            n_total{origin="b\\"",service="http"} 0.5

            """
        #expect(String(copying: registry.exposition().bytes) == expected)
    }

    @Test("gives the same metric to all who declare it alike")
    func sharing() {
        let registry = MetricsRegistry(shards: 1)
        for amount in [UInt64(1), 2, 4] {
            registry.counter("shared_total", help: "Shared.").on(MetricsShard(0)).add(amount)
            let sizes = registry.histogram("sizes", help: "Sizes.", bounds: .values(1, 2))
            sizes.on(MetricsShard(0)).observe(amount)
        }
        let lines = registry.exposition().lines
        #expect(lines.filter { $0.hasPrefix("shared_total") } == ["shared_total 7"])
        #expect(lines.filter { $0.hasPrefix("sizes_sum") } == ["sizes_sum 7"])
    }

    @Test("keeps metrics apart however many there are")
    func manyChunks() {
        let registry = MetricsRegistry(shards: 3)
        let values = (0..<700).map { "v\($0)" }
        let wide = registry.counter("wide_total", help: "W.", labels: MetricLabel("v", values: values))
        let narrow = (0..<700).map { registry.counter("narrow\($0)_total", help: "N.") }
        for shard in (0..<3).map(MetricsShard.init) {
            for (number, value) in values.enumerated() { wide.on(shard, value).add(UInt64(number)) }
            for (number, family) in narrow.enumerated() { family.on(shard).add(UInt64(number)) }
        }
        let lines = Set(registry.exposition().lines)
        for number in 0..<700 {
            #expect(lines.contains("wide_total{v=\"v\(number)\"} \(3 * number)"))
            #expect(lines.contains("narrow\(number)_total \(3 * number)"))
        }
    }

    @Test("may go before the handles made from it")
    func lifetime() {
        let counter = MetricsRegistry(shards: 1).counter("gone_total", help: "Gone.").on(MetricsShard(0))
        for _ in 0..<1000 { counter.add() }
        let family = MetricsRegistry(shards: 1).gauge("left", help: "Left.")
        family.on(MetricsShard(0)).set(1)
    }
}

extension SharedBytes {
    /// The lines of an exposition that are samples.
    var lines: [String] {
        String(copying: bytes).split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }
}
