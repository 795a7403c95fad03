import Bytes

/// Walks the members of a comma-separated list (`#element`, RFC 9110 §5.6.1): empty members are skipped, commas inside
/// quoted strings do not separate.
///
///     var members = ListCursor(value)
///     while let member = members.next() { … }
struct ListCursor: ~Escapable {
    private let bytes: RawSpan
    private let separator: UInt8
    private let quoting: Quoting
    private var position = 0

    enum Quoting {
        /// A backslash in quotes takes the next character with it (RFC 9110 §5.6.4).
        case strings
        /// A backslash in quotes is a character like any other (RFC 9110 §8.8.3).
        case entityTags
    }

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, separator: UInt8 = UInt8(ascii: ","), quoting: Quoting = .strings) {
        self.bytes = bytes
        self.separator = separator
        self.quoting = quoting
    }

    /// The next member that is not empty, without the space around it.
    @_lifetime(copy self)
    mutating func next() -> RawSpan? {
        while position < bytes.byteCount {
            let start = position
            let end = endOfMember()
            position = end + 1
            let member = bytes.extracting(start..<end).trimmed
            if !member.isEmpty { return member }
        }
        return nil
    }

    private func endOfMember() -> Int {
        var at = position
        var quoted = false
        while at < bytes.byteCount {
            let byte = bytes[at]
            if quoted {
                if byte == UInt8(ascii: "\\"), quoting == .strings { at += 1 }
                if byte == UInt8(ascii: "\"") { quoted = false }
            } else if byte == separator {
                return at
            } else if byte == UInt8(ascii: "\"") {
                quoted = true
            }
            at += 1
        }
        return bytes.byteCount
    }
}
