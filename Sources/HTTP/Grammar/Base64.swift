import Bytes

/// Base64 with the standard alphabet and padding (RFC 4648 §4).
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    private static let letters = CharacterSet(alphanumericsAnd: "+/")

    static func append(_ bytes: RawSpan, to output: inout ByteWriter) {
        let alphabet = alphabet.rawSpan
        var position = 0
        while position < bytes.byteCount {
            let count = min(3, bytes.byteCount - position)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? UInt32(bytes[position + offset]) : 0)
            }
            for offset in 0..<4 {
                let index = Int(group >> UInt32(18 - 6 * offset)) & 63
                output.u8(offset <= count ? alphabet[index] : UInt8(ascii: "="))
            }
            position += 3
        }
    }

    /// Whether `text` is what 16 bytes encode to: 22 letters and two signs of padding.
    static func isSixteenBytes(_ text: RawSpan) -> Bool {
        text.byteCount == 24 && letters.matches(text.extracting(0..<22)) && text.extracting(22..<24).equals("==")
    }
}
