import Bytes

extension LogEncoder {
    /// `<time> <LEVEL> <subsystem>: <message> key=value …`.
    func appendText(_ record: LogRecord, to line: inout ByteWriter) {
        appendStyled(.dim, to: &line) { $0.append(record.time) }
        line.append(" ")
        appendStyled(record.level.style, to: &line) { $0.append(record.level.label) }
        line.append(" ")
        line.append(text: record.subsystem)
        line.append(": ")
        line.append(text: record.message.description)
        for field in record.fields.unique {
            line.append(" ")
            appendStyled(.dim, to: &line) {
                $0.append(text: field.key)
                $0.append("=")
            }
            appendText(field.value, to: &line)
        }
    }

    private func appendText(_ value: LogValue, to line: inout ByteWriter) {
        switch value {
        case .string(let text): line.appendReadable(bounded(text))
        case .integer(let number): line.append(decimal: number)
        case .unsigned(let number): line.append(decimal: number)
        case .double(let number): line.append(text: number.description)
        case .bool(let flag): line.append(flag ? "true" : "false")
        case .duration(let duration): line.append(readable: duration)
        case .bytes(let bytes): line.append(text: hexadecimal(bytes))
        case .redacted: line.append("<redacted>")
        case .null: line.append("null")
        }
    }

    private func appendStyled(_ style: TerminalStyle, to line: inout ByteWriter, _ body: (inout ByteWriter) -> Void) {
        if colours { line.append(style.start) }
        body(&line)
        if colours { line.append("\u{1b}[0m") }
    }
}

/// Escape sequences of ECMA-48 §8.3.117 that every terminal knows.
private enum TerminalStyle {
    case red, yellow, green, cyan, dim

    var start: StaticString {
        switch self {
        case .red: "\u{1b}[31m"
        case .yellow: "\u{1b}[33m"
        case .green: "\u{1b}[32m"
        case .cyan: "\u{1b}[36m"
        case .dim: "\u{1b}[2m"
        }
    }
}

extension LogLevel {
    /// Five columns.
    fileprivate var label: StaticString {
        switch self {
        case .error: "ERROR"
        case .warning: "WARN "
        case .info: "INFO "
        case .debug: "DEBUG"
        }
    }

    fileprivate var style: TerminalStyle {
        switch self {
        case .error: .red
        case .warning: .yellow
        case .info: .green
        case .debug: .cyan
        }
    }
}

extension ByteWriter {
    /// Text as it is where it is one harmless word, else in quotes, with everything escaped that could break the line,
    /// steer a terminal or reorder what is shown around it.
    fileprivate mutating func appendReadable(_ text: String) {
        if !text.isEmpty, text.unicodeScalars.allSatisfy(\.isPlain) {
            append(text: text)
            return
        }
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append(#"\""#)
            case "\\": append(#"\\"#)
            case "\n": append(#"\n"#)
            case "\r": append(#"\r"#)
            case "\t": append(#"\t"#)
            case _ where scalar.isInvisible:
                append(#"\u{"#)
                append(hex: UInt64(scalar.value))
                append("}")
            default: append(text: String(scalar))
            }
        }
        append("\"")
    }
}

extension Unicode.Scalar {
    fileprivate var isPlain: Bool {
        switch self {
        case " ", "=", "\"", "\\": false
        default: !isInvisible
        }
    }

    /// Control characters, line separators, and formatting characters such as those that change the direction of text.
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
