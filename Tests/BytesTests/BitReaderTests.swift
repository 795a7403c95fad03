import Bytes
import Testing

/// The bits of `text`, "1" and "0", filled up with ones to whole bytes.
private func packed(_ text: String) -> [UInt8] {
    let bits = text.filter { $0 != " " }.map { $0 == "1" }
    let padded = bits + Array(repeating: true, count: (8 - bits.count % 8) % 8)
    return stride(from: 0, to: padded.count, by: 8).map { start in
        padded[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
    }
}

private let zeros31 = String(repeating: "0", count: 31)

/// Table 9-2 of ITU-T H.264 and the ends of the range.
private let unsignedCodes: [(String, UInt32)] = [
    ("1", 0), ("010", 1), ("011", 2), ("00100", 3), ("00101", 4), ("00110", 5), ("00111", 6),
    ("0001000", 7), ("0001010", 9), ("000000001 00000000", 255),
    (zeros31 + "1" + zeros31, 2_147_483_647),
    (zeros31 + "1" + String(repeating: "1", count: 31), 4_294_967_294),
]

/// Table 9-3 of ITU-T H.264 and the ends of the range.
private let signedCodes: [(String, Int32)] = [
    ("1", 0), ("010", 1), ("011", -1), ("00100", 2), ("00101", -2), ("00110", 3), ("00111", -3),
    (zeros31 + "1" + String(repeating: "1", count: 30) + "0", 2_147_483_647),
    (zeros31 + "1" + String(repeating: "1", count: 31), -2_147_483_647),
]

@Suite("BitReader")
struct BitReaderTests {
    @Test("bits come most significant first, across bytes, 0 to 64 at a time")
    func bits() throws {
        let bytes: [UInt8] = [0b1010_0110, 0xFF, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]
        var reader = BitReader(bytes.rawSpan)
        #expect(try reader.bits(0) == 0)
        #expect(try reader.flag())
        #expect(try reader.bits(3) == 0b010)
        #expect(try reader.bits(12) == 0x6FF)
        #expect(try reader.bits(64) == 0x0123_4567_89AB_CDEF)
        #expect(reader.remaining == 0)
    }

    @Test("an exp-Golomb code has the value that H.264 gives it", arguments: unsignedCodes)
    func unsignedGolomb(code: String, value: UInt32) throws {
        let bytes = packed(code)
        var reader = BitReader(bytes.rawSpan)
        #expect(try reader.ue() == value)
        #expect(reader.bit == code.filter { $0 != " " }.count)
    }

    @Test("a signed exp-Golomb code alternates 0, 1, -1, 2, -2", arguments: signedCodes)
    func signedGolomb(code: String, value: Int32) throws {
        let bytes = packed(code)
        var reader = BitReader(bytes.rawSpan)
        #expect(try reader.se() == value)
    }

    @Test("a code with 32 leading zeros is too long, wherever it starts, and the cursor stays")
    func overlongCode() throws {
        let bytes = packed("101" + String(repeating: "0", count: 32) + "1" + String(repeating: "0", count: 40))
        var reader = BitReader(bytes.rawSpan)
        _ = try reader.bits(3)
        var failures: [BitReaderError] = []
        do throws(BitReaderError) { _ = try reader.ue() } catch { failures.append(error) }
        do throws(BitReaderError) { _ = try reader.se() } catch { failures.append(error) }
        #expect(failures == [.codeTooLong(bit: 3), .codeTooLong(bit: 3)])
        #expect(reader.bit == 3)
    }

    @Test("a code cut short anywhere throws and leaves the cursor", arguments: 0..<8)
    func truncatedCode(zeroBytes: Int) {
        // Up to three bytes of zeros are a prefix without its one; with `01` behind, the suffix is missing.
        let bytes = Array(repeating: UInt8(0), count: zeroBytes % 4) + (zeroBytes >= 4 ? [1] : [])
        var reader = BitReader(bytes.rawSpan)
        let zeros = bytes.count * 8 - (zeroBytes >= 4 ? 1 : 0)
        let expected: BitReaderError =
            if zeroBytes >= 4 {
                .truncated(bit: bytes.count * 8, needed: zeros, available: 0)
            } else {
                .truncated(bit: bytes.count * 8, needed: 1, available: 0)
            }
        var failure: BitReaderError?
        do throws(BitReaderError) { _ = try reader.ue() } catch { failure = error }
        #expect(failure == expected)
        #expect(reader.bit == 0)
    }

    @Test("bits beyond the end throw at every count, and the cursor stays", arguments: 1...64)
    func truncatedBits(count: Int) throws {
        let bytes = Array(repeating: UInt8(0xFF), count: 9)
        var reader = BitReader(bytes.rawSpan)
        try reader.skip(72 - count + 1)
        var failure: BitReaderError?
        do throws(BitReaderError) { _ = try reader.bits(count) } catch { failure = error }
        #expect(failure == .truncated(bit: 73 - count, needed: count, available: count - 1))
        #expect(reader.bit == 73 - count)
        #expect(reader.remaining == count - 1)
    }

    @Test("alignment moves to the next byte boundary, and stays on one")
    func alignment() throws {
        let bytes: [UInt8] = [0, 0]
        var reader = BitReader(bytes.rawSpan)
        reader.alignToByte()
        #expect(reader.bit == 0)
        _ = try reader.flag()
        reader.alignToByte()
        #expect(reader.bit == 8)
        _ = try reader.bits(7)
        reader.alignToByte()
        #expect(reader.bit == 16)
        #expect(reader.remaining == 0)
    }

    @Test("a skip backwards or past the end throws", arguments: [-1, 17, Int.min, Int.max])
    func skips(count: Int) {
        let bytes: [UInt8] = [0, 0]
        var reader = BitReader(bytes.rawSpan)
        var failure: BitReaderError?
        do throws(BitReaderError) { try reader.skip(count) } catch { failure = error }
        #expect(failure == .truncated(bit: 0, needed: count, available: 16))
        #expect(reader.bit == 0)
    }
}
