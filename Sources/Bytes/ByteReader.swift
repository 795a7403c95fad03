/// Why a read could not be served; offsets are counted from the start of the reader's bytes.
@usableFromInline
package enum ByteReaderError: Error, Equatable {
    /// The reader stood at `offset`, wanted `needed` bytes, and had `available`.
    case truncated(offset: Int, needed: Int, available: Int)
}

/// A bounds-checked cursor over borrowed bytes.
///
/// Integers are big-endian unless the name says `LE`. A failed read throws and leaves the cursor where it was. For
/// input that arrives in pieces collect it in a `ByteQueue` first: a short read here is an error, not "wait for more".
@usableFromInline
package struct ByteReader: ~Escapable {
    @usableFromInline let bytes: RawSpan

    /// Position of the next byte to be read.
    @usableFromInline package internal(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Bytes not yet read.
    @inlinable package var remaining: Int { bytes.byteCount - offset }

    @inlinable package var isAtEnd: Bool { remaining == 0 }

    /// Moves the cursor `count` bytes on and returns where it stood.
    @inlinable
    mutating func advance(_ count: Int) throws(ByteReaderError) -> Int {
        guard count >= 0, count <= remaining else {
            throw .truncated(offset: offset, needed: count, available: remaining)
        }
        let start = offset
        offset = start + count
        return start
    }

    /// A fixed-width integer as it lies in memory.
    @inlinable
    mutating func raw<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws(ByteReaderError) -> T {
        let start = try advance(MemoryLayout<T>.size)
        // Safe: `advance` has checked that the value lies inside `bytes`; an integer accepts every bit pattern.
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: T.self)
    }
}

// MARK: - Integers

extension ByteReader {
    @inlinable package mutating func u8() throws(ByteReaderError) -> UInt8 { try raw(UInt8.self) }
    @inlinable package mutating func u16() throws(ByteReaderError) -> UInt16 { UInt16(bigEndian: try raw(UInt16.self)) }
    @inlinable package mutating func u32() throws(ByteReaderError) -> UInt32 { UInt32(bigEndian: try raw(UInt32.self)) }
    @inlinable package mutating func u64() throws(ByteReaderError) -> UInt64 { UInt64(bigEndian: try raw(UInt64.self)) }

    @inlinable
    package mutating func u16LE() throws(ByteReaderError) -> UInt16 { UInt16(littleEndian: try raw(UInt16.self)) }
    @inlinable
    package mutating func u32LE() throws(ByteReaderError) -> UInt32 { UInt32(littleEndian: try raw(UInt32.self)) }
    @inlinable
    package mutating func u64LE() throws(ByteReaderError) -> UInt64 { UInt64(littleEndian: try raw(UInt64.self)) }

    /// A 24-bit big-endian integer.
    @inlinable
    package mutating func u24() throws(ByteReaderError) -> UInt32 {
        let start = try advance(3)
        return UInt32(byte(at: start)) << 16 | UInt32(byte(at: start + 1)) << 8 | UInt32(byte(at: start + 2))
    }

    /// A 24-bit little-endian integer.
    @inlinable
    package mutating func u24LE() throws(ByteReaderError) -> UInt32 {
        let start = try advance(3)
        return UInt32(byte(at: start)) | UInt32(byte(at: start + 1)) << 8 | UInt32(byte(at: start + 2)) << 16
    }

    /// A big-endian IEEE 754 double.
    @inlinable package mutating func f64() throws(ByteReaderError) -> Double { Double(bitPattern: try u64()) }

    @inlinable
    func byte(at position: Int) -> UInt8 {
        // Safe: callers pass positions that `advance` or a bounds check has just covered.
        unsafe bytes.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
    }
}

// MARK: - Runs of bytes

extension ByteReader {
    /// The next `count` bytes, borrowed from the same memory.
    @_lifetime(copy self)
    @inlinable
    package mutating func take(_ count: Int) throws(ByteReaderError) -> RawSpan {
        let start = try advance(count)
        return bytes.extracting(start..<(start + count))
    }

    /// All bytes not yet read.
    @_lifetime(copy self)
    @inlinable
    package mutating func rest() -> RawSpan {
        let start = offset
        offset = bytes.byteCount
        return bytes.extracting(start..<bytes.byteCount)
    }

    @inlinable package mutating func skip(_ count: Int) throws(ByteReaderError) { _ = try advance(count) }

    /// The byte `ahead` positions after the cursor, or nil past the end; the cursor stays.
    @inlinable
    package func peek(_ ahead: Int = 0) -> UInt8? {
        guard ahead >= 0, ahead < remaining else { return nil }
        return byte(at: offset + ahead)
    }

    /// The next `count` bytes as text, invalid UTF-8 repaired.
    package mutating func string(_ count: Int) throws(ByteReaderError) -> String {
        String(copying: try take(count))
    }
}
