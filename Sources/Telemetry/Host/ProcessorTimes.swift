/// What the processors have done since the boot, in ticks, all of them together: `/proc/stat`, proc(5).
package struct ProcessorTimes: Sendable, Equatable {
    /// Everything but idling and waiting for disks.
    package let busy: UInt64
    package let total: UInt64
    /// Processors that are on.
    package let online: Int

    package init?(_ text: String) {
        var times: [UInt64]?
        var online = 0
        for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
            let fields = line.split(separator: " ")
            if fields[0] == "cpu" {
                times = fields.dropFirst().map { UInt64($0) ?? 0 }
            } else {
                online += 1
            }
        }
        // user nice system idle iowait irq softirq steal; the guests after them are part of user and nice.
        guard let times, times.count >= 4 else { return nil }
        let all = times.prefix(8)
        let idle = times[3] &+ (times.count > 4 ? times[4] : 0)
        total = all.reduce(0, &+)
        guard total >= idle else { return nil }
        busy = total - idle
        self.online = max(online, 1)
    }

    /// From 0 to 1: how busy they were since `earlier`; 0 where no time has passed.
    package func busyShare(since earlier: ProcessorTimes) -> Double {
        // The kernel sometimes takes back a little of the time that a processor has waited for disks.
        guard total > earlier.total, busy >= earlier.busy else { return 0 }
        return min(Double(busy - earlier.busy) / Double(total - earlier.total), 1)
    }
}
