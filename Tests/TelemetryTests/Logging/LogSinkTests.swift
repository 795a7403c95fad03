import Bytes
import Foundation
import Telemetry
import TestKit
import Testing

@Suite("A log sink")
struct LogSinkTests {
    private static let proxy = LogSubsystem("proxy")

    /// Values of `key` in lines of text.
    private static func values(_ key: String, in lines: some Sequence<Substring>) -> [Int] {
        lines.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("\(key)=") }.flatMap { Int($0.dropFirst(key.count + 1)) }
        }
    }

    @Test("writes the lines of several threads completely, each thread's in order")
    func threads() async throws {
        let file = try OutputFile()
        let sink = try LogSink(to: file.descriptor, format: .text)
        await withTaskGroup { group in
            for thread in 0..<4 {
                group.addTask {
                    let log = sink.logger(Self.proxy).with(["thread": thread])
                    for number in 0..<1000 { log.info("line", ["n": number]) }
                }
            }
        }
        #expect(sink.close(within: .seconds(20)))
        let lines = file.lines
        #expect(lines.count == 4000)
        for thread in 0..<4 {
            let own = lines.lazy.map { $0[...] }.filter { $0.contains(" thread=\(thread) ") }
            #expect(Self.values("n", in: own) == Array(0..<1000))
        }
        #expect(sink.totals == (4000, 0))
    }

    @Test("lets nobody wait for an output that stalls, and accounts for every line after it", arguments: [true, false])
    func stalledOutput(blocking: Bool) throws {
        let pipe = try OutputPipe()
        let filling = pipe.fill(blocking: blocking)
        var limits = LogLimits()
        limits.maximumQueuedBytes = 16_384
        let sink = try LogSink(to: pipe.writeEnd, format: .text, limits: limits)
        let log = sink.logger(Self.proxy)
        let logged = 10_000
        // Nothing reads the pipe while these run: the test would hang here if a call waited for it.
        for number in 0..<logged { log.info("line", ["n": number]) }
        let lost = sink.totals.dropped
        #expect(lost > 0)
        #expect(sink.totals.lines + lost == UInt64(logged))

        log.info("last", ["n": logged])
        var told = 0
        let text = try pipe.read { text in
            let lines = text.dropFirst(filling).split(separator: "\n")
            let notices = lines.filter { $0.contains("WARN  log: log lines dropped count=") }
            told = Self.values("count", in: notices).reduce(0, +)
            return told + Self.values("n", in: lines).count == logged + 1 && text.hasSuffix("\n")
        }
        let numbers = Self.values("n", in: text.dropFirst(filling).split(separator: "\n"))
        #expect(numbers == numbers.sorted())
        #expect(UInt64(told) == sink.totals.dropped)

        // From here on there is room again.
        log.info("recovered", ["n": logged + 1])
        _ = try pipe.read { $0.contains("recovered n=\(logged + 1)\n") }
        #expect(sink.close(within: .seconds(20)))
    }

    @Test("holds no more bytes than its bound")
    func bound() throws {
        let pipe = try OutputPipe()
        _ = pipe.fill(blocking: false)
        var limits = LogLimits()
        limits.maximumQueuedBytes = 1000
        let line = "1970-01-01T00:00:00.000Z INFO  proxy: line\n"
        let sink = try LogSink(
            to: pipe.writeEnd, format: .text, limits: limits, clock: { WallTime(milliseconds: 0) })
        for _ in 0..<1000 { sink.logger(Self.proxy).info("line") }
        // What the writer has taken counts apart, and is at most as much again.
        let fitting = UInt64(1000 / line.utf8.count)
        #expect((fitting...(2 * fitting)).contains(sink.totals.lines))
        #expect(sink.totals.lines + sink.totals.dropped == 1000)
        #expect(!sink.close(within: .zero))
        // Its thread must be gone before the pipe is: whoever got the number next would get these lines.
        #expect(sink.close(within: .seconds(20)))
    }

    @Test("gives up a stalled output when its time to close is over, and counts what is lost")
    func boundedClose() throws {
        let pipe = try OutputPipe()
        _ = pipe.fill(blocking: true)
        let sink = try LogSink(to: pipe.writeEnd, format: .json)
        for _ in 0..<100 { sink.logger(Self.proxy).info("line") }
        let start = ContinuousClock.now
        #expect(!sink.close(within: .milliseconds(100)))
        #expect((.milliseconds(100)...(.seconds(10))).contains(ContinuousClock.now - start))
        // The writer thread gives up too: it ends, though nobody ever read the pipe.
        #expect(sink.close(within: .seconds(20)))
        #expect(sink.totals == (100, 100))
    }

    @Test("counts the lines of an output that is gone, and no signal ends the process")
    func brokenOutput() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        let sink = try LogSink(to: ends[1], format: .text)
        for _ in 0..<10 { sink.logger(Self.proxy).info("line") }
        #expect(sink.close(within: .seconds(20)))
        #expect(sink.totals == (10, 10))
        close(ends[1])
    }

    @Test("drops and counts what is logged after it was closed")
    func afterClose() throws {
        let file = try OutputFile()
        let sink = try LogSink(to: file.descriptor, format: .text)
        sink.logger(Self.proxy).info("before")
        #expect(sink.close(within: .seconds(20)))
        sink.logger(Self.proxy).info("after")
        #expect(file.lines.count == 1)
        #expect(sink.totals == (1, 1))
    }

    @Test("writes a line whole that no pipe takes at once")
    func longLine() throws {
        let pipe = try OutputPipe()
        var limits = LogLimits()
        limits.maximumValueBytes = 200_000
        let sink = try LogSink(to: pipe.writeEnd, format: .text, limits: limits)
        let value = String(repeating: "x", count: 150_000)
        sink.logger(Self.proxy).info("long", ["v": value])
        let text = try pipe.read { $0.hasSuffix("\n") }
        #expect(text.hasSuffix(" v=\(value)\n"))
        #expect(sink.close(within: .seconds(20)))
    }

    @Test("leaves neither descriptors nor threads behind, closed or not")
    func leaks() async {
        await #expect(processExitsWith: .success) {
            let file = try OutputFile()
            func use(closing: Bool) throws {
                let sink = try LogSink(to: file.descriptor, format: .text)
                sink.logger(LogSubsystem("proxy")).info("line")
                if closing { sink.close(within: .seconds(20)) }
            }
            let before = ProcessSelf.openDescriptors
            for round in 0..<50 { try use(closing: round % 2 == 0) }
            // Each sink has two descriptors; the test library opens a few of its own at any time.
            let deadline = ContinuousClock.now + .seconds(20)
            while try Self.logThreads() > 0 || ProcessSelf.openDescriptors > before + 10 || file.lines.count < 50 {
                guard ContinuousClock.now < deadline else { exit(1) }
                sched_yield()
            }
            exit(0)
        }
    }

    /// Threads of this process that are called `log`.
    private static func logThreads() throws -> Int {
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
        return threads.count { (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "log\n" }
    }

    @Test("counts its lines as metrics")
    func metrics() throws {
        let file = try OutputFile()
        let sink = try LogSink(to: file.descriptor, format: .text)
        let registry = MetricsRegistry(shards: 1)
        sink.declareMetrics(in: registry)
        sink.logger(Self.proxy).info("line")
        #expect(sink.close(within: .seconds(20)))
        sink.logger(Self.proxy).info("lost")
        let text = String(copying: registry.exposition().bytes)
        #expect(text.contains("\nsluice_log_lines_total 1\n"))
        #expect(text.contains("\nsluice_log_lines_dropped_total 1\n"))
    }
}
