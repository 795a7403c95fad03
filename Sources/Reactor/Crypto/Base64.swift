import Bytes
import COpenSSL

/// Base64 with the standard alphabet and padding (RFC 4648 §4).
package enum Base64 {
    package static func encode(_ bytes: RawSpan) -> String {
        String(unsafeUninitializedCapacity: (bytes.byteCount + 2) / 3 * 4 + 1) { text in
            bytes.withUnsafeBytes { source in
                // Safe: EVP_EncodeBlock writes four characters per started three bytes, and a zero.
                Int(
                    EVP_EncodeBlock(
                        text.baseAddress, source.bindMemory(to: UInt8.self).baseAddress, Int32(source.count)))
            }
        }
    }

    /// The bytes behind `text`, or nil where it is not exactly what `encode` writes for them.
    ///
    /// Strict on purpose: no white space, no missing padding, no stray bits behind the last byte.
    package static func decode(_ text: String) -> [UInt8]? { text.withRawSpan { decode($0) } }

    private static func decode(_ source: RawSpan) -> [UInt8]? {
        guard source.byteCount % 4 == 0 else { return nil }
        guard source.byteCount > 0 else { return [] }
        var padding = 0
        while padding < 2, source[source.byteCount - 1 - padding] == UInt8(ascii: "=") { padding += 1 }
        var writer = ByteWriter(capacity: source.byteCount / 4 * 3)
        var bits: UInt32 = 0
        for position in 0..<source.byteCount {
            let isPadding = position >= source.byteCount - padding
            guard let value = isPadding ? 0 : value(of: source[position]) else { return nil }
            bits = bits << 6 | value
            if position % 4 == 3 {
                writer.u24(bits)
                bits = 0
            }
        }
        let decoded = writer.bytes
        let count = decoded.byteCount - padding
        for position in count..<decoded.byteCount where decoded[position] != 0 { return nil }
        return Array(copying: decoded.extracting(0..<count))
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
