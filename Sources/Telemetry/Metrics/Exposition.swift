import Bytes

// The text format of Prometheus, version 0.0.4.

extension ByteWriter {
    /// A family whose shards are merged here.
    mutating func append(_ family: MetricFamily, shards: Int) {
        let type: StaticString
        switch family.kind {
        case .counter: type = "counter"
        case .gauge: type = "gauge"
        case .histogram: type = "histogram"
        }
        appendHead(family.name, help: family.help, type: type)
        for series in 0..<family.seriesCount {
            let values = MergedSeries(family: family, series: series, shards: shards)
            switch family.kind {
            case .counter(let unit):
                appendSample(family.name, values.labels)
                appendValue(values.sum(0), unit)
            case .gauge(let unit, let merge):
                appendSample(family.name, values.labels)
                appendValue(signed: merge == .sum ? Int64(bitPattern: values.sum(0)) : values.maximum(0), unit)
            case .histogram(let bounds):
                append(values, bounds)
            }
        }
    }

    /// A metric that has just been read.
    mutating func append(_ metric: CollectedMetric, _ value: Double) {
        appendHead(metric.name, help: metric.help, type: metric.isCounter ? "counter" : "gauge")
        appendSample(metric.name, [])
        append(value)
        append("\n")
    }

    /// Metrics that have just been read, each with its series together.
    mutating func append(_ metrics: [CollectedMetric], labels: [String], rows: [CollectedRow]) {
        for row in rows {
            precondition(
                row.labelValues.count == labels.count && row.values.count == metrics.count,
                "a row has a value for every label and every metric")
        }
        for (index, metric) in metrics.enumerated() {
            var hasHead = false
            for row in rows {
                guard let value = row.values[index] else { continue }
                if !hasHead { appendHead(metric.name, help: metric.help, type: metric.isCounter ? "counter" : "gauge") }
                hasHead = true
                appendSample(metric.name, Array(zip(labels, row.labelValues)))
                append(value)
                append("\n")
            }
        }
    }

    /// Buckets count what is at most their bound, those below included. The count of all is taken from the buckets, so
    /// that the two agree while others are counting.
    private mutating func append(_ values: MergedSeries, _ bounds: HistogramBounds) {
        let name = values.family.name
        let count = bounds.upper.count
        var total: UInt64 = 0
        for bucket in 0...count {
            total &+= values.sum(count + bucket)
            var limit = ByteWriter(capacity: 24)
            if bucket < count { limit.append(bounds.upper[bucket], in: bounds.unit) } else { limit.append("+Inf") }
            appendSample("\(name)_bucket", values.labels + [("le", String(copying: limit.bytes))])
            appendValue(total, .one)
        }
        appendSample("\(name)_sum", values.labels)
        appendValue(values.sum(2 * count + 1), bounds.unit)
        appendSample("\(name)_count", values.labels)
        appendValue(total, .one)
    }
}

extension CounterFamily {
    /// What all threads have counted so far; traps on a value that was not declared.
    package func total(_ values: String...) -> UInt64 {
        MergedSeries(family: family, series: family.series(values), shards: family.chunk.shards).sum(0)
    }
}

/// The cells of one series over all shards.
private struct MergedSeries {
    let family: MetricFamily
    let series: Int
    let shards: Int

    var labels: [(name: String, value: String)] {
        Array(zip(family.labels.map(\.name), family.labelValues(ofSeries: series)))
    }

    func sum(_ cell: Int) -> UInt64 { loads(cell).reduce(0, &+) }

    func maximum(_ cell: Int) -> Int64 { loads(cell).map { Int64(bitPattern: $0) }.max() ?? 0 }

    private func loads(_ cell: Int) -> some Sequence<UInt64> {
        (0..<shards).lazy.map { family.cells(MetricsShard($0), series: series).load(cell) }
    }
}

// MARK: - Lines

extension ByteWriter {
    private mutating func appendHead(_ name: String, help: String, type: StaticString) {
        append("# HELP ")
        append(text: name)
        append(" ")
        appendEscaped(help, quotes: false)
        append("\n# TYPE ")
        append(text: name)
        append(" ")
        append(type)
        append("\n")
    }

    private mutating func appendSample(_ name: String, _ labels: [(name: String, value: String)]) {
        append(text: name)
        for (index, label) in labels.enumerated() {
            append(index == 0 ? "{" : ",")
            append(text: label.name)
            append("=\"")
            appendEscaped(label.value, quotes: true)
            append("\"")
        }
        append(labels.isEmpty ? " " : "} ")
    }

    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(#"\\"#)
            case UInt8(ascii: "\n"): append(#"\n"#)
            case UInt8(ascii: "\"") where quotes: append(#"\""#)
            default: u8(byte)
            }
        }
    }

    private mutating func appendValue(_ value: UInt64, _ unit: MetricUnit) {
        append(value, in: unit)
        append("\n")
    }

    private mutating func appendValue(signed value: Int64, _ unit: MetricUnit) {
        if value < 0 { append("-") }
        appendValue(value.magnitude, unit)
    }

    private mutating func append(_ value: UInt64, in unit: MetricUnit) {
        switch unit {
        case .one: append(decimal: value)
        case .nanoseconds: append(seconds: value)
        }
    }

    private mutating func append(_ value: Double) {
        switch value {
        case .infinity: append("+Inf")
        case -.infinity: append("-Inf")
        case _ where value.isNaN: append("NaN")
        // Integers as such: counts are read by people too.
        case _ where abs(value) < 0x1p53 && value.rounded() == value: append(decimal: Int64(value))
        default: append(text: value.description)
        }
    }
}
