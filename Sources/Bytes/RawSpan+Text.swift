extension RawSpan {
    /// The byte at `position`, which must lie inside the span.
    @inlinable
    package subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < byteCount, "byte outside the span")
        // Safe: checked on the line above.
        return unsafe unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
    }

    @inlinable
    package func elementsEqual(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for position in 0..<byteCount where self[position] != other[position] { return false }
        return true
    }

    /// Whether the bytes are the UTF-8 code units of `text`: texts that only look the same are not.
    @inlinable
    package func equals(text: String) -> Bool { text.withRawSpan { elementsEqual($0) } }

    /// Position of the first `byte` at or after `start`.
    @inlinable
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var position = start
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        while position <= byteCount - 8 {
            let difference = word(at: position) ^ pattern
            let marks = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if marks != 0 { return position + marks.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < byteCount {
            if self[position] == byte { return position }
            position += 1
        }
        return nil
    }
}

extension String {
    /// The bytes as text, invalid UTF-8 repaired.
    package init(copying bytes: RawSpan) {
        // Safe: the buffer is used only inside the closure.
        self = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension Array where Element == UInt8 {
    package init(copying bytes: RawSpan) {
        // Safe: the buffer is used only inside the closure.
        self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
}

extension Array where Element == UInt8 {
    /// The elements, borrowed.
    @inlinable
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safe: a byte has no padding that could be read uninitialised.
            unsafe span.bytes
        }
    }
}

extension String {
    /// Lends the UTF-8 code units to `body`, without copying them.
    ///
    /// A closure, not a span that is borrowed from the text: up to 15 bytes lie in the text itself, on the stack, and
    /// the optimizer of Swift 6.3 drops that dependence where the getter comes out of another module. It then frees the
    /// stack before the span's last use.
    @inlinable
    package func withRawSpan<Result, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        func lend(_ units: UnsafeBufferPointer<UInt8>) -> Swift.Result<Result, Failure> {
            // Safe: the span does not leave the call, and the text keeps its code units where they are for as long.
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(units))
            do throws(Failure) { return .success(try body(span)) } catch { return .failure(error) }
        }
        guard let result = unsafe utf8.withContiguousStorageIfAvailable(lend) else {
            preconditionFailure("every text is native where there is no Objective-C")
        }
        return try result.get()
    }
}
