import Glibc
import Reactor
package import Telemetry

/// What comes before a program serves: its answers on the command line, and its log.
///
/// All of it runs on the main thread before any other does: a write that blocks is no harm.
package struct ProgramStart: Sendable {
    private let name: String

    /// `name` is the program's, as it is called.
    package init(_ name: String) { self.name = name }

    /// Runs `body`, and tells what is wrong with the configuration where it finds that; returns the status to exit
    /// with.
    package func run(_ body: () throws(ConfigurationMistakes) -> Int32) -> Int32 {
        do throws(ConfigurationMistakes) {
            return try body()
        } catch {
            for mistake in error.mistakes { complain(mistake.description) }
            warn(error.warnings)
            return Preparation.badConfiguration
        }
    }

    /// Answers what was asked for, which is all that this run is for.
    package func show(_ text: String) -> Int32 {
        BlockingOutput.write(text, to: STDOUT_FILENO)
        return 0
    }

    /// Tells what looks unintended to whoever runs the program by hand.
    package func warn(_ warnings: [ConfigurationWarning]) {
        for warning in warnings { complain("warning: \(warning)") }
    }

    /// Takes the signals over and opens the log for `body`, which serves until the program ends.
    package func serve(_ format: LogFormatChoice, _ filter: LogFilter, _ body: (LogSink) -> Int32) -> Int32 {
        do {
            Signal.ignoreBrokenPipe()
            try SignalSource.block(Lifecycle.signals)
            let log = try LogSink(format, filter: filter, noColor: ProcessEnvironment.variables()["NO_COLOR"])
            defer { log.close(within: .milliseconds(400)) }
            return body(log)
        } catch {
            complain("cannot start: \(error)")
            return 1
        }
    }

    private func complain(_ text: String) { BlockingOutput.write("\(name): \(text)\n", to: STDERR_FILENO) }
}
