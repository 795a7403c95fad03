import Bytes
package import Media
package import TestKit

/// The frames of a tag body lie inside it, one of them carries it on, and together they are no more than allowed.
package func checkTagBody(_ bytes: [UInt8], _ kind: MediaKind) throws(BrokenInvariant) {
    let limits = TagFrames.Limits(maximumTracks: 4)
    let body = SharedBytes(bytes)
    let time = MediaTime(milliseconds: 1234)
    var frames: TagFrames
    do throws(FLVTagError) {
        frames = try TagFrames(kind, body: body, time: time, limits: limits)
    } catch {
        if case .truncated(let offset, let needed, let available) = error {
            try require(needed > available, "\(error) was not truncated")
            try require(offset >= 0 && offset + available <= bytes.count, "\(error) lies outside of the body")
        }
        return
    }
    var read: [Frame] = []
    while let frame = frames.next() { read.append(frame) }
    try require(frames.next() == nil, "a frame behind the last one")
    try require((1...limits.maximumTracks).contains(read.count), "\(read.count) frames")
    try require(read.filter { $0.tagBody == body }.count == 1 && read[0].tagBody == body, "the body goes on once")
    var end = 0
    for frame in read {
        try require(frame.payloadRange.lowerBound >= end, "tracks overlap")
        end = frame.payloadRange.upperBound
        try require(end <= bytes.count, "a payload outside of the body")
        try require(frame.kind == kind && frame.time == time, "a frame of another kind or time")
        try require(frame.codec.map { $0.kind == kind } ?? true || isForeign(frame), "\(frame.kind) in \(kind)")
        try require(frame.nanoOffset <= 999_999, "nanoseconds beyond a millisecond")
        try require((-0x80_0000...0x7F_FFFF).contains(frame.compositionOffset), "composition time beyond 24 bits")
        try require(!frame.isKeyframe || frame.content == .coded, "a key frame without a picture")
        _ = try? TrackFacts(frame)
    }
    if read.count == 1, read[0].wire == .tagBody { try require(end == bytes.count, "bytes behind the payload") }
}

/// A FourCC of audio in a video message, or the reverse: what the message says, and nothing to trap over.
private func isForeign(_ frame: Frame) -> Bool { frame.bytes.bytes[0] & 0x80 != 0 }
