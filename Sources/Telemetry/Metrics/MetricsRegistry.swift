package import Bytes
import Synchronization

/// Every metric of the program: declared once at start by whoever counts it, counted per shard, summed when scraped.
///
/// A shard belongs to one thread: one per loop, and one more for every other thread that counts. Declaring takes a lock
/// and so does a scrape, for the list of families; counting takes none. Declaring the same metric again gives the same
/// one; a name with another type, unit, help or labels is a programming error, and so is a malformed name.
package final class MetricsRegistry: Sendable {
    package let shardCount: Int
    private let state: Mutex<State>

    fileprivate struct State: Sendable {
        var entries: [MetricEntry] = []
        /// Names that samples have, which must not meet; a histogram has three.
        var sampleNames: Set<String> = []
        var chunk: MetricsChunk
        var used = 0
    }

    private static let cellsPerChunk = 512

    package init(shards: Int) {
        precondition(shards > 0, "metrics need a shard to live in")
        shardCount = shards
        state = Mutex(State(chunk: MetricsChunk(shards: shards, cellsPerShard: Self.cellsPerChunk)))
    }

    /// The name of a counter ends in `_total`.
    package func counter(
        _ name: String, help: String, unit: MetricUnit = .one, labels: MetricLabel...
    ) -> CounterFamily {
        CounterFamily(family: declare(name, help, .counter(unit), labels))
    }

    package func gauge(
        _ name: String, help: String, unit: MetricUnit = .one, merge: GaugeMerge = .sum, labels: MetricLabel...
    ) -> GaugeFamily {
        GaugeFamily(family: declare(name, help, .gauge(unit, merge), labels))
    }

    package func histogram(
        _ name: String, help: String, bounds: HistogramBounds, labels: MetricLabel...
    ) -> HistogramFamily {
        HistogramFamily(family: declare(name, help, .histogram(bounds), labels), bounds: bounds)
    }

    /// Adds metrics that are read only when scraped; `read` gives their values in order, nil for one that is unknown
    /// now. It is called by the thread that scrapes, and must be quick.
    package func collect(_ metrics: [CollectedMetric], read: @escaping @Sendable () -> [Double?]) {
        state.withLock { state in
            for metric in metrics { state.claim(metric.sampleNames) }
            state.entries.append(.collected(metrics, read: read))
        }
    }

    /// Adds metrics of what comes and goes: one series for each of the rows that `read` gives when scraped, each with a
    /// value for every label and every metric. Whoever adds them bounds the rows.
    package func collect(
        _ metrics: [CollectedMetric], labels: [String], rows read: @escaping @Sendable () -> [CollectedRow]
    ) {
        for label in labels {
            precondition(label.isMetricName && !label.contains(":"), "\"\(label)\" is not a label name")
        }
        state.withLock { state in
            for metric in metrics { state.claim(metric.sampleNames) }
            state.entries.append(.rows(metrics, labels: labels, read: read))
        }
    }

    /// All metrics in the text format of Prometheus, version 0.0.4.
    package func exposition() -> SharedBytes {
        let entries = state.withLock(\.entries)
        var text = ByteWriter(capacity: 16 << 10)
        for entry in entries {
            switch entry {
            case .family(let family): text.append(family, shards: shardCount)
            case .collected(let metrics, let read):
                let values = read()
                precondition(values.count == metrics.count, "collected metrics have a value each, or nil")
                for case (let metric, let value?) in zip(metrics, values) { text.append(metric, value) }
            case .rows(let metrics, let labels, let read): text.append(metrics, labels: labels, rows: read())
            }
        }
        return text.finish()
    }

    /// The `Content-Type` of an exposition.
    package static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"
}

/// A metric whose value is read only when scraped.
package struct CollectedMetric: Sendable {
    let name: String
    let help: String
    let isCounter: Bool

    package static func counter(_ name: String, help: String) -> CollectedMetric {
        CollectedMetric(name: name, help: help, isCounter: true)
    }

    package static func gauge(_ name: String, help: String) -> CollectedMetric {
        CollectedMetric(name: name, help: help, isCounter: false)
    }
}

/// What one of several things alike has for each of some metrics.
package struct CollectedRow: Sendable {
    let labelValues: [String]
    let values: [Double?]

    /// A value is nil where it is unknown now.
    package init(_ labelValues: [String], _ values: [Double?]) {
        self.labelValues = labelValues
        self.values = values
    }
}

enum MetricEntry: Sendable {
    case family(MetricFamily)
    case collected([CollectedMetric], read: @Sendable () -> [Double?])
    case rows([CollectedMetric], labels: [String], read: @Sendable () -> [CollectedRow])
}

// MARK: - Declaring

extension MetricsRegistry {
    private func declare(_ name: String, _ help: String, _ kind: MetricKind, _ labels: [MetricLabel]) -> MetricFamily {
        checkLabels(labels, of: name, kind)
        return state.withLock { state in
            if let earlier = state.family(name) {
                precondition(
                    earlier.kind == kind && earlier.help == help && earlier.labels == labels,
                    "\(name) is declared twice, and differently")
                return earlier
            }
            state.claim(kind.sampleNames(name))
            let (chunk, offset) = state.allocate(MetricFamily.seriesCount(labels) * kind.cells, shards: shardCount)
            let family = MetricFamily(
                name: name, help: help, kind: kind, labels: labels, chunk: chunk, offset: offset)
            state.entries.append(.family(family))
            return family
        }
    }

    private func checkLabels(_ labels: [MetricLabel], of name: String, _ kind: MetricKind) {
        for label in labels {
            precondition(label.name.isMetricName && !label.name.contains(":"), "\"\(label.name)\" is not a label name")
            precondition(!label.values.isEmpty, "\(label.name) of \(name) has no values")
            precondition(Set(label.values).count == label.values.count, "\(label.name) of \(name) repeats a value")
        }
        precondition(Set(labels.map(\.name)).count == labels.count, "\(name) repeats a label")
        guard case .histogram(let bounds) = kind else { return }
        precondition(zip(bounds.upper, bounds.upper.dropFirst()).allSatisfy(<), "the bounds of \(name) do not ascend")
        precondition(!labels.contains { $0.name == "le" }, "histogram \(name) has its own label le")
    }
}

extension MetricsRegistry.State {
    fileprivate func family(_ name: String) -> MetricFamily? {
        for case .family(let family) in entries where family.name == name { return family }
        return nil
    }

    fileprivate mutating func claim(_ names: [String]) {
        for name in names {
            precondition(name.isMetricName, "\"\(name)\" is not a metric name")
            precondition(sampleNames.insert(name).inserted, "\(name) is declared twice, and differently")
        }
    }

    /// Takes cells from the newest chunk, or from a new one where those left there are too few.
    fileprivate mutating func allocate(_ count: Int, shards: Int) -> (chunk: MetricsChunk, offset: Int) {
        if chunk.cellsPerShard - used < count {
            chunk = MetricsChunk(shards: shards, cellsPerShard: max(count, chunk.cellsPerShard))
            used = 0
        }
        defer { used += count }
        return (chunk, used)
    }
}

extension MetricKind {
    /// The names that the samples of a family called `name` have.
    fileprivate func sampleNames(_ name: String) -> [String] {
        switch self {
        case .counter:
            precondition(name.hasSuffix("_total"), "the name of counter \(name) does not end in _total")
            return [name]
        case .gauge: return [name]
        case .histogram: return [name, "\(name)_bucket", "\(name)_sum", "\(name)_count"]
        }
    }
}

extension CollectedMetric {
    fileprivate var sampleNames: [String] {
        (isCounter ? MetricKind.counter(.one) : .gauge(.one, .sum)).sampleNames(name)
    }
}

extension String {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    fileprivate var isMetricName: Bool {
        guard let first = utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
            default: false
            }
        }
    }
}
