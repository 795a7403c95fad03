/// The numbers behind the draws.
enum Rendezvous {
    /// A number that looks random to everybody but is the same for the same two names.
    static func draw(key: UInt64, candidate: UInt64) -> UInt64 { NameHash.mix(key ^ NameHash.mix(candidate)) }

    /// -log₂ of `number` / 2⁶⁴ with 32 binary places; at least 1, so that it can be divided by.
    ///
    /// Numbers that are spread evenly have logarithms of which the smallest, each divided by its weight, falls to each
    /// candidate as often as its weight says.
    static func negativeLogarithm(_ number: UInt64) -> UInt64 {
        let number = max(number, 1)
        let whole = UInt64(63 - number.leadingZeroBitCount)
        // From 1 to 2, with 63 binary places. Each squaring brings the next place of the logarithm before the point.
        var mantissa = number << UInt64(number.leadingZeroBitCount)
        var places: UInt64 = 0
        for _ in 0..<32 {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            places <<= 1
            if square.high >> 63 == 1 {
                places |= 1
                mantissa = square.high
            } else {
                mantissa = square.high << 1 | square.low >> 63
            }
        }
        return max(64 << 32 - (whole << 32 + places), 1)
    }
}

/// Hashes of names that are the same in every process, unlike those of `Hasher`.
enum NameHash {
    /// FNV-1a over the UTF-8 bytes.
    static func hash(_ name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }

    /// Spreads a difference of any bit over all of them (MurmurHash3's finalizer).
    static func mix(_ value: UInt64) -> UInt64 {
        var value = (value ^ value >> 33) &* 0xFF51_AFD7_ED55_8CCD
        value = (value ^ value >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return value ^ value >> 33
    }
}
