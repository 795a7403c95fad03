import Bytes
package import Media
package import RTMP

/// What decoders need before the first frame, and what is known of the tracks. Pure.
///
/// It holds the latest metadata and one configuration per track.
package struct StreamHead {
    /// How much there may be of configurations: each viewer gets all of them in front of its first frame.
    package struct Limits: Sendable, Equatable {
        /// Of tracks. The number of a track is the publisher's choice; one more is refused.
        package var maximumConfigurations = 32
        /// Of the message that a configuration came in; a larger one is refused, and the track keeps what it had.
        package var maximumConfigurationBytes = 64 << 10

        package init() {}
    }

    /// A configuration that is not kept, and so not to be passed on.
    package enum Refusal: Error, Equatable {
        case tooManyConfigurations(maximum: Int)
        case configurationTooLarge(bytes: Int, maximum: Int)
    }

    /// What the publisher says of itself; nil where it has said nothing.
    package private(set) var metadata: StreamMetadata?
    /// The latest of each track, in the order in which the tracks came.
    package private(set) var configurations: [Frame] = []
    package private(set) var video: VideoFacts?
    package private(set) var audio: AudioFacts?
    /// Grows with each change.
    package private(set) var version: UInt64 = 0
    package private(set) var hasVideo = false
    package private(set) var hasAudio = false

    private let readsParameterSets: Bool
    private let limits: Limits

    /// `readsParameterSets` is off where those of pictures are not to be believed.
    package init(readsParameterSets: Bool = true, limits: Limits = Limits()) {
        self.readsParameterSets = readsParameterSets
        self.limits = limits
    }

    package mutating func note(_ metadata: StreamMetadata) {
        self.metadata = metadata
        version += 1
    }

    /// Looks at every frame; true where it changes what a decoder needs.
    package mutating func note(_ frame: Frame) throws(Refusal) -> Bool {
        guard frame.isConfiguration else { return noteKind(frame.kind) }
        let place = configurations.firstIndex { $0.kind == frame.kind && $0.track == frame.track }
        try check(frame, isFirst: place == nil)
        let isNew = noteKind(frame.kind)
        if let place, configurations[place].bytes == frame.bytes { return isNew }
        if let place { configurations[place] = frame } else { configurations.append(frame) }
        version += 1
        noteFacts(frame)
        return true
    }

    private func check(_ frame: Frame, isFirst: Bool) throws(Refusal) {
        if frame.bytes.count > limits.maximumConfigurationBytes {
            throw .configurationTooLarge(bytes: frame.bytes.count, maximum: limits.maximumConfigurationBytes)
        }
        if isFirst, configurations.count >= limits.maximumConfigurations {
            throw .tooManyConfigurations(maximum: limits.maximumConfigurations)
        }
    }

    private mutating func noteKind(_ kind: MediaKind) -> Bool {
        switch kind {
        case .video:
            guard !hasVideo else { return false }
            hasVideo = true
        case .audio:
            guard !hasAudio else { return false }
            hasAudio = true
        case .data: return false
        }
        version += 1
        return true
    }

    /// What is shown is the main track's.
    private mutating func noteFacts(_ frame: Frame) {
        guard frame.track == 0, readsParameterSets || frame.kind != .video else { return }
        do throws(ConfigurationError) {
            switch try TrackFacts(frame) {
            case .video(let facts): video = facts
            case .audio(let facts): audio = facts
            case nil: break
            }
        } catch {
            // Not for us to judge: decoders may read what we cannot. There is nothing to show, that is all.
            if frame.kind == .video { video = nil } else { audio = nil }
        }
    }

    /// Whether every track has come that the publisher has announced; nil where it has announced nothing.
    package var isComplete: Bool? {
        guard let metadata else { return nil }
        let announcesVideo = metadata.videoCodec != nil || metadata.width != nil
        let announcesAudio = metadata.audioCodec != nil || metadata.audioSampleRate != nil
        guard announcesVideo || announcesAudio else { return nil }
        return (hasVideo || !announcesVideo) && (hasAudio || !announcesAudio)
    }
}

// MARK: - Metadata for viewers

extension StreamHead {
    /// `onMetaData`: what the publisher said, corrected by what its configurations say; without a track that is not
    /// sent.
    package func metadata(for selection: TrackSelection) -> StreamMetadata {
        var told = metadata ?? StreamMetadata()
        // Of a file that the publisher may have read from; a live stream has neither.
        told.properties["filesize"] = nil
        told.duration = 0
        correctVideo(&told, isSent: selection != .audioOnly && hasVideo)
        correctAudio(&told, isSent: selection != .videoOnly && hasAudio)
        return told
    }

    private func correctVideo(_ told: inout StreamMetadata, isSent: Bool) {
        guard isSent else {
            for name in ["width", "height", "framerate", "videoframerate", "videodatarate", "videocodecid"] {
                told.properties[name] = nil
            }
            return
        }
        if let size = video?.size {
            told.width = Double(size.width)
            told.height = Double(size.height)
        }
        if told.frameRate == nil { told.frameRate = video?.frameRate?.framesPerSecond }
        if told.videoCodec == nil { told.videoCodec = MetadataCodec(tagOf(.video)) }
    }

    private func correctAudio(_ told: inout StreamMetadata, isSent: Bool) {
        guard isSent else {
            for name in [
                "audiodatarate", "audiosamplerate", "audiosamplesize", "audiochannels", "stereo", "audiocodecid",
            ] { told.properties[name] = nil }
            return
        }
        if let audio {
            told.audioSampleRate = Double(audio.sampleRate)
            told.audioChannels = Double(audio.channels)
            told.isStereo = audio.channels == 2
        }
        if told.audioCodec == nil { told.audioCodec = MetadataCodec(tagOf(.audio)) }
    }

    private func tagOf(_ kind: MediaKind) -> CodecTag? {
        guard let body = configurations.first(where: { $0.kind == kind && $0.track == 0 })?.tagBody else { return nil }
        return CodecTag(kind, tagBody: body.bytes)
    }
}
