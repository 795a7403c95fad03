import Bytes

/// One line of a `.env` file, without its end; the grammar stands at `EnvironmentFile`.
struct EnvironmentLine: ~Escapable {
    private let line: RawSpan
    private var position = 0

    @_lifetime(copy line)
    private init(_ line: RawSpan) { self.line = line }

    /// The name and the value, or nil for an empty line and a comment.
    static func parse(_ line: RawSpan) throws(EnvironmentFile.Fault) -> (name: String, value: String)? {
        try check(line)
        var cursor = EnvironmentLine(line)
        cursor.skipBlanks()
        guard let first = cursor.next, first != UInt8(ascii: "#") else { return nil }
        var name = try cursor.takeName()
        // "export" is a name as well, where no other follows it.
        if name == "export", cursor.skipBlanks(), let next = cursor.next, next != UInt8(ascii: "=") {
            name = try cursor.takeName()
        }
        cursor.skipBlanks()
        guard cursor.next == UInt8(ascii: "=") else { throw .missingEquals }
        cursor.position += 1
        return (name, try cursor.takeValue())
    }

    private static func check(_ line: RawSpan) throws(EnvironmentFile.Fault) {
        var start = 0
        while let control = line.firstControl(from: start) {
            guard line[control] == UInt8(ascii: "\t") else { throw .controlCharacter }
            start = control + 1
        }
        guard line.isASCII || String(validating: [UInt8](copying: line), as: UTF8.self) != nil else { throw .notUTF8 }
    }

    // MARK: - Pieces

    private var next: UInt8? { position < line.byteCount ? line[position] : nil }

    private func text(_ range: Range<Int>) -> String { String(copying: line.extracting(range)) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// Whether there were any.
    @discardableResult
    private mutating func skipBlanks() -> Bool {
        let start = position
        while let byte = next, Self.isBlank(byte) { position += 1 }
        return position > start
    }

    private mutating func takeName() throws(EnvironmentFile.Fault) -> String {
        let start = position
        while let byte = next {
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            guard isLetter || byte == UInt8(ascii: "_") || (isDigit && position > start) else { break }
            position += 1
        }
        guard position > start else { throw .malformedName }
        return text(start..<position)
    }

    private mutating func takeValue() throws(EnvironmentFile.Fault) -> String {
        let hadBlanks = skipBlanks()
        switch next {
        case UInt8(ascii: "'"): return try takeSingleQuoted()
        case UInt8(ascii: "\""): return try takeDoubleQuoted()
        case UInt8(ascii: "#") where hadBlanks: return ""
        default: return takeUnquoted()
        }
    }

    private mutating func takeUnquoted() -> String {
        let start = position
        var end = position
        while let byte = next {
            let isBlank = Self.isBlank(byte)
            if byte == UInt8(ascii: "#"), position > end { break }
            position += 1
            if !isBlank { end = position }
        }
        return text(start..<end)
    }

    private mutating func takeSingleQuoted() throws(EnvironmentFile.Fault) -> String {
        let start = position + 1
        guard let end = line.firstIndex(of: UInt8(ascii: "'"), from: start) else { throw .unclosedQuote }
        position = end + 1
        try expectEnd()
        return text(start..<end)
    }

    private mutating func takeDoubleQuoted() throws(EnvironmentFile.Fault) -> String {
        var value: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") {
                try expectEnd()
                return String(decoding: value, as: UTF8.self)
            }
            value.append(byte == UInt8(ascii: "\\") ? try takeEscaped() : byte)
        }
        throw .unclosedQuote
    }

    private mutating func takeEscaped() throws(EnvironmentFile.Fault) -> UInt8 {
        guard let byte = next else { throw .unclosedQuote }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"): return byte
        default: throw .unknownEscape
        }
    }

    /// Behind a closing quote: nothing but blanks, and a comment after them.
    private mutating func expectEnd() throws(EnvironmentFile.Fault) {
        let hadBlanks = skipBlanks()
        guard next == nil || (hadBlanks && next == UInt8(ascii: "#")) else { throw .textAfterQuote }
    }
}
