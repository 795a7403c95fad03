import Bytes

/// One event, ready to become a line.
struct LogRecord {
    let time: WallTime
    let level: LogLevel
    let subsystem: String
    let message: StaticString
    let fields: LogFields
}

/// Turns records into lines, newline included.
struct LogEncoder: Sendable {
    let format: LogFormat
    /// Whether text carries the escape sequences of a terminal.
    let colours: Bool
    /// Longer text and bytes are cut, and marked with `…`.
    let maximumValueBytes: Int

    func line(_ record: LogRecord) -> SharedBytes {
        var line = ByteWriter()
        switch format {
        case .text: appendText(record, to: &line)
        case .json: appendJSON(record, to: &line)
        }
        line.append("\n")
        return line.finish()
    }

    /// `text`, cut before the character that would pass the bound.
    func bounded(_ text: String) -> String {
        guard text.utf8.count > maximumValueBytes else { return text }
        return text.withRawSpan { bytes in
            var end = maximumValueBytes
            // A continuation byte of UTF-8 is no place to cut.
            while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            return String(copying: bytes.extracting(0..<end)) + "…"
        }
    }

    /// Two digits per byte, whole bytes only.
    func hexadecimal(_ bytes: SharedBytes) -> String {
        let shown = min(bytes.count, maximumValueBytes / 2)
        var digits = ByteWriter(capacity: shown * 2)
        for position in 0..<shown {
            let byte = UInt64(bytes.bytes[position])
            digits.append(hex: byte >> 4)
            digits.append(hex: byte & 15)
        }
        return String(copying: digits.bytes) + (shown < bytes.count ? "…" : "")
    }
}
