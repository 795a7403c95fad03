import Bytes

extension UInt8 {
    /// The letter in lower case; other characters as they are.
    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// The value of a hexadecimal digit.
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// A space or a horizontal tab: `OWS` of RFC 9110 §5.6.3.
    @inline(__always)
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}

extension RawSpan {
    /// Equal but for the case of ASCII letters, which is how names and most keywords of HTTP compare.
    package func equalsIgnoringCase(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for position in 0..<byteCount where self[position] != other[position] {
            guard self[position].lowercased == other[position].lowercased else { return false }
        }
        return true
    }

    package func equalsIgnoringCase(_ literal: StaticString) -> Bool { equalsIgnoringCase(literal.rawSpan) }

    package func equals(_ literal: StaticString) -> Bool { elementsEqual(literal.rawSpan) }

    package func hasPrefix(_ literal: StaticString) -> Bool {
        let prefix = literal.rawSpan
        return byteCount >= prefix.byteCount && extracting(first: prefix.byteCount).elementsEqual(prefix)
    }

    /// Without spaces and tabs at both ends.
    var trimmed: RawSpan {
        @_lifetime(copy self)
        get {
            var start = 0
            var end = byteCount
            while start < end, self[start].isBlank { start += 1 }
            while end > start, self[end - 1].isBlank { end -= 1 }
            return extracting(start..<end)
        }
    }

    /// The digits as a number; nil where there are none, something else, or more than `Int` holds.
    var decimal: Int? {
        guard !isEmpty else { return nil }
        var value = 0
        for position in 0..<byteCount {
            guard self[position].isDigit else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(self[position] &- 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
