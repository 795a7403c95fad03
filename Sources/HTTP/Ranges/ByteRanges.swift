package import Bytes

/// What a `Range` field (RFC 9110 §14) means for a representation of known length.
package enum ByteRanges: Sendable, Hashable {
    /// Send it whole, with 200: no range was asked for, or one that may be ignored.
    case whole
    /// 206 with `Content-Range`.
    case single(Range<Int>)
    /// 206 as `multipart/byteranges`; at least two, not overlapping, in the order asked for where that was possible.
    case multiple([Range<Int>])
    /// 416 with `Content-Range: bytes */length`.
    case unsatisfiable

    /// Reads the value of `Range` for a representation of `length` bytes.
    ///
    /// A unit other than bytes, broken syntax, and more than `maximumCount` ranges are ignored, as §14.2 allows.
    /// Overlapping and touching ranges are joined, so that nobody can ask for more than the whole.
    package init(_ value: RawSpan, length: Int, maximumCount: Int = 16) {
        guard value.byteCount > 6, value.extracting(0..<6).equalsIgnoringCase("bytes=") else {
            self = .whole
            return
        }
        var ranges: [Range<Int>] = []
        var single: Range<Int>?
        var asked = 0
        var members = ListCursor(value.extracting(droppingFirst: 6))
        while let member = members.next() {
            asked += 1
            guard asked <= maximumCount, let specification = Specification(member) else {
                self = .whole
                return
            }
            guard let range = specification.range(in: length) else { continue }
            if single == nil {
                single = range
            } else {
                if ranges.isEmpty, let single { ranges.append(single) }
                ranges.append(range)
            }
        }
        guard let single else {
            self = asked == 0 ? .whole : .unsatisfiable
            return
        }
        self = ranges.isEmpty ? .single(single) : Self.joined(ranges)
    }

    private static func joined(_ ranges: [Range<Int>]) -> ByteRanges {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        if merged.count == 1 { return .single(merged[0]) }
        return .multiple(merged.count == ranges.count ? ranges : merged)
    }
}

/// One member of the list: `first-last`, `first-`, or `-suffix`.
private enum Specification {
    case from(Int, through: Int)
    case suffix(Int)

    init?(_ text: RawSpan) {
        guard let dash = text.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        let left = text.extracting(0..<dash)
        let right = text.extracting((dash + 1)..<text.byteCount)
        if left.isEmpty {
            guard let count = Self.number(right) else { return nil }
            self = .suffix(count)
            return
        }
        guard let first = Self.number(left) else { return nil }
        guard let last = right.isEmpty ? Int.max : Self.number(right), last >= first else { return nil }
        self = .from(first, through: last)
    }

    /// Digits of any number; what is too large for `Int` is larger than any file (RFC 9110 §14.1.1).
    private static func number(_ digits: RawSpan) -> Int? {
        guard !digits.isEmpty else { return nil }
        for position in 0..<digits.byteCount where !digits[position].isDigit { return nil }
        return digits.decimal ?? Int.max
    }

    /// Nil where it lies outside the representation.
    func range(in length: Int) -> Range<Int>? {
        switch self {
        case .from(let first, let last):
            first < length ? first..<(min(last, length - 1) + 1) : nil
        case .suffix(let count):
            count > 0 && length > 0 ? max(0, length - count)..<length : nil
        }
    }
}

extension ByteRanges {
    /// Writes the value of `Content-Range` for `range` of `length` bytes, or for none of them (416).
    package static func appendContentRange(_ range: Range<Int>?, of length: Int, to output: inout ByteWriter) {
        output.append("bytes ")
        if let range, !range.isEmpty {
            output.append(decimal: range.lowerBound)
            output.u8(UInt8(ascii: "-"))
            output.append(decimal: range.upperBound - 1)
        } else {
            output.u8(UInt8(ascii: "*"))
        }
        output.u8(UInt8(ascii: "/"))
        output.append(decimal: length)
    }
}
