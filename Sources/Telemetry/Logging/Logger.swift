package import Bytes

/// What a part of the program writes its log through: a subsystem, fields bound to every line, and the way out.
///
/// Messages are constants; data goes into fields. Fields are not evaluated where the level is not printed, and no call
/// ever waits for the output:
///
///     log.info("listening", ["address": address, "loops": loops])
package struct Logger: Sendable {
    private let sink: LogSink?
    private let subsystem: LogSubsystem
    private var context: LogFields

    /// The most verbose level that is printed.
    package let level: LogLevel

    init(sink: LogSink?, subsystem: LogSubsystem, level: LogLevel) {
        self.sink = sink
        self.subsystem = subsystem
        self.level = level
        context = [:]
    }

    /// Prints nothing.
    package static let silent = Logger(sink: nil, subsystem: LogSubsystem("silent"), level: .error)

    /// The same logger with `fields` on every line.
    package func with(_ fields: LogFields) -> Logger {
        var bound = self
        bound.context = context.followed(by: fields)
        return bound
    }

    package func isEnabled(_ level: LogLevel) -> Bool { level.verbosity <= self.level.verbosity }

    private func emit(_ level: LogLevel, _ message: StaticString, _ fields: LogFields) {
        sink?.write(level, subsystem, message, context.followed(by: fields))
    }
}

// MARK: - Lines

extension Logger {
    /// An operator must act.
    package func error(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.error) { emit(.error, message, fields()) }
    }

    /// A peer misbehaved.
    package func warning(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.warning) { emit(.warning, message, fields()) }
    }

    /// The program's own life.
    package func info(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.info) { emit(.info, message, fields()) }
    }

    /// Once per session.
    package func debug(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if isEnabled(.debug) { emit(.debug, message, fields()) }
    }
}

// MARK: - Lines that a hot path may repeat

extension Logger {
    /// Prints where `gate` lets the line through, with `suppressed=N` when others were held back since the last one.
    package func log(
        _ level: LogLevel,
        _ message: StaticString,
        every gate: inout RepeatGate,
        at now: Instant,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        guard isEnabled(level), let suppressed = gate.pass(at: now) else { return }
        var told = fields()
        if suppressed > 0 { told.set("suppressed", suppressed) }
        emit(level, message, told)
    }

    /// An operator must act; printed at most once per interval of `gate`.
    package func error(
        _ message: StaticString,
        every gate: inout RepeatGate,
        at now: Instant,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        log(.error, message, every: &gate, at: now, fields())
    }

    /// A peer misbehaved; printed at most once per interval of `gate`.
    package func warning(
        _ message: StaticString,
        every gate: inout RepeatGate,
        at now: Instant,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        log(.warning, message, every: &gate, at: now, fields())
    }

    /// The program's own life; printed at most once per interval of `gate`.
    package func info(
        _ message: StaticString,
        every gate: inout RepeatGate,
        at now: Instant,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        log(.info, message, every: &gate, at: now, fields())
    }
}
