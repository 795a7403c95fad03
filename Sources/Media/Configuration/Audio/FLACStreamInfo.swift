import Bytes

/// `STREAMINFO` (RFC 9639 §8.2), as Enhanced RTMP has it: behind the signature `fLaC` and the header of its block.
package struct FLACStreamInfo: Sendable, Hashable {
    /// In samples; the same for all blocks of most streams.
    package let minimumBlockSize: Int
    package let maximumBlockSize: Int
    /// In hertz.
    package let sampleRate: Int
    package let channels: Int
    package let bitDepth: Int
    /// Nil where it is not known, as in a live stream.
    package let sampleCount: Int?

    /// The signature may be missing, as it is in MP4.
    package init(_ bytes: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(bytes)
        // "fLaC"
        var header = try reader.u32()
        if header == 0x664C_6143 { header = try reader.u32() }
        // A block of type 0 and 34 bytes; the first bit says whether others follow.
        guard header & 0x7FFF_FFFF == 34 else { throw .wrongSignature }
        minimumBlockSize = try reader.int(16)
        maximumBlockSize = try reader.int(16)
        // The sizes of frames.
        try reader.skip(48)
        let rateBit = reader.bit
        sampleRate = try reader.int(20)
        guard sampleRate > 0 else { throw .outOfRange(bit: rateBit, value: 0) }
        channels = try reader.int(3) + 1
        bitDepth = try reader.int(5) + 1
        let count = try reader.int(36)
        sampleCount = count == 0 ? nil : count
        // A digest of the samples.
        try reader.skip(128)
    }

    package var facts: AudioFacts {
        AudioFacts(codec: .flac, sampleRate: sampleRate, channels: channels, bitDepth: bitDepth)
    }
}
