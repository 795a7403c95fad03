package import Media

/// Tells at which frames of a stream viewers may begin. Pure.
///
/// Of several tracks of pictures one leads: the lowest that has sent a key frame, for as long as its pictures come. Key
/// frames of the others begin nothing, they belong to the group of pictures that is under way. If they did, none of the
/// groups would have the key frames of all tracks.
package struct Beginnings {
    private var leader: (track: UInt8, lastPicture: MediaTime)?
    /// Of any track.
    private var lastPicture: MediaTime?

    /// Without pictures for so long, in milliseconds, a stream is one of sound, and a track does not lead.
    private static let silence: Int64 = 5_000

    package init() {}

    /// What `frame` is to a viewer that comes new; every frame has to come by. `hasVideo` where pictures are known of.
    package mutating func next(_ frame: Frame, hasVideo: Bool) -> RenditionWriter.Beginning {
        switch frame.kind {
        case .video:
            lastPicture = frame.time
            return isKey(frame) ? .key : .none
        case .audio:
            guard frame.content == .coded, frame.bringsBytes else { return .none }
            guard hasVideo, let lastPicture else { return hasVideo ? .none : .possible }
            return frame.time - lastPicture > Self.silence ? .possible : .none
        case .data: return .none
        }
    }

    private mutating func isKey(_ frame: Frame) -> Bool {
        if frame.isKeyframe, frame.bringsBytes, leads(frame) {
            leader = (frame.track, frame.time)
            return true
        }
        if frame.content == .coded, frame.track == leader?.track { leader?.lastPicture = frame.time }
        return false
    }

    private func leads(_ frame: Frame) -> Bool {
        guard let leader else { return true }
        return frame.track <= leader.track || frame.time - leader.lastPicture > Self.silence
    }
}

extension Frame {
    /// Whether its bytes have not come with another frame: those of a message of several tracks are the first one's,
    /// and viewers of all tracks are sent them there.
    var bringsBytes: Bool { wire != .restOfTagBody }
}
