package import Bytes

/// The masking of a client's payload (RFC 6455 §5.3), which can go on where an earlier piece ended.
package struct Mask: Sendable, Hashable {
    /// The four key bytes in the order of the wire, the first one in the highest bits.
    private let key: UInt32
    /// Bytes masked so far, modulo 4.
    private var phase: UInt8 = 0

    package init(key: UInt32) { self.key = key }

    /// Appends `bytes` to `output`, masked or unmasked: the operation is its own inverse.
    package mutating func append(_ bytes: RawSpan, to output: inout ByteWriter) {
        output.reserve(bytes.byteCount)
        let turned = phase == 0 ? key : key << UInt32(8 * phase) | key >> UInt32(32 - 8 * phase)
        let wide = UInt64(turned) << 32 | UInt64(turned)
        var position = 0
        while position <= bytes.byteCount - 8 {
            // The key was taken big-endian; words are read little-endian, so the key is turned to fit them.
            output.u64LE(bytes.word(at: position) ^ wide.byteSwapped)
            position += 8
        }
        while position < bytes.byteCount {
            output.u8(bytes[position] ^ UInt8(truncatingIfNeeded: wide >> UInt64(56 - 8 * (position & 7))))
            position += 1
        }
        phase = UInt8((Int(phase) + bytes.byteCount) & 3)
    }
}
