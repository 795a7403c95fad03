import Bytes
import Telemetry
import Testing

@Suite("Shards")
struct ShardConcurrencyTests {
    private static func value(_ name: String, _ lines: [String]) throws -> UInt64 {
        let line = try #require(lines.first { $0.hasPrefix(name + " ") })
        return try #require(UInt64(line.dropFirst(name.count + 1)))
    }

    @Test("are written by one thread each while another scrapes, and no count is lost")
    func exactSums() async throws {
        let shards = 4
        let rounds: UInt64 = 100_000
        let registry = MetricsRegistry(shards: shards)
        let events = registry.counter("events_total", help: "E.", labels: MetricLabel("outcome", Outcome.self))
        let open = registry.gauge("open", help: "O.")
        let sizes = registry.histogram("sizes", help: "S.", bounds: .values(10, 100, 1000))

        try await withThrowingTaskGroup { group in
            for shard in (0..<shards).map(MetricsShard.init) {
                group.addTask {
                    let accepted = events.on(shard, "accepted")
                    let (gauge, histogram) = (open.on(shard), sizes.on(shard))
                    for round in 0..<rounds {
                        accepted.add()
                        gauge.add(3)
                        histogram.observe(round % 2000)
                        gauge.subtract(2)
                    }
                }
            }
            var last: (events: UInt64, sizes: UInt64) = (0, 0)
            repeat {
                let lines = registry.exposition().lines
                let seen = try Self.value(#"events_total{outcome="accepted"}"#, lines)
                let count = try Self.value("sizes_count", lines)
                #expect(seen >= last.events && count >= last.sizes)
                last = (seen, count)
                await Task.yield()
            } while last.sizes < rounds * UInt64(shards)
            try await group.waitForAll()
        }

        let lines = registry.exposition().lines
        let total = rounds * UInt64(shards)
        #expect(try Self.value(#"events_total{outcome="accepted"}"#, lines) == total)
        #expect(try Self.value(#"events_total{outcome="refused"}"#, lines) == 0)
        #expect(try Self.value("open", lines) == total)
        let cycles = total / 2000
        #expect(try Self.value(#"sizes_bucket{le="10"}"#, lines) == cycles * 11)
        #expect(try Self.value(#"sizes_bucket{le="100"}"#, lines) == cycles * 101)
        #expect(try Self.value(#"sizes_bucket{le="1000"}"#, lines) == cycles * 1001)
        #expect(try Self.value(#"sizes_bucket{le="+Inf"}"#, lines) == total)
        #expect(try Self.value("sizes_sum", lines) == cycles * (1999 * 2000 / 2))
    }
}
