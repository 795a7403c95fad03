// Fields that `AudioSpecificConfig` has in more than one place.

extension FieldReader {
    /// Five bits; 31 says that six more follow, counted from 32.
    mutating func objectType() throws(ConfigurationError) -> UInt8 {
        let short = UInt8(try bits(5))
        return short == 31 ? 32 + UInt8(try bits(6)) : short
    }

    /// An index of four bits; 15 says that the rate itself follows. In hertz, never 0.
    mutating func sampleRate() throws(ConfigurationError) -> Int {
        let start = bit
        let index = try int(4)
        let rates = [
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
        ]
        let rate = index == 15 ? try int(24) : index < rates.count ? rates[index] : 0
        guard rate > 0 else { throw .outOfRange(bit: start, value: UInt64(index)) }
        return rate
    }

    /// How many channels a `program_config_element` (ISO/IEC 14496-3 §4.4.1.1) has; reads it to its end.
    mutating func programConfigChannels() throws(ConfigurationError) -> Int {
        // Instance tag, object type, sampling frequency.
        try skip(10)
        let elements = try int(4) + int(4) + int(4)
        let lowFrequencyElements = try int(2)
        let associatedElements = try int(3)
        let couplingElements = try int(4)
        // Mixdown to mono, to stereo, by matrix.
        if try flag() { try skip(4) }
        if try flag() { try skip(4) }
        if try flag() { try skip(3) }
        var channels = lowFrequencyElements
        for _ in 0..<elements {
            channels += try flag() ? 2 : 1
            try skip(4)
        }
        try skip(lowFrequencyElements * 4 + associatedElements * 4 + couplingElements * 5)
        alignToByte()
        // A comment.
        try skip(try int(8) * 8)
        return channels
    }
}
