import Glibc

/// Where all lines of a program meet: they are encoded by the thread that logs, queued with a bound, and written by one
/// thread of its own, so that an output that stalls stalls nobody.
package final class LogSink: Sendable {
    private let filter: LogFilter
    private let encoder: LogEncoder
    private let clock: @Sendable () -> WallTime
    private let queue: LogQueue
    private let finished: WakeSignal

    /// Starts the writer thread. `descriptor` stays the caller's and must stay open until `close` has returned true.
    package init(
        to descriptor: Int32 = STDERR_FILENO,
        format: LogFormat,
        colours: Bool = false,
        filter: LogFilter = LogFilter(),
        limits: LogLimits = LogLimits(),
        clock: @escaping @Sendable () -> WallTime = WallTime.now
    ) throws(LogSinkError) {
        self.filter = filter
        self.clock = clock
        encoder = LogEncoder(format: format, colours: colours, maximumValueBytes: limits.maximumValueBytes)
        queue = LogQueue(maximumBytes: limits.maximumQueuedBytes, wake: try WakeSignal())
        finished = try WakeSignal()
        try LogWriter(descriptor: descriptor, queue: queue, encoder: encoder, clock: clock, finished: finished).start()
    }

    deinit { queue.close() }

    package func logger(_ subsystem: LogSubsystem) -> Logger {
        Logger(sink: self, subsystem: subsystem, level: filter.level(of: subsystem))
    }

    func write(_ level: LogLevel, _ subsystem: LogSubsystem, _ message: StaticString, _ fields: LogFields) {
        let record = LogRecord(
            time: clock(), level: level, subsystem: subsystem.name, message: message, fields: fields)
        queue.append(encoder.line(record))
    }

    /// Refuses further lines and waits up to `bound` until those queued are written; blocks the calling thread.
    ///
    /// False where the output took too long: what is left is dropped and counted.
    @discardableResult
    package func close(within bound: Duration) -> Bool {
        queue.close()
        if finished.wait(within: bound) { return true }
        queue.abandon()
        return false
    }

    /// Lines accepted and lines dropped since the start.
    package var totals: (lines: UInt64, dropped: UInt64) { queue.totals }

    /// Adds `sluice_log_lines_total` and `sluice_log_lines_dropped_total`.
    package func declareMetrics(in registry: MetricsRegistry) {
        registry.collect([
            .counter("sluice_log_lines_total", help: "Log lines accepted for writing."),
            .counter("sluice_log_lines_dropped_total", help: "Log lines lost to a full queue or a failing output."),
        ]) { [queue] in
            let totals = queue.totals
            return [Double(totals.lines), Double(totals.dropped)]
        }
    }
}

/// The bounds of the log.
package struct LogLimits: Sendable {
    /// Bytes of lines that wait for the writer, which may hold as much again; a line that would pass it is dropped.
    /// In memory a line takes up to twice its length, and at least 256 bytes.
    package var maximumQueuedBytes = 1 << 20
    /// Bytes of one field's value; the rest is cut.
    package var maximumValueBytes = 4096

    package init() {}
}

/// Why a log could not be started; the numbers are `errno`.
package enum LogSinkError: Error, Equatable {
    case wakeSignal(Int32)
    case thread(Int32)
}
