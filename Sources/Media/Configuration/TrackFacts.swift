import Bytes

/// What a video track is, as far as its configuration says; for people and the HTTP API.
package struct VideoFacts: Sendable, Hashable {
    package let codec: Codec
    /// As people know it: `High`, `Main 10`.
    package var profile: String?
    /// As people know it: `4.1`.
    package var level: String?
    /// In pixels, after cropping.
    package var size: PictureSize?
    /// Of luma.
    package var bitDepth: Int?
    package var chroma: ChromaFormat?
    package var frameRate: FrameRate?

    package init(codec: Codec) { self.codec = codec }
}

/// What an audio track is, as far as its configuration says.
package struct AudioFacts: Sendable, Hashable {
    package let codec: Codec
    /// As people know it: `LC`, `HE`; nil for codecs without profiles.
    package var profile: String?
    /// In hertz, as played.
    package var sampleRate: Int
    /// As played.
    package var channels: Int
    /// Nil for lossy codecs.
    package var bitDepth: Int?

    package init(codec: Codec, profile: String? = nil, sampleRate: Int, channels: Int, bitDepth: Int? = nil) {
        self.codec = codec
        self.profile = profile
        self.sampleRate = sampleRate
        self.channels = channels
        self.bitDepth = bitDepth
    }
}

package struct PictureSize: Sendable, Hashable {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// How colour is sampled beside luma; raw values as `chroma_format_idc`.
package enum ChromaFormat: UInt8, Sendable, Hashable {
    case monochrome = 0
    case yuv420 = 1
    case yuv422 = 2
    case yuv444 = 3
}

/// Frames per second as a fraction, 30000/1001 for example; neither number is 0.
package struct FrameRate: Sendable, Hashable {
    package let numerator: UInt64
    package let denominator: UInt64

    /// Nil where either number is 0. Reduced to lowest terms.
    package init?(_ numerator: UInt64, per denominator: UInt64) {
        guard numerator > 0, denominator > 0 else { return nil }
        var (larger, smaller) = (numerator, denominator)
        while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
        self.numerator = numerator / larger
        self.denominator = denominator / larger
    }

    package var framesPerSecond: Double { Double(numerator) / Double(denominator) }
}

/// What a track is, read from the frame that says it.
package enum TrackFacts: Sendable, Hashable {
    case video(VideoFacts)
    case audio(AudioFacts)

    /// Nil for a frame that says nothing: coded frames of most codecs, and codecs that are only passed through.
    ///
    /// MP3 has no configuration: each of its frames says all.
    package init?(_ frame: Frame, limits: ConfigurationLimits = ConfigurationLimits()) throws(ConfigurationError) {
        guard let codec = frame.codec else { return nil }
        if codec == .mp3, frame.content == .coded {
            self = .audio(try MP3FrameHeader(frame.payload.bytes).facts)
            return
        }
        guard frame.content == .configuration else { return nil }
        switch codec {
        case .avc: self = .video(try AVCConfiguration(frame.payload, limits: limits).facts)
        case .hevc: self = .video(try HEVCConfiguration(frame.payload, limits: limits).facts)
        case .av1: self = .video(try AV1Configuration(frame.payload.bytes).facts)
        case .vp9, .vp8: self = .video(try VPConfiguration(frame.payload.bytes).facts(codec))
        case .aac: self = .audio(try AudioSpecificConfig(frame.payload.bytes).facts)
        case .opus: self = .audio(try OpusHead(frame.payload.bytes).facts)
        case .flac: self = .audio(try FLACStreamInfo(frame.payload.bytes).facts)
        case .vvc, .sorensonH263, .h263, .mpeg4, .jpeg, .screenVideo, .screenVideo2, .vp6, .vp6Alpha, .mp3, .ac3,
            .eac3, .speex, .nellymoser, .g711ALaw, .g711MuLaw, .pcm, .adpcm:
            return nil
        }
    }
}
