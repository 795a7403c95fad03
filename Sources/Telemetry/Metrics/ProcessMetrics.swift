import Bytes
import Glibc

extension MetricsRegistry {
    /// Adds the metrics that every Prometheus client has about its own process. They are read when scraped.
    package func declareProcessMetrics() {
        let started = ProcessFacts.startTime()
        collect([
            .counter("process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds."),
            .gauge("process_virtual_memory_bytes", help: "Virtual memory size in bytes."),
            .gauge("process_resident_memory_bytes", help: "Resident memory size in bytes."),
            .gauge("process_open_fds", help: "Number of open file descriptors."),
            .gauge("process_max_fds", help: "Maximum number of open file descriptors."),
            .gauge("process_start_time_seconds", help: "Start time of the process since unix epoch in seconds."),
        ]) {
            let memory = ProcessFacts.memory()
            return [
                ProcessFacts.seconds(on: CLOCK_PROCESS_CPUTIME_ID), memory?.virtual, memory?.resident,
                ProcessFacts.openDescriptors(), ProcessFacts.maximumDescriptors(), started,
            ]
        }
    }
}

/// What the kernel says about this process, proc(5); nil where it says nothing.
private enum ProcessFacts {
    static func seconds(on clock: clockid_t) -> Double? {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Bytes.
    static func memory() -> (virtual: Double, resident: Double)? {
        guard let fields = KernelFile.text("/proc/self/statm")?.split(separator: " "), fields.count >= 2,
            let total = Double(fields[0]), let resident = Double(fields[1])
        else { return nil }
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        return (total * page, resident * page)
    }

    static func openDescriptors() -> Double? {
        var status = stat()
        // Since Linux 6.2 the size of this directory is the number of its entries.
        if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Double(status.st_size) }
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        // Neither `.` and `..` nor the directory itself.
        return Double(max(0, entries - 3))
    }

    static func maximumDescriptors() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    /// Seconds since 1970.
    static func startTime() -> Double? {
        // Field 22, in clock ticks since the boot. Fields are counted after the last parenthesis, for the second field,
        // the program's name, may hold spaces and parentheses.
        guard let text = KernelFile.text("/proc/self/stat"), let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[name...].split(separator: " ")
        guard fields.count > 20, let ticks = Double(fields[20]),
            let now = seconds(on: CLOCK_REALTIME), let sinceBoot = seconds(on: CLOCK_BOOTTIME)
        else { return nil }
        return now - sinceBoot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
