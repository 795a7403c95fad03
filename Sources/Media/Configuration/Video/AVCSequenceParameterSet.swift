import Bytes

/// `seq_parameter_set_data` of H.264 (ITU-T H.264 §7.3.2.1.1), as far as it is known to people.
package struct AVCSequenceParameterSet: Sendable, Hashable {
    package let profile: AVCProfile
    package let level: UInt8
    package let chroma: ChromaFormat
    /// Of luma.
    package let bitDepth: Int
    /// After cropping.
    package let size: PictureSize
    /// Nil where it is not told, or lies behind something that cannot be read.
    package let frameRate: FrameRate?

    /// `unit` is a NAL unit with its header, without a start code.
    package init(
        _ unit: RawSpan, limits: ConfigurationLimits = ConfigurationLimits()
    ) throws(ConfigurationError) {
        let bytes = try ParameterSet.unescaped(unit, headerBytes: 1, limits)
        var reader = FieldReader(bytes.bytes)
        profile = AVCProfile(number: try reader.u8(), constraints: try reader.u8())
        level = try reader.u8()
        try reader.ue(atMost: 31)
        let format = try ColourFormat(profile, &reader)
        chroma = format.chroma
        bitDepth = format.bitDepth
        try reader.ue(atMost: 12)
        try Self.skipPictureOrder(&reader)
        try reader.ue(atMost: 16)
        try reader.skip(1)
        // 65,536 pixels: four times what level 6.2 allows.
        let width = (try reader.ue(atMost: 4095) + 1) * 16
        let units = try reader.ue(atMost: 4095) + 1
        let hasFramesOnly = try reader.flag()
        let height = units * (hasFramesOnly ? 16 : 32)
        // Adaptive frames and fields, then direct_8x8_inference.
        try reader.skip(hasFramesOnly ? 1 : 2)
        if try reader.flag() {
            let bit = reader.bit
            let cropping = try PictureCropping(&reader)
            let isPlanar = format.hasSeparatePlanes || chroma == .monochrome
            let unit = (
                width: isPlanar || chroma == .yuv444 ? 1 : 2,
                height: (!isPlanar && chroma == .yuv420 ? 2 : 1) * (hasFramesOnly ? 1 : 2)
            )
            size = try cropping.cropped(width, height, unit: unit, at: bit)
        } else {
            size = PictureSize(width: width, height: height)
        }
        frameRate = try? Self.frameRate(&reader)
    }

    private static func skipPictureOrder(_ reader: inout FieldReader) throws(ConfigurationError) {
        switch try reader.ue(atMost: 2) {
        case 0:
            try reader.ue(atMost: 12)
        case 1:
            try reader.skip(1)
            try reader.se()
            try reader.se()
            for _ in 0..<(try reader.ue(atMost: 255)) { try reader.se() }
        default:
            break
        }
    }

    /// From `vui_parameters` (§E.1.1), where that is there.
    private static func frameRate(_ reader: inout FieldReader) throws(ConfigurationError) -> FrameRate? {
        guard try reader.flag() else { return nil }
        // Aspect ratio; 255 has one in numbers.
        if try reader.flag(), try reader.u8() == 255 { try reader.skip(32) }
        // Overscan.
        if try reader.flag() { try reader.skip(1) }
        // Video signal type and colours.
        if try reader.flag() {
            try reader.skip(4)
            if try reader.flag() { try reader.skip(24) }
        }
        // Chroma location.
        if try reader.flag() {
            try reader.ue(atMost: 5)
            try reader.ue(atMost: 5)
        }
        guard try reader.flag() else { return nil }
        let unitsInTick = UInt64(try reader.u32())
        let timeScale = UInt64(try reader.u32())
        // A tick is a field; two make a frame.
        return FrameRate(timeScale, per: unitsInTick * 2)
    }
}

/// Chroma format and bit depth, which only the High profiles write.
private struct ColourFormat {
    private(set) var chroma = ChromaFormat.yuv420
    private(set) var bitDepth = 8
    private(set) var hasSeparatePlanes = false

    init(_ profile: AVCProfile, _ reader: inout FieldReader) throws(ConfigurationError) {
        guard profile.hasChromaFormat else { return }
        // At most 3, for which there always is a case.
        chroma = ChromaFormat(rawValue: UInt8(try reader.ue(atMost: 3))) ?? .yuv420
        if chroma == .yuv444 { hasSeparatePlanes = try reader.flag() }
        bitDepth = 8 + (try reader.ue(atMost: 6))
        // Bit depth of chroma, and lossless mode.
        try reader.ue(atMost: 6)
        try reader.skip(1)
        guard try reader.flag() else { return }
        for list in 0..<(chroma == .yuv444 ? 12 : 8) where try reader.flag() {
            try Self.skipScalingList(list < 6 ? 16 : 64, &reader)
        }
    }

    private static func skipScalingList(_ size: Int, _ reader: inout FieldReader) throws(ConfigurationError) {
        var last = 8
        for _ in 0..<size {
            let next = (last + (try reader.se())) & 0xFF
            if next == 0 { return }
            last = next
        }
    }
}
