/// How many tasks run or want to, on average over one, five and fifteen minutes: `/proc/loadavg`, proc(5).
package struct LoadAverage: Sendable, Equatable {
    package let oneMinute: Double
    package let fiveMinutes: Double
    package let fifteenMinutes: Double

    package init(oneMinute: Double, fiveMinutes: Double, fifteenMinutes: Double) {
        self.oneMinute = oneMinute
        self.fiveMinutes = fiveMinutes
        self.fifteenMinutes = fifteenMinutes
    }

    package init?(_ text: String) {
        let values = text.split(separator: " ").prefix(3).compactMap { Double($0) }.filter(\.isFinite)
        guard values.count == 3 else { return nil }
        (oneMinute, fiveMinutes, fifteenMinutes) = (values[0], values[1], values[2])
    }
}

/// Seconds since the boot, and those that the processors idled, all together: `/proc/uptime`, proc(5).
package struct SystemUptime: Sendable, Equatable {
    package let seconds: Double
    package let idleSeconds: Double

    package init?(_ text: String) {
        let values = text.split { $0 == " " || $0 == "\n" }.prefix(2).compactMap { Double($0) }.filter(\.isFinite)
        guard values.count == 2 else { return nil }
        (seconds, idleSeconds) = (values[0], values[1])
    }
}
