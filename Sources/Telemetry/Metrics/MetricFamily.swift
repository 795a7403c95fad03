import Bytes

/// One thread's part of every metric, by number from 0 to below `MetricsRegistry.shardCount`.
package struct MetricsShard: Sendable, Hashable {
    package let index: Int

    package init(_ index: Int) { self.index = index }
}

/// A label and all the values it can have: states or routes, never anything that comes from a peer.
package struct MetricLabel: Sendable, Equatable {
    package let name: String
    package let values: [String]

    package init(_ name: String, values: [String]) {
        self.name = name
        self.values = values
    }

    /// A label whose values are the raw values of `State`.
    package init<State: CaseIterable & RawRepresentable<String>>(_ name: String, _ state: State.Type) {
        self.init(name, values: State.allCases.map(\.rawValue))
    }
}

/// What the integers of a metric count.
package enum MetricUnit: Sendable {
    /// Things or bytes, shown as they are.
    case one
    /// Nanoseconds, shown as seconds.
    case nanoseconds
}

/// How the gauges of all shards become one.
package enum GaugeMerge: Sendable {
    case sum
    case maximum
}

/// The upper bounds of a histogram's buckets, ascending and inclusive; one more bucket takes what is above them.
package struct HistogramBounds: Sendable, Equatable {
    let unit: MetricUnit
    let upper: [UInt64]

    package static func durations(_ bounds: Duration...) -> HistogramBounds {
        HistogramBounds(unit: .nanoseconds, upper: bounds.map { UInt64(clamping: $0.nanoseconds) })
    }

    package static func values(_ bounds: UInt64...) -> HistogramBounds { HistogramBounds(unit: .one, upper: bounds) }
}

enum MetricKind: Sendable, Equatable {
    case counter(MetricUnit)
    case gauge(MetricUnit, GaugeMerge)
    case histogram(HistogramBounds)

    /// Cells of one series in one shard.
    var cells: Int {
        switch self {
        case .counter, .gauge: 1
        case .histogram(let bounds): 2 * bounds.upper.count + 2
        }
    }
}

/// All series of one name: one for every combination of label values, numbered in the order of the labels.
struct MetricFamily: Sendable {
    let name: String
    let help: String
    let kind: MetricKind
    let labels: [MetricLabel]
    let chunk: MetricsChunk
    /// Where the cells of the first series begin, in every shard.
    let offset: Int

    var seriesCount: Int { Self.seriesCount(labels) }

    static func seriesCount(_ labels: [MetricLabel]) -> Int { labels.reduce(1) { $0 * $1.values.count } }

    func cells(_ shard: MetricsShard, series: Int) -> MetricCells {
        chunk.cells(shard: shard.index, from: offset + series * kind.cells, count: kind.cells)
    }

    /// The number of the series with these label values; traps on a value that was not declared.
    func series(_ values: [String]) -> Int {
        precondition(values.count == labels.count, "\(name) has \(labels.count) labels")
        var series = 0
        for (label, value) in zip(labels, values) {
            guard let position = label.values.firstIndex(of: value) else {
                preconditionFailure("\(name) has no \(label.name) \"\(value)\"")
            }
            series = series * label.values.count + position
        }
        return series
    }

    /// The label values of a series.
    func labelValues(ofSeries series: Int) -> [String] {
        var rest = series
        return labels.reversed().map { label in
            defer { rest /= label.values.count }
            return label.values[rest % label.values.count]
        }.reversed()
    }
}

// MARK: - What the rest of the program declares

/// Counters of one name; `on` gives the one for a shard and label values, and traps on a value that was not declared.
package struct CounterFamily: Sendable {
    let family: MetricFamily

    package func on(_ shard: MetricsShard, _ values: String...) -> Counter {
        Counter(cells: family.cells(shard, series: family.series(values)))
    }
}

/// Gauges of one name; `on` gives the one for a shard and label values, and traps on a value that was not declared.
package struct GaugeFamily: Sendable {
    let family: MetricFamily

    package func on(_ shard: MetricsShard, _ values: String...) -> Gauge {
        Gauge(cells: family.cells(shard, series: family.series(values)))
    }
}

/// Histograms of one name; `on` gives the one for a shard and label values, and traps on a value that was not declared.
package struct HistogramFamily: Sendable {
    let family: MetricFamily
    let bounds: HistogramBounds

    package func on(_ shard: MetricsShard, _ values: String...) -> Histogram {
        let cells = family.cells(shard, series: family.series(values))
        // The bounds lie beside the counts, in the same cache lines. Storing them again does no harm.
        for (index, bound) in bounds.upper.enumerated() { cells.store(bound, index) }
        return Histogram(cells: cells, bounds: bounds.upper.count)
    }
}
