import Bytes

/// Reads the AMF values of one message, one after the other: AMF0, AMF3, and AMF3 inside of AMF0.
///
/// A reference yields the value that it names; one to an object that is still open is an error, so values are trees.
/// The tables that references point into are those of the whole message. After an error nothing more can be read.
package struct AMFReader: ~Escapable {
    var input: ByteReader
    var budget: AMFBudget
    /// AMF0's objects and arrays.
    var objects = AMFReferences<AMF0Value>()
    /// AMF3's tables.
    var texts3: [AMFString] = []
    var objects3 = AMFReferences<AMF3Value>()
    var traits3: [AMF3Traits] = []

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan, limits: AMFLimits = AMFLimits()) {
        input = ByteReader(bytes)
        budget = AMFBudget(limits: limits)
    }

    /// Whether all values were read.
    package var isAtEnd: Bool { input.isAtEnd }

    /// Where the next value begins.
    package var offset: Int { input.offset }
}

// MARK: - Bytes of the message

extension AMFReader {
    mutating func u8() throws(AMFError) -> UInt8 {
        do { return try input.u8() } catch { throw .truncated(offset: input.offset) }
    }

    mutating func u16() throws(AMFError) -> UInt16 {
        do { return try input.u16() } catch { throw .truncated(offset: input.offset) }
    }

    mutating func u32() throws(AMFError) -> UInt32 {
        do { return try input.u32() } catch { throw .truncated(offset: input.offset) }
    }

    mutating func f64() throws(AMFError) -> Double {
        do { return try input.f64() } catch { throw .truncated(offset: input.offset) }
    }

    /// The next `count` bytes, charged to the budget.
    @_lifetime(copy self)
    mutating func take(_ count: Int) throws(AMFError) -> RawSpan {
        try require(count)
        try budget.add(bytes: count)
        do { return try input.take(count) } catch { throw .truncated(offset: input.offset) }
    }

    mutating func text(_ count: Int) throws(AMFError) -> AMFString { AMFString(copying: try take(count)) }

    /// At least `count` bytes are to come: an announced length is believed only as far as the message goes.
    func require(_ count: Int) throws(AMFError) {
        guard count <= input.remaining else { throw .truncated(offset: input.offset + input.remaining) }
    }
}
