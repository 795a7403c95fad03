import Bytes

/// A set of ASCII characters, one bit each; bytes from 0x80 up are never members.
struct CharacterSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    /// The letters and digits, and each character of `others`, which must be ASCII.
    init(alphanumericsAnd others: StaticString) {
        var low: UInt64 = 0x03FF_0000_0000_0000
        var high: UInt64 = 0x07FF_FFFE_07FF_FFFE
        let bytes = others.rawSpan
        for position in 0..<bytes.byteCount {
            let byte = bytes[position]
            precondition(byte < 0x80, "a character set is ASCII")
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        self.low = low
        self.high = high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return (word >> UInt64(byte & 0x3F)) & UInt64(~byte >> 7) != 0
    }

    /// Whether `bytes` has at least one byte and every one is a member.
    func matches(_ bytes: RawSpan) -> Bool {
        guard !bytes.isEmpty else { return false }
        for position in 0..<bytes.byteCount where !contains(bytes[position]) { return false }
        return true
    }
}

extension CharacterSet {
    /// `tchar` of RFC 9110 §5.6.2: methods, field names, and most parameters.
    static let token = CharacterSet(alphanumericsAnd: "!#$%&'*+-.^_`|~")

    /// `reg-name` of RFC 3986 §3.2.2 without percent-encoding.
    static let registeredName = CharacterSet(alphanumericsAnd: "-._~!$&'()*+,;=")

    /// `pchar` of RFC 3986 §3.3 without percent-encoding: what a path segment shows as it is.
    static let pathSegment = CharacterSet(alphanumericsAnd: "-._~!$&'()*+,;=:@")

    /// What a query name or value shows as it is: `pchar`, `/` and `?` without the characters that mean something
    /// there.
    static let queryText = CharacterSet(alphanumericsAnd: "-._~!$'()*,;:@/?")

    /// Every visible character, percent signs included: what is left alone in a URL that somebody else has encoded.
    static let visible = CharacterSet(alphanumericsAnd: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
}
