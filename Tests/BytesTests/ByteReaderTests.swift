import Bytes
import Testing

private let sample: [UInt8] = [0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xF8]

/// One integer read: how wide it is and what it makes of `sample`.
struct IntegerRead: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let width: Int
    let value: UInt64
    let read: @Sendable (inout ByteReader) throws(ByteReaderError) -> UInt64

    init(
        _ name: String,
        _ width: Int,
        _ value: UInt64,
        _ read: @escaping @Sendable (inout ByteReader) throws(ByteReaderError) -> UInt64
    ) {
        testDescription = name
        self.width = width
        self.value = value
        self.read = read
    }
}

private let integerReads: [IntegerRead] = [
    IntegerRead("u8", 1, 0x81) { (reader) throws(ByteReaderError) in UInt64(try reader.u8()) },
    IntegerRead("u16", 2, 0x8102) { (reader) throws(ByteReaderError) in UInt64(try reader.u16()) },
    IntegerRead("u24", 3, 0x810203) { (reader) throws(ByteReaderError) in UInt64(try reader.u24()) },
    IntegerRead("u32", 4, 0x8102_0304) { (reader) throws(ByteReaderError) in UInt64(try reader.u32()) },
    IntegerRead("u64", 8, 0x8102_0304_0506_07F8) { (reader) throws(ByteReaderError) in try reader.u64() },
    IntegerRead("u16LE", 2, 0x0281) { (reader) throws(ByteReaderError) in UInt64(try reader.u16LE()) },
    IntegerRead("u24LE", 3, 0x030281) { (reader) throws(ByteReaderError) in UInt64(try reader.u24LE()) },
    IntegerRead("u32LE", 4, 0x0403_0281) { (reader) throws(ByteReaderError) in UInt64(try reader.u32LE()) },
    IntegerRead("u64LE", 8, 0xF807_0605_0403_0281) { (reader) throws(ByteReaderError) in try reader.u64LE() },
    IntegerRead("f64", 8, 0x8102_0304_0506_07F8) { (reader) throws(ByteReaderError) in try reader.f64().bitPattern },
]

@Suite("ByteReader")
struct ByteReaderTests {
    @Test("an integer has the value its byte order says, and moves the cursor by its width", arguments: integerReads)
    func integers(_ integer: IntegerRead) throws {
        var reader = ByteReader(sample.rawSpan)
        let value = try integer.read(&reader)
        #expect(value == integer.value)
        #expect(reader.offset == integer.width)
        #expect(reader.remaining == sample.count - integer.width)
    }

    @Test("an integer cut short at any length throws and leaves the cursor", arguments: integerReads)
    func truncatedIntegers(_ integer: IntegerRead) {
        for available in 0..<integer.width {
            // A byte in front: the offset in the error counts from the start, not from the cursor.
            let short = [0] + sample.prefix(available)
            var reader = ByteReader(short.rawSpan)
            var failure: ByteReaderError?
            do throws(ByteReaderError) {
                try reader.skip(1)
                _ = try integer.read(&reader)
            } catch {
                failure = error
            }
            #expect(failure == .truncated(offset: 1, needed: integer.width, available: available))
            #expect(reader.offset == 1)
        }
    }

    @Test("a run of bytes is borrowed from the same memory, and only if all of it is there")
    func runs() throws {
        var reader = ByteReader(sample.rawSpan)
        #expect(Array(copying: try reader.take(0)) == [])
        #expect(Array(copying: try reader.take(3)) == [0x81, 0x02, 0x03])
        var failure: ByteReaderError?
        do throws(ByteReaderError) { _ = try reader.take(6) } catch { failure = error }
        #expect(failure == .truncated(offset: 3, needed: 6, available: 5))
        #expect(reader.offset == 3)
        #expect(Array(copying: reader.rest()) == Array(sample[3...]))
        #expect(reader.remaining == 0)
        #expect(reader.rest().byteCount == 0)
    }

    @Test("a negative length, as a hostile subtraction yields it, throws", arguments: [-1, Int.min])
    func negativeLength(_ count: Int) {
        var reader = ByteReader(sample.rawSpan)
        var failures: [ByteReaderError] = []
        do throws(ByteReaderError) { try reader.skip(count) } catch { failures.append(error) }
        do throws(ByteReaderError) { _ = try reader.take(count) } catch { failures.append(error) }
        do throws(ByteReaderError) { _ = try reader.string(count) } catch { failures.append(error) }
        let expected = ByteReaderError.truncated(offset: 0, needed: count, available: sample.count)
        #expect(failures == [expected, expected, expected])
        #expect(reader.offset == 0)
    }

    @Test("a length near Int.max does not wrap around the bounds check")
    func hugeLength() throws {
        var reader = ByteReader(sample.rawSpan)
        try reader.skip(4)
        var failure: ByteReaderError?
        do throws(ByteReaderError) { try reader.skip(.max) } catch { failure = error }
        #expect(failure == .truncated(offset: 4, needed: .max, available: 4))
    }

    @Test("a peek sees what is ahead, nil past the end, and moves nothing")
    func peek() throws {
        var reader = ByteReader(sample.rawSpan)
        try reader.skip(6)
        #expect(reader.peek() == 0x07)
        #expect(reader.peek(1) == 0xF8)
        #expect(reader.peek(2) == nil)
        #expect(reader.peek(-1) == nil)
        #expect(reader.peek(.max) == nil)
        #expect(reader.offset == 6)
    }

    @Test("text with invalid UTF-8 is repaired, not refused")
    func text() throws {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0xA9]
        var reader = ByteReader(bytes.rawSpan)
        #expect(try reader.string(4) == "a\u{FFFD}é")
    }
}
