/// The machine's memory in KiB: `/proc/meminfo`, proc(5).
package struct MemoryUsage: Sendable, Equatable {
    package let total: UInt64
    /// What programs could have without swapping.
    package let available: UInt64
    package let swapTotal: UInt64
    package let swapFree: UInt64

    package init?(_ text: String) {
        var values: [Substring: UInt64] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 2, fields[0].hasSuffix(":"), let value = UInt64(fields[1]) else { continue }
            values[fields[0].dropLast()] = value
        }
        guard let total = values["MemTotal"], total > 0 else { return nil }
        self.total = total
        let cached = (values["MemFree"] ?? 0) &+ (values["Buffers"] ?? 0) &+ (values["Cached"] ?? 0)
        available = min(values["MemAvailable"] ?? cached, total)
        swapTotal = values["SwapTotal"] ?? 0
        swapFree = min(values["SwapFree"] ?? 0, swapTotal)
    }

    /// From 0 to 1.
    package var usedShare: Double { Double(total - available) / Double(total) }

    /// From 0 to 1; 0 where there is no swap.
    package var swapUsedShare: Double {
        swapTotal == 0 ? 0 : Double(swapTotal - swapFree) / Double(swapTotal)
    }
}
