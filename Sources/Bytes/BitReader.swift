/// Why a bit read could not be served; positions are counted in bits.
@usableFromInline
package enum BitReaderError: Error, Equatable {
    case truncated(bit: Int, needed: Int, available: Int)
    /// An exp-Golomb code with more than 31 leading zeros: its value would pass the 2³²−2 that codecs allow.
    case codeTooLong(bit: Int)
}

/// A cursor over single bits, most significant first, as codec headers are written.
///
/// A failed read throws and leaves the cursor where it was.
@usableFromInline
package struct BitReader: ~Escapable {
    private let bytes: RawSpan

    /// Position of the next bit to be read.
    package private(set) var bit = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Bits not yet read.
    package var remaining: Int { bytes.byteCount * 8 - bit }

    /// An unsigned number of `count` bits; `count` is 0 to 64.
    package mutating func bits(_ count: Int) throws(BitReaderError) -> UInt64 {
        precondition((0...64).contains(count), "bit counts are constants of a codec, never input")
        guard count <= remaining else { throw .truncated(bit: bit, needed: count, available: remaining) }
        var value: UInt64 = 0
        var left = count
        while left > 0 {
            let inByte = 8 - (bit & 7)
            let taken = min(inByte, left)
            // Safe: `bit` is inside the span because `count` bits remain.
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: bit >> 3, as: UInt8.self)
            let chunk = (UInt64(byte) >> UInt64(inByte - taken)) & ((1 << UInt64(taken)) - 1)
            value = value << UInt64(taken) | chunk
            bit += taken
            left -= taken
        }
        return value
    }

    package mutating func flag() throws(BitReaderError) -> Bool { try bits(1) == 1 }

    package mutating func skip(_ count: Int) throws(BitReaderError) {
        guard count >= 0, count <= remaining else {
            throw .truncated(bit: bit, needed: count, available: remaining)
        }
        bit += count
    }

    /// Moves to the next byte boundary; stays where it is on one.
    package mutating func alignToByte() { bit = (bit + 7) & ~7 }

    /// `ue(v)` of ITU-T H.264 §9.1: 0 to 2³²−2.
    package mutating func ue() throws(BitReaderError) -> UInt32 {
        let start = bit
        var zeros = 0
        do throws(BitReaderError) {
            while try !flag() {
                zeros += 1
                if zeros > 31 { throw BitReaderError.codeTooLong(bit: start) }
            }
            let suffix = try bits(zeros)
            return UInt32((UInt64(1) << UInt64(zeros)) - 1 + suffix)
        } catch {
            bit = start
            throw error
        }
    }

    /// `se(v)` of ITU-T H.264 §9.1.1: 0, 1, −1, 2, −2, …
    package mutating func se() throws(BitReaderError) -> Int32 {
        let code = Int64(try ue())
        let magnitude = (code + 1) / 2
        return Int32(code % 2 == 0 ? -magnitude : magnitude)
    }
}
