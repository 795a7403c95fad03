import Bytes

/// One of the 16,384 parts that the keys of a cluster fall into.
package struct RedisSlot: Hashable, Sendable {
    package static let count = 16_384

    package let number: UInt16

    /// Nil for what is not a slot.
    package init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = UInt16(number)
    }

    /// Where `key` is. What stands between its first `{` and the next `}` decides alone, unless that is nothing: keys
    /// share a slot where they share that tag.
    package init(of key: RawSpan) {
        var tag = 0..<key.byteCount
        if let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key.firstIndex(of: UInt8(ascii: "}"), from: open + 1), close > open + 1
        {
            tag = (open + 1)..<close
        }
        var sum: UInt16 = 0
        for position in tag { Self.add(key[position], to: &sum) }
        number = sum % UInt16(Self.count)
    }

    /// CRC-16/XMODEM: the polynomial is 0x1021, nothing is reflected, all begins with 0.
    private static func add(_ byte: UInt8, to sum: inout UInt16) {
        var mixed = sum >> 8 ^ UInt16(byte)
        mixed ^= mixed >> 4
        // The polynomial's terms, for all eight bits at once.
        sum = sum << 8 ^ mixed << 12 ^ mixed << 5 ^ mixed
    }
}
