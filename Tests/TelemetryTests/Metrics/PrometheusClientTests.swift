import Bytes
import Foundation
import Telemetry
import Testing

/// What the parser of the Prometheus project makes of an exposition.
private struct ParsedFamily: Decodable, Equatable {
    struct Sample: Decodable, Equatable {
        var name: String
        var labels: [String: String]
        /// As text, for JSON has neither infinities nor NaN.
        var value: String

        init(_ name: String, _ labels: [String: String], _ value: Double) {
            self.name = name
            self.labels = labels
            self.value = value.description
        }
    }

    var name: String
    var type: String
    var help: String
    var samples: [Sample]

    init(_ name: String, _ type: String, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.type = type
        self.help = help
        self.samples = samples
    }
}

@Suite("An exposition, read by the Prometheus project's own parser,")
struct PrometheusClientTests {
    private static let script = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families
        json.dump([{
            "name": family.name, "type": family.type, "help": family.documentation,
            "samples": [{"name": s.name, "labels": s.labels, "value": repr(float(s.value))} for s in family.samples],
        } for family in text_string_to_metric_families(sys.stdin.buffer.read().decode())], sys.stdout)
        """

    /// Needs Debian's python3-prometheus-client, and fails without it.
    private func parse(_ exposition: SharedBytes) throws -> [ParsedFamily] {
        let needs: Comment = "is python3-prometheus-client installed?"
        let answer = try Python.run(Self.script, input: exposition.array, needs: needs)
        return try JSONDecoder().decode([ParsedFamily].self, from: answer)
    }

    @Test("has every family, label and value that was counted")
    func everyValue() throws {
        let registry = MetricsRegistry(shards: 3)
        let shards = (0..<3).map(MetricsShard.init)
        let requests = registry.counter(
            "sluice_requests_total", help: "Requests.", labels: MetricLabel("route", values: ["/", "/a"]),
            MetricLabel("outcome", Outcome.self))
        let open = registry.gauge("sluice_open", help: "Open.")
        let peak = registry.gauge("sluice_peak", help: "Peak.", merge: .maximum)
        let time = registry.histogram(
            "sluice_time_seconds", help: "Time.", bounds: .durations(.microseconds(100), .milliseconds(5), .seconds(2)),
            labels: MetricLabel("outcome", Outcome.self))
        for shard in shards {
            requests.on(shard, "/", "accepted").add(UInt64.max / 4096)
            requests.on(shard, "/a", "refused").add(2)
            open.on(shard).set(-1)
            peak.on(shard).set(-10 * (shard.index + 1))
            for nanoseconds in [0, 100_000, 100_001, 5_000_000, 9_000_000_000] as [UInt64] {
                time.on(shard, "accepted").observe(nanoseconds)
            }
        }

        func buckets(_ outcome: String, _ counts: [Double], sum: Double) -> [ParsedFamily.Sample] {
            zip(["0.0001", "0.005", "2", "+Inf"], counts).map { limit, count in
                .init("sluice_time_seconds_bucket", ["outcome": outcome, "le": limit], count)
            } + [
                .init("sluice_time_seconds_sum", ["outcome": outcome], sum),
                .init("sluice_time_seconds_count", ["outcome": outcome], counts[3]),
            ]
        }
        let name = "sluice_requests_total"
        let expected = [
            ParsedFamily(
                "sluice_requests", "counter", "Requests.",
                [
                    .init(name, ["route": "/", "outcome": "accepted"], Double(3 * (UInt64.max / 4096))),
                    .init(name, ["route": "/", "outcome": "refused"], 0),
                    .init(name, ["route": "/a", "outcome": "accepted"], 0),
                    .init(name, ["route": "/a", "outcome": "refused"], 6),
                ]),
            ParsedFamily("sluice_open", "gauge", "Open.", [.init("sluice_open", [:], -3)]),
            ParsedFamily("sluice_peak", "gauge", "Peak.", [.init("sluice_peak", [:], -10)]),
            ParsedFamily(
                "sluice_time_seconds", "histogram", "Time.",
                buckets("accepted", [6, 12, 12, 15], sum: 27.015600003) + buckets("refused", [0, 0, 0, 0], sum: 0)),
        ]
        #expect(try parse(registry.exposition()) == expected)
    }

    @Test("has help and label values with every character that must be escaped")
    func escaping() throws {
        let hostile = ["back\\slash", "new\nline", "quo\"te", "\\n", "\\\\\"\n", "é漢", "a,b=\"c\"}", ""]
        let help = "A \\ and a\nline and a \"quote\" \\n."
        let registry = MetricsRegistry(shards: 1)
        let family = registry.gauge("hostile", help: help, labels: MetricLabel("v", values: hostile))
        for (number, value) in hostile.enumerated() { family.on(MetricsShard(0), value).set(number) }
        let samples = hostile.enumerated().map { ParsedFamily.Sample("hostile", ["v": $1], Double($0)) }
        #expect(try parse(registry.exposition()) == [ParsedFamily("hostile", "gauge", help, samples)])
    }

    @Test("has collected values of every kind")
    func collected() throws {
        let values = [0, -0.5, 1e-9, 1e300, 123_456_789.25, .infinity, -.infinity, .nan]
        let registry = MetricsRegistry(shards: 1)
        registry.collect(values.indices.map { .gauge("value\($0)", help: "V.") }) { values }
        let parsed = try parse(registry.exposition())
        #expect(parsed.map(\.name) == values.indices.map { "value\($0)" })
        for (family, value) in zip(parsed, values) {
            let read = try #require(family.samples.first.flatMap { Double($0.value) })
            #expect(read == value || (read.isNaN && value.isNaN))
        }
    }

    @Test("has the metrics of the process")
    func process() throws {
        let registry = MetricsRegistry(shards: 1)
        registry.declareProcessMetrics()
        let types = Dictionary(uniqueKeysWithValues: try parse(registry.exposition()).map { ($0.name, $0.type) })
        let expected = [
            "process_cpu_seconds": "counter", "process_virtual_memory_bytes": "gauge",
            "process_resident_memory_bytes": "gauge", "process_open_fds": "gauge", "process_max_fds": "gauge",
            "process_start_time_seconds": "gauge",
        ]
        #expect(types == expected)
    }
}
