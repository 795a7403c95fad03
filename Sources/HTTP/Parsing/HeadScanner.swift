import Bytes

/// Finds the end of a head in bytes that arrive piece by piece, and refuses every control character on the way that is
/// neither a tab nor part of a line end.
///
///     empty lines ──▶ start line ──CR LF──▶ field lines ──CR LF CR LF──▶ end
///
/// It remembers how far it has looked, so that a head which arrives byte by byte is still read once. What it throws
/// depends on the bytes alone, never on how they were cut.
struct HeadScanner: Sendable {
    struct Rules: Sendable {
        var maximumHeadBytes: Int
        var maximumStartLineBytes: Int
        /// What a start line beyond the bound is answered with.
        var startLineTooLong: HTTPParseError
        /// Empty lines tolerated before the start line (RFC 9112 §2.2), and the answer to more.
        var maximumEmptyLines: Int
        var tooManyEmptyLines: HTTPParseError
    }

    /// Where the search goes on; the line that it is in began at `lineStart`.
    private var position: UInt32 = 0
    private var lineStart: UInt32 = 0

    /// Where the start line begins and ends; the end is 0 while its CR LF has not come.
    private var start: UInt32 = 0
    private var end: UInt32 = 0

    /// Whether a byte of the start line has come.
    private(set) var hasStarted = false

    /// The first byte of the start line.
    var startLineStart: Int { Int(start) }

    /// The start line without its CR LF, once that has come.
    var startLine: Range<Int>? { end == 0 ? nil : Int(start)..<Int(end) }

    /// Number of bytes up to the end of the head, or nil where more are needed.
    ///
    /// `bytes` begin where they began in the call before.
    mutating func scan(_ bytes: RawSpan, _ rules: Rules) throws(HTTPParseError) -> Int? {
        if !hasStarted {
            guard try skipEmptyLines(bytes, rules) else { return nil }
            hasStarted = true
        }
        let visible = bytes.extracting(first: rules.maximumHeadBytes)
        while let at = visible.firstControl(from: Int(position)) {
            if end == 0, at - Int(start) > rules.maximumStartLineBytes { throw rules.startLineTooLong }
            switch visible[at] {
            case UInt8(ascii: "\t"):
                position = UInt32(at + 1)
            case UInt8(ascii: "\r"):
                guard at + 1 < visible.byteCount else {
                    position = UInt32(at)
                    return try more(bytes, rules)
                }
                guard visible[at + 1] == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
                if at == lineStart, end != 0 { return at + 2 }
                if end == 0 { end = UInt32(at) }
                position = UInt32(at + 2)
                lineStart = position
            case UInt8(ascii: "\n"):
                throw .bareLineFeed
            default:
                throw .controlCharacter
            }
        }
        position = UInt32(visible.byteCount)
        return try more(bytes, rules)
    }

    /// Nil, for "more bytes", unless what is there already passes a bound.
    private func more(_ bytes: RawSpan, _ rules: Rules) throws(HTTPParseError) -> Int? {
        if end == 0, Int(position - start) > rules.maximumStartLineBytes { throw rules.startLineTooLong }
        if bytes.byteCount > rules.maximumHeadBytes {
            throw end == 0 ? rules.startLineTooLong : .headTooLarge(maximum: rules.maximumHeadBytes)
        }
        return nil
    }

    /// Moves to the first byte that is not part of an empty line; false where it has not come yet.
    private mutating func skipEmptyLines(_ bytes: RawSpan, _ rules: Rules) throws(HTTPParseError) -> Bool {
        while Int(start) < bytes.byteCount {
            let at = Int(start)
            if bytes[at] == UInt8(ascii: "\n") { throw .bareLineFeed }
            guard bytes[at] == UInt8(ascii: "\r") else { return true }
            guard at / 2 < rules.maximumEmptyLines else { throw rules.tooManyEmptyLines }
            guard at + 1 < bytes.byteCount else { return false }
            guard bytes[at + 1] == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
            start += 2
            position = start
            lineStart = start
        }
        return false
    }
}
