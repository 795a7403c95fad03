/// How the payload of a track is coded.
///
/// The product works with the first of each list; the others are named so that they can be reported and passed through.
package enum Codec: UInt8, Sendable, Hashable, CaseIterable {
    // MARK: Video
    case avc
    case hevc
    case av1
    case vp9
    case vp8
    case vvc
    case sorensonH263
    case h263
    case mpeg4
    case jpeg
    case screenVideo
    case screenVideo2
    case vp6
    case vp6Alpha

    // MARK: Audio
    case aac
    case mp3
    case opus
    case flac
    case ac3
    case eac3
    case speex
    case nellymoser
    case g711ALaw
    case g711MuLaw
    case pcm
    case adpcm

    package var kind: MediaKind {
        switch self {
        case .avc, .hevc, .av1, .vp9, .vp8, .vvc, .sorensonH263, .h263, .mpeg4, .jpeg, .screenVideo, .screenVideo2,
            .vp6, .vp6Alpha:
            .video
        case .aac, .mp3, .opus, .flac, .ac3, .eac3, .speex, .nellymoser, .g711ALaw, .g711MuLaw, .pcm, .adpcm:
            .audio
        }
    }

    /// What people and the HTTP API call it.
    package var name: String {
        switch self {
        case .avc: "H264"
        case .hevc: "HEVC"
        case .av1: "AV1"
        case .vp9: "VP9"
        case .vp8: "VP8"
        case .vvc: "VVC"
        case .sorensonH263: "Sorenson H263"
        case .h263: "H263"
        case .mpeg4: "MPEG-4"
        case .jpeg: "JPEG"
        case .screenVideo: "Screen video"
        case .screenVideo2: "Screen video 2"
        case .vp6: "VP6"
        case .vp6Alpha: "VP6 with alpha"
        case .aac: "AAC"
        case .mp3: "MP3"
        case .opus: "Opus"
        case .flac: "FLAC"
        case .ac3: "AC-3"
        case .eac3: "E-AC-3"
        case .speex: "Speex"
        case .nellymoser: "Nellymoser"
        case .g711ALaw: "G.711 A-law"
        case .g711MuLaw: "G.711 mu-law"
        case .pcm: "PCM"
        case .adpcm: "ADPCM"
        }
    }
}
