/// How a tag body names its codec: by a number of FLV, or by four characters of Enhanced RTMP.
package enum CodecTag: Sendable, Hashable {
    case video(FLVVideoCodec)
    case audio(FLVSoundFormat)
    case fourCC(FourCC)

    /// What the tag body of a frame names; nil for script data, a body that cannot be read, and one whose tracks each
    /// name their own.
    package init?(_ kind: MediaKind, tagBody: RawSpan) {
        let tag: CodecTag?
        do throws(FLVTagError) {
            switch kind {
            case .video: tag = try VideoTagHeader(tagBody).codecTag
            case .audio: tag = try AudioTagHeader(tagBody).codecTag
            case .data: tag = nil
            }
        } catch {
            return nil
        }
        guard let tag else { return nil }
        self = tag
    }

    /// Nil where the number or the name is not known.
    package var codec: Codec? {
        switch self {
        case .video(let video): video.codec
        case .audio(let format): format.codec
        case .fourCC(let name): name.codec
        }
    }
}

/// `CodecID` of a video tag (FLV 10.1 §E.4.3.1), with those that encoders have added since.
package struct FLVVideoCodec: RawRepresentable, Sendable, Hashable {
    /// Four bits.
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let jpeg = FLVVideoCodec(rawValue: 1)
    package static let sorensonH263 = FLVVideoCodec(rawValue: 2)
    package static let screenVideo = FLVVideoCodec(rawValue: 3)
    package static let vp6 = FLVVideoCodec(rawValue: 4)
    package static let vp6Alpha = FLVVideoCodec(rawValue: 5)
    package static let screenVideo2 = FLVVideoCodec(rawValue: 6)
    package static let avc = FLVVideoCodec(rawValue: 7)
    package static let h263 = FLVVideoCodec(rawValue: 8)
    package static let mpeg4 = FLVVideoCodec(rawValue: 9)
    /// In no specification, but what many encoders sent before Enhanced RTMP.
    package static let hevc = FLVVideoCodec(rawValue: 12)
    /// As `hevc`.
    package static let av1 = FLVVideoCodec(rawValue: 13)

    package var codec: Codec? {
        switch self {
        case .jpeg: .jpeg
        case .sorensonH263: .sorensonH263
        case .screenVideo: .screenVideo
        case .vp6: .vp6
        case .vp6Alpha: .vp6Alpha
        case .screenVideo2: .screenVideo2
        case .avc: .avc
        case .h263: .h263
        case .mpeg4: .mpeg4
        case .hevc: .hevc
        case .av1: .av1
        default: nil
        }
    }

    /// Whether a packet type and a composition time follow, as they do for AVC.
    var hasPacketType: Bool { self == .avc || self == .hevc || self == .av1 }
}

/// `SoundFormat` of an audio tag (FLV 10.1 §E.4.2.1).
package struct FLVSoundFormat: RawRepresentable, Sendable, Hashable {
    /// Four bits.
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let pcmPlatform = FLVSoundFormat(rawValue: 0)
    package static let adpcm = FLVSoundFormat(rawValue: 1)
    package static let mp3 = FLVSoundFormat(rawValue: 2)
    package static let pcmLittleEndian = FLVSoundFormat(rawValue: 3)
    package static let nellymoser16k = FLVSoundFormat(rawValue: 4)
    package static let nellymoser8k = FLVSoundFormat(rawValue: 5)
    package static let nellymoser = FLVSoundFormat(rawValue: 6)
    package static let g711ALaw = FLVSoundFormat(rawValue: 7)
    package static let g711MuLaw = FLVSoundFormat(rawValue: 8)
    /// The header of Enhanced RTMP follows.
    package static let enhanced = FLVSoundFormat(rawValue: 9)
    package static let aac = FLVSoundFormat(rawValue: 10)
    package static let speex = FLVSoundFormat(rawValue: 11)
    package static let mp38k = FLVSoundFormat(rawValue: 14)
    /// Of one device only.
    package static let native = FLVSoundFormat(rawValue: 15)

    package var codec: Codec? {
        switch self {
        case .pcmPlatform, .pcmLittleEndian: .pcm
        case .adpcm: .adpcm
        case .mp3, .mp38k: .mp3
        case .nellymoser16k, .nellymoser8k, .nellymoser: .nellymoser
        case .g711ALaw: .g711ALaw
        case .g711MuLaw: .g711MuLaw
        case .aac: .aac
        case .speex: .speex
        default: nil
        }
    }
}
