import Glibc
package import Telemetry

/// How log lines look, as an operator chooses it.
package enum LogFormatChoice: String, Sendable, CaseIterable {
    case text
    case json
    /// Text where people read, JSON where machines do.
    case auto

    /// The format of an output that is a terminal or is none.
    package func resolved(isTerminal: Bool) -> LogFormat {
        switch self {
        case .text: .text
        case .json: .json
        case .auto: isTerminal ? .text : .json
        }
    }
}

extension LogSink {
    /// The log of a program, on the standard error output.
    package convenience init(_ format: LogFormatChoice, filter: LogFilter, noColor: String?) throws {
        let isTerminal = isatty(STDERR_FILENO) == 1
        try self.init(
            format: format.resolved(isTerminal: isTerminal),
            colours: LogFormat.usesColours(on: STDERR_FILENO, noColor: noColor), filter: filter)
    }
}
