import Bytes

/// `AV1CodecConfigurationRecord` (AV1 in ISOBMFF §2.3), with what its sequence header says where it carries one.
package struct AV1Configuration: Sendable, Equatable {
    package let profile: UInt8
    /// `seq_level_idx_0`: 0 is level 2.0, four for each whole level; 31 is no bound.
    package let level: UInt8
    package let isHighTier: Bool
    package let bitDepth: Int
    package let chroma: ChromaFormat
    /// What the sequence header says, or why it cannot be read. Where it is missing it comes with the key frames.
    package let sequence: Result<AV1SequenceHeader, ConfigurationError>

    package init(_ record: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(record)
        let first = try reader.u8()
        guard first & 0x80 != 0 else { throw .wrongSignature }
        guard first & 0x7F == 1 else { throw .unsupportedVersion(first & 0x7F) }
        profile = UInt8(try reader.bits(3))
        level = UInt8(try reader.bits(5))
        isHighTier = try reader.flag()
        let isHighDepth = try reader.flag()
        let isTwelveBit = try reader.flag()
        bitDepth = isHighDepth ? (isTwelveBit ? 12 : 10) : 8
        let isMonochrome = try reader.flag()
        let halvesWidth = try reader.flag()
        let halvesHeight = try reader.flag()
        chroma = isMonochrome ? .monochrome : halvesHeight ? .yuv420 : halvesWidth ? .yuv422 : .yuv444
        // The position of chroma samples, and the delay of the first picture.
        try reader.skip(10)
        sequence = Self.sequence(record.extracting((reader.bit / 8)..<record.byteCount))
    }

    private static func sequence(_ units: RawSpan) -> Result<AV1SequenceHeader, ConfigurationError> {
        do throws(ConfigurationError) {
            guard let header = try AV1SequenceHeader.first(in: units) else { return .failure(.missingParameterSet) }
            return .success(header)
        } catch {
            return .failure(error)
        }
    }

    package var profileName: String {
        switch profile {
        case 0: "Main"
        case 1: "High"
        case 2: "Professional"
        default: "\(profile)"
        }
    }

    package var tierName: String { isHighTier ? "High" : "Main" }

    package var levelName: String { level == 31 ? "maximum" : "\(2 + level / 4).\(level % 4)" }

    package var facts: VideoFacts {
        var facts = VideoFacts(codec: .av1)
        facts.profile = profileName
        facts.level = levelName
        facts.bitDepth = bitDepth
        facts.chroma = chroma
        guard let sequence = try? sequence.get() else { return facts }
        facts.size = sequence.size
        facts.frameRate = sequence.frameRate
        return facts
    }
}
