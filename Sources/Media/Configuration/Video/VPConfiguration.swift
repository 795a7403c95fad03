import Bytes

/// `VPCodecConfigurationRecord` (VP Codec ISO Media File Format Binding §2.2): the sequence header of VP8 and VP9.
package struct VPConfiguration: Sendable, Hashable {
    package let profile: UInt8
    /// Ten for each whole level; 0 is not known.
    package let level: UInt8
    package let bitDepth: Int
    package let chroma: ChromaFormat

    /// `record` may have the version and flags of its box in front, which some encoders send along.
    package init(_ record: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(record)
        // Without a box, the third byte has the bit depth in front, which is never 0.
        if record.byteCount > 3, record[0] == 1, record[1] == 0, record[2] == 0, record[3] == 0 { try reader.skip(32) }
        profile = try reader.u8()
        level = try reader.u8()
        let depthBit = reader.bit
        bitDepth = try reader.int(4)
        guard [8, 10, 12].contains(bitDepth) else { throw .outOfRange(bit: depthBit, value: UInt64(bitDepth)) }
        let chromaBit = reader.bit
        switch try reader.int(3) {
        // The two differ in where chroma samples lie.
        case 0, 1: chroma = .yuv420
        case 2: chroma = .yuv422
        case 3: chroma = .yuv444
        case let reserved: throw .outOfRange(bit: chromaBit, value: UInt64(reserved))
        }
        // Range, colours, and the length of initialization data, which neither codec has.
        try reader.skip(1 + 24 + 16)
    }

    package var levelName: String? {
        guard level > 0 else { return nil }
        return level % 10 == 0 ? "\(level / 10)" : "\(level / 10).\(level % 10)"
    }

    /// `codec` is VP8 or VP9: the record does not say which.
    package func facts(_ codec: Codec) -> VideoFacts {
        var facts = VideoFacts(codec: codec)
        facts.profile = "Profile \(profile)"
        facts.level = levelName
        facts.bitDepth = bitDepth
        facts.chroma = chroma
        return facts
    }
}
