import Glibc

/// What a log line looks like.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: `2024-02-29T12:00:00.123Z INFO  http: listening address=[::]:8080`.
    case text
    /// For machines: one JSON object (RFC 8259) per line.
    case json

    /// Reads the value of a variable; an empty one means text.
    package init(parsing value: String) throws(LogFormatError) {
        let name = value.lowercased()
        if name.isEmpty {
            self = .text
        } else if let format = LogFormat(rawValue: name) {
            self = format
        } else {
            throw .unknownFormat(value)
        }
    }

    /// Whether text sent to `descriptor` should be coloured: only a terminal is, and only where the variable
    /// `NO_COLOR` is unset or empty.
    package static func usesColours(on descriptor: Int32, noColor: String?) -> Bool {
        (noColor ?? "").isEmpty && isatty(descriptor) == 1
    }
}

/// Why a value names no log format; its text goes behind the name of the variable.
package enum LogFormatError: Error, Equatable, CustomStringConvertible {
    case unknownFormat(String)

    package var description: String {
        switch self {
        case .unknownFormat(let value): "\"\(value)\" is not a log format (text, json)"
        }
    }
}
