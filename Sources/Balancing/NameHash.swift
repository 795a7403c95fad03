/// The hash of a name, the same in every process, unlike those of `Hasher`: FNV-1a over the UTF-8 bytes.
///
/// It is enough to tell candidates apart, so that who places many keys need not read their names again.
package struct NameHash: Sendable, Hashable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package init(_ name: String) { append(name) }

    /// Goes on with the bytes of `text`, as if one name held both.
    package mutating func append(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// Spreads a difference of any bit over all of them (MurmurHash3's finalizer).
    static func mix(_ value: UInt64) -> UInt64 {
        var value = (value ^ value >> 33) &* 0xFF51_AFD7_ED55_8CCD
        value = (value ^ value >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return value ^ value >> 33
    }
}
