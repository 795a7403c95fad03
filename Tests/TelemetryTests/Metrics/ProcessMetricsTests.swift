import Foundation
import Telemetry
import TestKit
import Testing

@Suite("The metrics of the process")
struct ProcessMetricsTests {
    private static func values(_ registry: MetricsRegistry) throws -> [String: Double] {
        var values: [String: Double] = [:]
        for line in registry.exposition().lines {
            let parts = line.split(separator: " ")
            let value = try #require(Double(parts[1]), "\(line)")
            values[String(parts[0])] = value
        }
        return values
    }

    @Test("agree with what the system says otherwise")
    func agree() throws {
        let registry = MetricsRegistry(shards: 1)
        registry.declareProcessMetrics()
        let values = try Self.values(registry)
        #expect(values.count == 6)

        let resident = try #require(values["process_resident_memory_bytes"])
        #expect((0.5...2).contains(resident / Double(ProcessSelf.residentBytes)))
        #expect(try #require(values["process_virtual_memory_bytes"]) >= resident)

        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(values["process_max_fds"] == Double(limit.rlim_cur))

        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        #expect(abs(try #require(values["process_cpu_seconds_total"]) - seconds) < 5)

        let started = try #require(values["process_start_time_seconds"])
        #expect((Date().timeIntervalSince1970 - 3600...Date().timeIntervalSince1970).contains(started))
    }

    @Test("know the start of the process, to the second")
    func start() async {
        await #expect(processExitsWith: .success) {
            // This process has just been started, by the test.
            let registry = MetricsRegistry(shards: 1)
            registry.declareProcessMetrics()
            let started = try Self.values(registry)["process_start_time_seconds"] ?? 0
            exit((-1...20).contains(Date().timeIntervalSince1970 - started) ? 0 : 1)
        }
    }

    @Test("count descriptors exactly")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            let registry = MetricsRegistry(shards: 1)
            registry.declareProcessMetrics()
            let before = try Self.values(registry)["process_open_fds"]
            for _ in 0..<10 { _ = dup(2) }
            let after = try Self.values(registry)["process_open_fds"]
            guard let before, let after, Int(after) == ProcessSelf.openDescriptors else { exit(1) }
            exit(after - before == 10 ? 0 : 2)
        }
    }
}
