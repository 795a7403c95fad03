package import Bytes

/// The frames of one FLV tag body, or of one RTMP message of media: one, or one per track of a multitrack message.
///
///     var frames = try TagFrames(.video, body: body, time: time)
///     while let frame = frames.next() { publish(frame) }
///
/// The whole body is checked at the start, so that a message counts entirely or not at all. Each frame shares `body`.
package struct TagFrames: Sendable {
    package struct Limits: Sendable {
        /// A message with more tracks than this is refused.
        package var maximumTracks: Int

        package init(maximumTracks: Int = 16) { self.maximumTracks = maximumTracks }
    }

    private enum State {
        /// The only frame, with where its payload begins.
        case single(Int, CodecTag?, compositionOffset: Int32)
        case tracks(MultitrackCursor, isFirst: Bool)
        case ended
    }

    private var state: State
    private let kind: MediaKind
    private let body: SharedBytes
    private let time: MediaTime
    private let content: Frame.Content
    private let isKeyframe: Bool
    private let nanoOffset: UInt32
    private let hasCompositionOffset: Bool

    /// `kind` is told by the tag or message type. A body of script data is one frame of metadata, not looked into.
    package init(
        _ kind: MediaKind, body: SharedBytes, time: MediaTime, limits: Limits = Limits()
    ) throws(FLVTagError) {
        self.kind = kind
        self.body = body
        self.time = time
        var layout: MultitrackLayout?
        switch kind {
        case .video:
            let header = try VideoTagHeader(body.bytes)
            content = header.content
            isKeyframe = header.frameType == .key && header.content == .coded
            nanoOffset = header.nanoOffset
            hasCompositionOffset = header.hasCompositionOffset
            layout = header.multitrack
            state = .single(header.payloadStart, header.codecTag, compositionOffset: header.compositionOffset)
        case .audio:
            let header = try AudioTagHeader(body.bytes)
            content = header.content
            isKeyframe = false
            nanoOffset = header.nanoOffset
            hasCompositionOffset = false
            layout = header.multitrack
            state = .single(header.payloadStart, header.codecTag, compositionOffset: 0)
        case .data:
            guard !body.isEmpty else { throw .empty }
            content = .metadata
            isKeyframe = false
            nanoOffset = 0
            hasCompositionOffset = false
            state = .single(0, nil, compositionOffset: 0)
        }
        if let layout, case .single(let start, let tag, _) = state {
            let cursor = MultitrackCursor(layout: layout, codecTag: tag, offset: start)
            try check(cursor, limits)
            state = .tracks(cursor, isFirst: true)
        }
    }

    /// The next frame, or nil behind the last one.
    package mutating func next() -> Frame? {
        switch state {
        case .ended:
            return nil
        case .single(let start, let tag, let compositionOffset):
            state = .ended
            return frame(start..<body.count, tag, .tagBody, track: 0, compositionOffset)
        case .tracks(var cursor, let isFirst):
            // Cannot fail: `init` has walked the same tracks.
            guard let entry = try? cursor.next(in: body.bytes),
                let (range, compositionOffset) = try? split(entry)
            else {
                state = .ended
                return nil
            }
            state = .tracks(cursor, isFirst: false)
            let wire: Frame.Wire = isFirst ? .firstOfTagBody : .restOfTagBody
            return frame(range, entry.codecTag, wire, track: entry.track, compositionOffset)
        }
    }

    private func frame(
        _ range: Range<Int>, _ tag: CodecTag?, _ wire: Frame.Wire, track: UInt8, _ compositionOffset: Int32
    ) -> Frame {
        Frame(
            kind: kind, content: content, wire: wire, isKeyframe: isKeyframe, codec: tag?.codec, track: track,
            time: time, compositionOffset: compositionOffset, nanoOffset: nanoOffset, bytes: body, payloadRange: range)
    }

    private func check(_ start: MultitrackCursor, _ limits: Limits) throws(FLVTagError) {
        var cursor = start
        var count = 0
        while let entry = try cursor.next(in: body.bytes) {
            count += 1
            guard count <= limits.maximumTracks else { throw .tooManyTracks(maximum: limits.maximumTracks) }
            _ = try split(entry)
        }
        guard count > 0 else { throw .truncated(offset: start.offset, needed: 1, available: 0) }
    }

    /// Where a track's payload lies, and the composition time in front of it.
    private func split(_ entry: MultitrackEntry) throws(FLVTagError) -> (Range<Int>, Int32) {
        guard hasCompositionOffset, VideoTagHeader.carriesCompositionOffset(entry.codecTag) else {
            return (entry.range, 0)
        }
        guard entry.range.count >= 3 else {
            throw .truncated(offset: entry.range.lowerBound, needed: 3, available: entry.range.count)
        }
        var reader = TagReader(body.bytes)
        try reader.skip(entry.range.lowerBound)
        let compositionOffset = try reader.s24()
        return (reader.offset..<entry.range.upperBound, compositionOffset)
    }
}
