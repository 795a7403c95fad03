import Bytes

/// A `BitReader` that checks ranges and whose errors are those of codec configurations.
struct FieldReader: ~Escapable {
    private var reader: BitReader

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { reader = BitReader(bytes) }

    /// Position of the next bit.
    var bit: Int { reader.bit }
    var remaining: Int { reader.remaining }

    mutating func bits(_ count: Int) throws(ConfigurationError) -> UInt64 {
        do { return try reader.bits(count) } catch { throw ConfigurationError(error) }
    }

    mutating func flag() throws(ConfigurationError) -> Bool { try bits(1) == 1 }
    mutating func int(_ count: Int) throws(ConfigurationError) -> Int { Int(try bits(count)) }
    mutating func u8() throws(ConfigurationError) -> UInt8 { UInt8(try bits(8)) }
    mutating func u32() throws(ConfigurationError) -> UInt32 { UInt32(try bits(32)) }

    mutating func skip(_ count: Int) throws(ConfigurationError) {
        do { try reader.skip(count) } catch { throw ConfigurationError(error) }
    }

    mutating func alignToByte() { reader.alignToByte() }

    /// `ue(v)` of at most `maximum`.
    @discardableResult
    mutating func ue(atMost maximum: UInt32 = .max) throws(ConfigurationError) -> Int {
        let start = reader.bit
        let value: UInt32
        do { value = try reader.ue() } catch { throw ConfigurationError(error) }
        guard value <= maximum else { throw .outOfRange(bit: start, value: UInt64(value)) }
        return Int(value)
    }

    /// `se(v)`.
    @discardableResult
    mutating func se() throws(ConfigurationError) -> Int {
        do { return Int(try reader.se()) } catch { throw ConfigurationError(error) }
    }

    /// Where the next `count` bytes lie, which are passed; the reader stands on a byte boundary.
    mutating func byteRange(_ count: Int) throws(ConfigurationError) -> Range<Int> {
        precondition(bit & 7 == 0, "runs of bytes begin on a byte boundary")
        let start = bit / 8
        try skip(count * 8)
        return start..<(start + count)
    }
}

extension ConfigurationError {
    fileprivate init(_ error: BitReaderError) {
        switch error {
        case .truncated(let bit, let needed, let available):
            self = .truncated(bit: bit, needed: needed, available: available)
        case .codeTooLong(let bit): self = .codeTooLong(bit: bit)
        }
    }
}
