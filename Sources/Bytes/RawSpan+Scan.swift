// Eight bytes at a time in one integer: found to be as fast here as vector code, and the same on every machine.

extension RawSpan {
    /// The eight bytes at `position`, the first one least significant; they must lie inside the span.
    @inlinable
    package func word(at position: Int) -> UInt64 {
        precondition(position >= 0 && position <= byteCount - 8, "word outside the span")
        // Safe: checked on the line above; an integer accepts every bit pattern.
        return UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self))
    }

    /// Position of the first control character (0x00 to 0x1F, 0x7F) at or after `start`.
    @inlinable
    package func firstControl(from start: Int) -> Int? {
        var position = start
        while position <= byteCount - 8 {
            let bytes = word(at: position)
            // The lowest mark is exact: a borrow only spoils the bytes above one that is really marked.
            let below = (bytes &- 0x2020_2020_2020_2020) & ~bytes
            let delete = bytes ^ 0x7F7F_7F7F_7F7F_7F7F
            let marks = (below | ((delete &- 0x0101_0101_0101_0101) & ~delete)) & 0x8080_8080_8080_8080
            if marks != 0 { return position + marks.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < byteCount {
            let byte = self[position]
            if byte < 0x20 || byte == 0x7F { return position }
            position += 1
        }
        return nil
    }

    /// Whether every byte is below 0x80.
    @inlinable
    package var isASCII: Bool {
        var position = 0
        while position <= byteCount - 8 {
            if word(at: position) & 0x8080_8080_8080_8080 != 0 { return false }
            position += 8
        }
        while position < byteCount {
            if self[position] >= 0x80 { return false }
            position += 1
        }
        return true
    }
}

extension StaticString {
    /// The bytes of the literal, which live as long as the program.
    @inlinable
    package var rawSpan: RawSpan {
        @_lifetime(immortal)
        get {
            // Safe: the literal's memory is never freed and never written.
            let raw = unsafe UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: raw), copying: ())
        }
    }
}

extension Array where Element == UInt8 {
    /// Adds a copy of `bytes` at the end.
    @inlinable
    package mutating func append(copying bytes: RawSpan) {
        // Safe: the buffer is used only inside the closure.
        unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}
