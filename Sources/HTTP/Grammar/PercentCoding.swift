import Bytes

/// Percent-encoding (RFC 3986 §2.1), undone exactly once.
enum PercentCoding {
    /// The byte that the triplet at `position` stands for; `bytes[position]` is the percent sign.
    static func decode(_ bytes: RawSpan, at position: Int) -> UInt8? {
        guard position + 2 < bytes.byteCount else { return nil }
        guard let high = bytes[position + 1].hexValue, let low = bytes[position + 2].hexValue else { return nil }
        return high << 4 | low
    }

    /// Writes `bytes` with everything outside `plain` percent-encoded, in capitals as RFC 3986 §2.1 asks.
    static func encode(_ bytes: RawSpan, keeping plain: CharacterSet, to output: inout ByteWriter) {
        for position in 0..<bytes.byteCount {
            let byte = bytes[position]
            if plain.contains(byte) {
                output.u8(byte)
            } else {
                output.u8(UInt8(ascii: "%"))
                output.u8(digit(byte >> 4))
                output.u8(digit(byte & 15))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
