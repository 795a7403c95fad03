/// Parts of one span, in order: what is wanted of a read, without what lies in between.
///
/// It is lent like the span. Not for what is kept: that is `SharedBytes`.
package struct SpanPieces: ~Escapable {
    package let bytes: RawSpan
    package let ranges: [Range<Int>]
    /// Bytes of all parts together.
    package let byteCount: Int

    /// Every range must lie within `bytes`.
    @_lifetime(copy bytes)
    package init(_ ranges: [Range<Int>], of bytes: RawSpan) {
        var count = 0
        for range in ranges {
            precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount, "a piece outside of its span")
            count += range.count
        }
        self.bytes = bytes
        self.ranges = ranges
        byteCount = count
    }

    /// All of `bytes` as one part.
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.bytes = bytes
        ranges = [0..<bytes.byteCount]
        byteCount = bytes.byteCount
    }
}
