import Bytes

/// Four characters that name a codec in Enhanced RTMP, as in ISO base media files.
package struct FourCC: RawRepresentable, Sendable, Hashable {
    /// The characters, the first one in the highest bits.
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ name: StaticString) {
        precondition(name.utf8CodeUnitCount == 4, "a FourCC has four characters")
        var value: UInt32 = 0
        for position in 0..<4 { value = value << 8 | UInt32(name.rawSpan[position]) }
        rawValue = value
    }

    package static let avc = FourCC("avc1")
    package static let hevc = FourCC("hvc1")
    package static let vvc = FourCC("vvc1")
    package static let av1 = FourCC("av01")
    package static let vp9 = FourCC("vp09")
    package static let vp8 = FourCC("vp08")
    package static let aac = FourCC("mp4a")
    package static let opus = FourCC("Opus")
    package static let mp3 = FourCC(".mp3")
    package static let flac = FourCC("fLaC")
    package static let ac3 = FourCC("ac-3")
    package static let eac3 = FourCC("ec-3")

    /// Nil for a name that is not known here; such a track is passed through.
    package var codec: Codec? {
        switch self {
        case .avc: .avc
        case .hevc: .hevc
        case .vvc: .vvc
        case .av1: .av1
        case .vp9: .vp9
        case .vp8: .vp8
        case .aac: .aac
        case .opus: .opus
        case .mp3: .mp3
        case .flac: .flac
        case .ac3: .ac3
        case .eac3: .eac3
        default: nil
        }
    }
}
