import Bytes

extension LogEncoder {
    /// `{"time":…,"level":…,"subsystem":…,"message":…,"fields":{…}}`; without fields the last member is absent.
    func appendJSON(_ record: LogRecord, to line: inout ByteWriter) {
        line.append(#"{"time":""#)
        line.append(record.time)
        line.append(#"","level":""#)
        line.append(text: record.level.rawValue)
        line.append(#"","subsystem":"#)
        line.appendJSON(record.subsystem)
        line.append(#","message":"#)
        line.appendJSON(record.message.description)
        let fields = record.fields.unique
        if !fields.isEmpty {
            line.append(#","fields":"#)
            for (index, field) in fields.enumerated() {
                line.append(index == 0 ? "{" : ",")
                line.appendJSON(field.key)
                line.append(":")
                appendJSON(field.value, to: &line)
            }
            line.append("}")
        }
        line.append("}")
    }

    private func appendJSON(_ value: LogValue, to line: inout ByteWriter) {
        switch value {
        case .string(let text): line.appendJSON(bounded(text))
        case .integer(let number): line.append(decimal: number)
        case .unsigned(let number): line.append(decimal: number)
        // JSON has no infinities and no NaN: those become strings.
        case .double(let number) where number.isFinite: line.append(text: number.description)
        case .double(let number): line.appendJSON(number.description)
        case .bool(let flag): line.append(flag ? "true" : "false")
        case .duration(let duration): line.append(seconds: duration)
        case .bytes(let bytes): line.appendJSON(hexadecimal(bytes))
        case .redacted: line.append(#""<redacted>""#)
        case .null: line.append("null")
        }
    }
}

extension ByteWriter {
    /// A JSON string, RFC 8259 §7: quotes, backslashes and the control characters below U+0020 are escaped.
    mutating func appendJSON(_ text: String) {
        append("\"")
        text.withRawSpan { appendEscaped($0) }
        append("\"")
    }

    private mutating func appendEscaped(_ bytes: RawSpan) {
        var start = 0
        for position in 0..<bytes.byteCount {
            let byte = bytes[position]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            append(bytes.extracting(start..<position))
            appendJSONEscape(byte)
            start = position + 1
        }
        append(bytes.extracting(start..<bytes.byteCount))
    }

    private mutating func appendJSONEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(#"\""#)
        case UInt8(ascii: "\\"): append(#"\\"#)
        case UInt8(ascii: "\n"): append(#"\n"#)
        case UInt8(ascii: "\r"): append(#"\r"#)
        case UInt8(ascii: "\t"): append(#"\t"#)
        default:
            append(byte < 0x10 ? #"\u000"# : #"\u00"#)
            append(hex: UInt64(byte))
        }
    }
}
