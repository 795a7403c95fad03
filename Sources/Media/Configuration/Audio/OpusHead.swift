import Bytes

/// The identification header of Opus (RFC 7845 §5.1), which Enhanced RTMP has as sequence header.
package struct OpusHead: Sendable, Hashable {
    package let channels: Int
    /// Samples at 48 kHz that a player drops at the start.
    package let preSkip: Int
    /// What was recorded, in hertz; it is played at 48 kHz whatever this says.
    package let inputSampleRate: Int
    /// In 1/256 dB.
    package let outputGain: Int
    package let mappingFamily: UInt8

    package init(_ bytes: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(bytes)
        // "OpusHead"
        guard try reader.bits(64) == 0x4F70_7573_4865_6164 else { throw .wrongSignature }
        let version = try reader.u8()
        // The lower four bits are for changes that old readers understand.
        guard version & 0xF0 == 0 else { throw .unsupportedVersion(version) }
        let channelBit = reader.bit
        channels = try reader.int(8)
        guard channels > 0 else { throw .outOfRange(bit: channelBit, value: 0) }
        preSkip = Int(UInt16(try reader.bits(16)).byteSwapped)
        inputSampleRate = Int(try reader.u32().byteSwapped)
        outputGain = Int(Int16(bitPattern: UInt16(try reader.bits(16)).byteSwapped))
        let familyBit = reader.bit
        mappingFamily = try reader.u8()
        if mappingFamily == 0 {
            guard channels <= 2 else { throw .outOfRange(bit: familyBit, value: UInt64(channels)) }
        } else {
            // Number of streams, of coupled ones, and where each channel comes from.
            try reader.skip(16 + channels * 8)
        }
    }

    package var facts: AudioFacts { AudioFacts(codec: .opus, sampleRate: 48_000, channels: channels) }
}
