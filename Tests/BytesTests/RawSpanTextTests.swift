import Bytes
import Testing

/// What [1, 2, 3, 2] is compared with, and whether it is equal.
private let comparisons: [([UInt8], Bool)] = [
    ([1, 2, 3, 2], true), ([1, 2, 3], false), ([1, 2, 3, 3], false), ([], false), ([1, 2, 3, 2, 0], false),
]

/// Up to 15 bytes of a text lie in the text itself, more on the heap, and those of literals in the program.
private let texts =
    [
        "", "é", "smol", "fifteen bytes..", "sixteen bytes ..", "longer than 15 bytes", "日本語", "日本語日本", "日本語日本語",
        "a\u{301} not composed", String(repeating: "0123456789", count: 100),
    ].map { String(decoding: Array($0.utf8), as: UTF8.self) } + ["literal", "literal of sixteen bytes and more"]

private struct Refusal: Error, Equatable {
    let byteCount: Int
}

@Suite("RawSpan as text")
struct RawSpanTextTests {
    private let bytes: [UInt8] = [1, 2, 3, 2]

    @Test("a byte is found at or after the start, and nil where it is not")
    func firstIndex() {
        let found = [
            bytes.rawSpan.firstIndex(of: 2), bytes.rawSpan.firstIndex(of: 2, from: 1),
            bytes.rawSpan.firstIndex(of: 2, from: 2), bytes.rawSpan.firstIndex(of: 2, from: 4),
            bytes.rawSpan.firstIndex(of: 9),
        ]
        #expect(found == [1, 1, 3, nil, nil])
    }

    @Test("spans are equal where lengths and bytes are", arguments: comparisons)
    func equality(other: [UInt8], expected: Bool) {
        let equal = bytes.rawSpan.elementsEqual(other.rawSpan)
        #expect(equal == expected)
    }

    @Test("a text lends its code units, wherever they lie", arguments: texts)
    func text(_ text: String) {
        let bytes = text.withRawSpan { Array(copying: $0) }
        let back = text.withRawSpan { String(copying: $0) }
        #expect(bytes == Array(text.utf8))
        #expect(back.utf8.elementsEqual(text.utf8))
        #expect(SharedBytes(text).array == bytes)
        var writer = ByteWriter()
        writer.append(text: text)
        writer.append(text: text)
        #expect(Array(copying: writer.bytes) == bytes + bytes)
    }

    @Test("what is thrown with a text lent comes out as it was", arguments: texts)
    func thrown(text: String) {
        let refusal = Refusal(byteCount: text.utf8.count)
        #expect(throws: refusal) {
            try text.withRawSpan { bytes throws(Refusal) in throw Refusal(byteCount: bytes.byteCount) }
        }
        // Compiles where the type of the error is kept.
        do throws(Refusal) {
            let count = try text.withRawSpan { bytes throws(Refusal) in bytes.byteCount }
            #expect(count == text.utf8.count)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("bytes equal a text where they are its code units", arguments: texts)
    func equality(text: String) {
        let bytes = Array(text.utf8)
        #expect(equal(bytes, text))
        #expect(!equal(bytes + [0], text))
        for other in texts where other.utf8.count != bytes.count { #expect(!equal(bytes, other)) }
        for position in bytes.indices {
            var other = bytes
            other[position] ^= 1
            #expect(!equal(other, text))
        }
    }

    @Test("texts that only look the same have other bytes")
    func looks() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        #expect(!equal(Array(composed.utf8), decomposed))
    }

    // `#expect` cannot look into a call of a span.
    private func equal(_ bytes: [UInt8], _ text: String) -> Bool { bytes.rawSpan.equals(text: text) }

    @Test("a byte outside the span traps")
    func outside() async {
        await #expect(processExitsWith: .failure) {
            let bytes: [UInt8] = [1]
            _ = bytes.rawSpan[1]
        }
        await #expect(processExitsWith: .failure) {
            let bytes: [UInt8] = [1]
            _ = bytes.rawSpan[-1]
        }
    }
}
