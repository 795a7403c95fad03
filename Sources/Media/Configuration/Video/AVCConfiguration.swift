package import Bytes

/// `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3): the sequence header of H.264.
package struct AVCConfiguration: Sendable, Equatable {
    package let profile: AVCProfile
    /// As in `level_idc`.
    package let level: UInt8
    /// Bytes of the length in front of each NAL unit: 1, 2 or 4.
    package let lengthSize: Int
    /// Each a NAL unit, sharing the memory of the record.
    package let sequenceParameterSets: [SharedBytes]
    /// As `sequenceParameterSets`.
    package let pictureParameterSets: [SharedBytes]
    /// What the first sequence parameter set says, or why it cannot be read: the stream is good to pass on all the
    /// same.
    package let sequence: Result<AVCSequenceParameterSet, ConfigurationError>

    package init(_ record: SharedBytes, limits: ConfigurationLimits = ConfigurationLimits()) throws(ConfigurationError)
    {
        var reader = FieldReader(record.bytes)
        let version = try reader.u8()
        guard version == 1 else { throw .unsupportedVersion(version) }
        let writtenProfile = AVCProfile(number: try reader.u8(), constraints: try reader.u8())
        let writtenLevel = try reader.u8()
        let lengthBit = reader.bit + 6
        // Six reserved bits, which some encoders leave 0.
        lengthSize = Int(try reader.u8() & 3) + 1
        guard lengthSize != 3 else { throw .outOfRange(bit: lengthBit, value: 2) }
        let sequenceCount = Int(try reader.u8() & 31)
        guard sequenceCount <= limits.maximumParameterSets else {
            throw .tooManyParameterSets(maximum: limits.maximumParameterSets)
        }
        sequenceParameterSets = try Self.units(sequenceCount, of: record, &reader)
        let pictureCount = Int(try reader.u8())
        guard sequenceCount + pictureCount <= limits.maximumParameterSets else {
            throw .tooManyParameterSets(maximum: limits.maximumParameterSets)
        }
        pictureParameterSets = try Self.units(pictureCount, of: record, &reader)
        sequence = Self.sequence(sequenceParameterSets.first, limits)
        // Where the two differ the parameter set is what decoders obey.
        let read = try? sequence.get()
        profile = read?.profile ?? writtenProfile
        level = read?.level ?? writtenLevel
    }

    private static func sequence(
        _ unit: SharedBytes?, _ limits: ConfigurationLimits
    ) -> Result<AVCSequenceParameterSet, ConfigurationError> {
        guard let unit else { return .failure(.missingParameterSet) }
        do throws(ConfigurationError) {
            return .success(try AVCSequenceParameterSet(unit.bytes, limits: limits))
        } catch {
            return .failure(error)
        }
    }

    private static func units(
        _ count: Int, of record: SharedBytes, _ reader: inout FieldReader
    ) throws(ConfigurationError) -> [SharedBytes] {
        var units: [SharedBytes] = []
        for _ in 0..<count {
            let size = try reader.int(16)
            units.append(record[try reader.byteRange(size)])
        }
        return units
    }

    /// `level_idc` as people write it.
    package var levelName: String {
        let isBelowHigh = profile.number == 66 || profile.number == 77 || profile.number == 88
        if level == 9 || (level == 11 && isBelowHigh && profile.constraints & 0x10 != 0) { return "1b" }
        return level % 10 == 0 ? "\(level / 10)" : "\(level / 10).\(level % 10)"
    }

    package var facts: VideoFacts {
        var facts = VideoFacts(codec: .avc)
        facts.profile = profile.name
        facts.level = levelName
        guard let sequence = try? sequence.get() else { return facts }
        facts.size = sequence.size
        facts.bitDepth = sequence.bitDepth
        facts.chroma = sequence.chroma
        facts.frameRate = sequence.frameRate
        return facts
    }
}

/// `profile_idc` with its constraint flags (ITU-T H.264 Annex A).
package struct AVCProfile: Sendable, Hashable {
    package let number: UInt8
    /// `constraint_set0_flag` in the highest bit.
    package let constraints: UInt8

    package init(number: UInt8, constraints: UInt8) {
        self.number = number
        self.constraints = constraints
    }

    package var name: String {
        // Set 1 of Baseline: also a Main decoder plays it. Set 3 of the High family: key frames only.
        let isIntra = constraints & 0x10 != 0
        return switch number {
        case 66: constraints & 0x40 != 0 ? "Constrained Baseline" : "Baseline"
        case 77: "Main"
        case 88: "Extended"
        case 100: constraints & 0x0C == 0x0C ? "Constrained High" : "High"
        case 110: isIntra ? "High 10 Intra" : "High 10"
        case 122: isIntra ? "High 4:2:2 Intra" : "High 4:2:2"
        case 244: isIntra ? "High 4:4:4 Intra" : "High 4:4:4 Predictive"
        case 44: "CAVLC 4:4:4 Intra"
        case 83: "Scalable Baseline"
        case 86: "Scalable High"
        case 118: "Multiview High"
        case 128: "Stereo High"
        default: "\(number)"
        }
    }

    /// Whether chroma format and bit depths are written, rather than implied (§7.3.2.1.1).
    var hasChromaFormat: Bool {
        [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(number)
    }
}
