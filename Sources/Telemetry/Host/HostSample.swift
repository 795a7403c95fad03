import Glibc

/// What the kernel says of the machine and of this process at one moment; nil where it says nothing, as in a sandbox.
package struct HostSample: Sendable {
    package let time: WallTime
    package var processors: ProcessorTimes?
    package var memory: MemoryUsage?
    package var load: LoadAverage?
    package var uptime: SystemUptime?
    package var traffic: NetworkTraffic?
    package var sockets: SocketCounts?
    package var process: ProcessUsage?

    /// Ticks of the clock in a second, and bytes of a page; of this kernel.
    package let ticksPerSecond: Int
    package let pageBytes: Int
    /// Processors that the machine could have.
    package let processorCount: Int

    package init(time: WallTime, ticksPerSecond: Int = 100, pageBytes: Int = 4_096, processorCount: Int = 1) {
        self.time = time
        self.ticksPerSecond = ticksPerSecond
        self.pageBytes = pageBytes
        self.processorCount = processorCount
    }

    /// Reads it all. It takes about a millisecond and may take longer on a machine with many processors: not for a
    /// loop.
    package static func read() -> HostSample {
        var sample = HostSample(
            time: .now(), ticksPerSecond: max(sysconf(Int32(_SC_CLK_TCK)), 1),
            pageBytes: max(sysconf(Int32(_SC_PAGESIZE)), 1),
            processorCount: max(sysconf(Int32(_SC_NPROCESSORS_CONF)), 1))
        sample.processors = KernelFile.text("/proc/stat").flatMap { ProcessorTimes($0) }
        sample.memory = KernelFile.text("/proc/meminfo").flatMap { MemoryUsage($0) }
        sample.load = KernelFile.text("/proc/loadavg").flatMap { LoadAverage($0) }
        sample.uptime = KernelFile.text("/proc/uptime").flatMap { SystemUptime($0) }
        sample.traffic = KernelFile.text("/proc/net/dev").flatMap { NetworkTraffic($0) }
        sample.process = KernelFile.text("/proc/self/stat").flatMap { ProcessUsage($0) }
        if let sockstat = KernelFile.text("/proc/net/sockstat") {
            sample.sockets = SocketCounts(sockstat: sockstat, snmp: KernelFile.text("/proc/net/snmp") ?? "")
        }
        return sample
    }

    /// How much of one processor this process has used since `earlier`: 1.5 for one and a half.
    package func processShare(since earlier: HostSample) -> Double {
        let milliseconds = time.milliseconds - earlier.time.milliseconds
        guard milliseconds > 0, let now = process, let before = earlier.process, now.ticks >= before.ticks else {
            return 0
        }
        return Double(now.ticks - before.ticks) / Double(ticksPerSecond) / (Double(milliseconds) / 1_000)
    }

    /// Resident memory of this process in bytes.
    package var residentBytes: Int { (process?.pages ?? 0) * pageBytes }
}

/// Files of proc(5), which have no size before they are read.
enum KernelFile {
    /// Up to 256 KiB of it, which is what a machine with a thousand processors or devices fills; nil where it cannot be
    /// read.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < 256 * 1_024 {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += part[..<count]
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
