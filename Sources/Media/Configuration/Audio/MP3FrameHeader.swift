import Bytes

/// The header that each frame of MPEG audio begins with (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3).
package struct MP3FrameHeader: Sendable, Hashable {
    package enum Version: Sendable, Hashable {
        case mpeg1
        case mpeg2
        case mpeg25
    }

    package let version: Version
    /// 1 to 3; MP3 is layer 3.
    package let layer: Int
    /// In bits per second; nil where it is not told ("free format").
    package let bitRate: Int?
    /// In hertz.
    package let sampleRate: Int
    package let channels: Int

    package init(_ bytes: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(bytes)
        let header = try reader.u32()
        guard header >> 21 == 0x7FF else { throw .wrongSignature }
        let shift: Int
        switch header >> 19 & 3 {
        case 3: (version, shift) = (.mpeg1, 0)
        case 2: (version, shift) = (.mpeg2, 1)
        case 0: (version, shift) = (.mpeg25, 2)
        case let reserved: throw .outOfRange(bit: 11, value: UInt64(reserved))
        }
        layer = 4 - Int(header >> 17 & 3)
        guard layer < 4 else { throw .outOfRange(bit: 13, value: 0) }
        let rateIndex = Int(header >> 12 & 15)
        guard rateIndex < 15 else { throw .outOfRange(bit: 16, value: 15) }
        bitRate = rateIndex == 0 ? nil : Self.bitRates(version, layer)[rateIndex - 1] * 1000
        let frequencyIndex = Int(header >> 10 & 3)
        guard frequencyIndex < 3 else { throw .outOfRange(bit: 20, value: 3) }
        sampleRate = [44_100, 48_000, 32_000][frequencyIndex] >> shift
        channels = header >> 6 & 3 == 3 ? 1 : 2
    }

    /// In kilobits per second, for the indexes 1 to 14.
    private static func bitRates(_ version: Version, _ layer: Int) -> [Int] {
        switch (version, layer) {
        case (.mpeg1, 1): [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448]
        case (.mpeg1, 2): [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
        case (.mpeg1, _): [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        case (_, 1): [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256]
        case (_, _): [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        }
    }

    package var facts: AudioFacts {
        AudioFacts(
            codec: .mp3, profile: layer == 3 ? nil : "Layer \(layer)", sampleRate: sampleRate, channels: channels)
    }
}
