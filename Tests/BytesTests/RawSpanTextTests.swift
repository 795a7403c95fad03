import Bytes
import Testing

/// What [1, 2, 3, 2] is compared with, and whether it is equal.
private let comparisons: [([UInt8], Bool)] = [
    ([1, 2, 3, 2], true), ([1, 2, 3], false), ([1, 2, 3, 3], false), ([], false), ([1, 2, 3, 2, 0], false),
]

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

    @Test("text goes to bytes and back, whatever its length", arguments: ["", "é", "smol", "longer than 15 bytes"])
    func text(_ text: String) {
        let bytes = Array(copying: text.rawSpan)
        let back = String(copying: text.rawSpan)
        #expect(bytes == Array(text.utf8))
        #expect(back == text)
    }

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
