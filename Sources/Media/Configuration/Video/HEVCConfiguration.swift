package import Bytes

/// `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §8.3.3): the sequence header of H.265.
package struct HEVCConfiguration: Sendable, Equatable {
    /// Of the parameter sets and whatever else the record carries (VPS 32, SPS 33, PPS 34, SEI 39 and 40).
    package struct Unit: Sendable, Equatable {
        package let type: UInt8
        /// With its header; shares the memory of the record.
        package let bytes: SharedBytes
    }

    /// Bytes of the length in front of each NAL unit: 1, 2 or 4.
    package let lengthSize: Int
    /// In the order of the record.
    package let units: [Unit]
    package let profile: HEVCProfile
    /// What the first sequence parameter set says, or why it cannot be read: the stream is good to pass on all the
    /// same.
    package let sequence: Result<HEVCSequenceParameterSet, ConfigurationError>
    /// Nil where the record says that it is not known.
    package let frameRate: FrameRate?

    package init(_ record: SharedBytes, limits: ConfigurationLimits = ConfigurationLimits()) throws(ConfigurationError)
    {
        var reader = FieldReader(record.bytes)
        let version = try reader.u8()
        // Version 0 is what encoders wrote before the standard was finished.
        guard version <= 1 else { throw .unsupportedVersion(version) }
        let writtenProfile = try HEVCProfile(subLayers: 0, &reader)
        // Segmentation, parallelism, and chroma and depth, which the parameter set says as well.
        try reader.skip(48)
        frameRate = FrameRate(try reader.bits(16), per: 256)
        let lengthBit = reader.bit + 6
        lengthSize = Int(try reader.u8() & 3) + 1
        guard lengthSize != 3 else { throw .outOfRange(bit: lengthBit, value: 2) }
        units = try Self.units(of: record, limits, &reader)
        sequence = Self.sequence(units.first { $0.type == 33 }?.bytes, limits)
        // Where the two differ the parameter set is what decoders obey.
        profile = (try? sequence.get().profile) ?? writtenProfile
    }

    private static func sequence(
        _ unit: SharedBytes?, _ limits: ConfigurationLimits
    ) -> Result<HEVCSequenceParameterSet, ConfigurationError> {
        guard let unit else { return .failure(.missingParameterSet) }
        do throws(ConfigurationError) {
            return .success(try HEVCSequenceParameterSet(unit.bytes, limits: limits))
        } catch {
            return .failure(error)
        }
    }

    private static func units(
        of record: SharedBytes, _ limits: ConfigurationLimits, _ reader: inout FieldReader
    ) throws(ConfigurationError) -> [Unit] {
        var units: [Unit] = []
        for _ in 0..<(try reader.int(8)) {
            let type = try reader.u8() & 0x3F
            for _ in 0..<(try reader.int(16)) {
                guard units.count < limits.maximumParameterSets else {
                    throw .tooManyParameterSets(maximum: limits.maximumParameterSets)
                }
                let size = try reader.int(16)
                units.append(Unit(type: type, bytes: record[try reader.byteRange(size)]))
            }
        }
        return units
    }

    package var facts: VideoFacts {
        var facts = VideoFacts(codec: .hevc)
        facts.profile = profile.name
        facts.level = profile.levelName
        facts.frameRate = frameRate
        guard let sequence = try? sequence.get() else { return facts }
        facts.size = sequence.size
        facts.bitDepth = sequence.bitDepth
        facts.chroma = sequence.chroma
        return facts
    }
}

/// The general part of `profile_tier_level` (ITU-T H.265 §7.3.3).
package struct HEVCProfile: Sendable, Hashable {
    /// `general_profile_idc`, or where that is 0 the first profile that the stream says it is compatible with.
    package let number: UInt8
    package let isHighTier: Bool
    /// 30 for each whole level.
    package let level: UInt8

    package var name: String {
        switch number {
        case 1: "Main"
        case 2: "Main 10"
        case 3: "Main Still Picture"
        case 4: "Rext"
        case 5: "High Throughput"
        case 6: "Multiview Main"
        case 7: "Scalable Main"
        case 8: "3D Main"
        case 9: "Screen Content Coding"
        case 10: "Scalable Rext"
        case 11: "High Throughput Screen Content Coding"
        default: "\(number)"
        }
    }

    package var tierName: String { isHighTier ? "High" : "Main" }

    package var levelName: String {
        let fraction = level % 30 / 3
        return fraction == 0 ? "\(level / 30)" : "\(level / 30).\(fraction)"
    }

    /// `subLayers` is their number less one, as the parameter set writes it.
    init(subLayers: Int, _ reader: inout FieldReader) throws(ConfigurationError) {
        // Profile space.
        try reader.skip(2)
        isHighTier = try reader.flag()
        let written = UInt8(try reader.bits(5))
        let compatible = try reader.u32()
        number = written == 0 ? UInt8(compatible.leadingZeroBitCount % 32) : written
        // Constraint flags.
        try reader.skip(48)
        level = try reader.u8()
        guard subLayers > 0 else { return }
        let flags = try reader.bits(16)
        for layer in 0..<subLayers {
            if flags >> UInt64(15 - 2 * layer) & 1 == 1 { try reader.skip(88) }
            if flags >> UInt64(14 - 2 * layer) & 1 == 1 { try reader.skip(8) }
        }
    }
}

/// The front of `seq_parameter_set_rbsp` of H.265 (ITU-T H.265 §7.3.2.2).
package struct HEVCSequenceParameterSet: Sendable, Hashable {
    package let profile: HEVCProfile
    package let chroma: ChromaFormat
    /// Of luma.
    package let bitDepth: Int
    /// Inside the conformance window.
    package let size: PictureSize

    /// `unit` is a NAL unit with its header, without a start code.
    package init(
        _ unit: RawSpan, limits: ConfigurationLimits = ConfigurationLimits()
    ) throws(ConfigurationError) {
        let bytes = try ParameterSet.unescaped(unit, headerBytes: 2, limits)
        var reader = FieldReader(bytes.bytes)
        // The id of the video parameter set.
        try reader.skip(4)
        let layersBit = reader.bit
        let subLayers = try reader.int(3)
        guard subLayers <= 6 else { throw .outOfRange(bit: layersBit, value: UInt64(subLayers)) }
        try reader.skip(1)
        profile = try HEVCProfile(subLayers: subLayers, &reader)
        try reader.ue(atMost: 15)
        // At most 3, for which there always is a case.
        chroma = ChromaFormat(rawValue: UInt8(try reader.ue(atMost: 3))) ?? .yuv420
        let hasSeparatePlanes = chroma == .yuv444 ? try reader.flag() : false
        let sizeBit = reader.bit
        let width = try reader.ue(atMost: 65536)
        let height = try reader.ue(atMost: 65536)
        guard width > 0, height > 0 else { throw .outOfRange(bit: sizeBit, value: 0) }
        if try reader.flag() {
            let bit = reader.bit
            let cropping = try PictureCropping(&reader)
            let isPlanar = hasSeparatePlanes || chroma == .monochrome || chroma == .yuv444
            let unit = (width: isPlanar ? 1 : 2, height: chroma == .yuv420 ? 2 : 1)
            size = try cropping.cropped(width, height, unit: unit, at: bit)
        } else {
            size = PictureSize(width: width, height: height)
        }
        bitDepth = 8 + (try reader.ue(atMost: 8))
    }
}
