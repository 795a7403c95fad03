package import Bytes

/// The frames of one FLV tag body, or of one RTMP message of media: one, or one per track of a multitrack message.
///
///     var frames = try TagFrames(.video, body: body, time: time)
///     while let frame = frames.next() { publish(frame) }
///
/// The whole body is checked at the start, so that a message counts entirely or not at all. Each frame shares `body`.
package struct TagFrames: ~Copyable, Sendable {
    package struct Limits: Sendable {
        /// A message with more tracks than this is refused.
        package var maximumTracks: Int

        package init(maximumTracks: Int = 16) { self.maximumTracks = maximumTracks }
    }

    private enum State {
        case single
        case tracks(MultitrackCursor, isFirst: Bool)
        case ended
    }

    private var state: State
    private let head: TagHead
    private let body: SharedBytes
    private let time: MediaTime

    /// `kind` is told by the tag or message type. A body of script data is one frame of metadata, not looked into.
    package init(
        _ kind: MediaKind, body: SharedBytes, time: MediaTime, limits: Limits = Limits()
    ) throws(FLVTagError) {
        let head = try TagHead(kind, body.bytes)
        if let layout = head.multitrack {
            let cursor = MultitrackCursor(layout: layout, codecTag: head.codecTag, offset: head.payloadStart)
            try head.check(cursor, in: body.bytes, limits)
            state = .tracks(cursor, isFirst: true)
        } else {
            state = .single
        }
        self.head = head
        self.body = body
        self.time = time
    }

    /// The next frame, or nil behind the last one.
    package mutating func next() -> Frame? {
        switch state {
        case .ended:
            return nil
        case .single:
            state = .ended
            return frame(
                head.payloadStart..<body.count, head.codecTag, .tagBody, track: 0, head.compositionOffset)
        case .tracks(var cursor, let isFirst):
            // Cannot fail: `init` has walked the same tracks.
            guard let entry = try? cursor.next(in: body.bytes),
                let (range, compositionOffset) = try? head.split(entry, in: body.bytes)
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
            kind: head.kind, content: head.content, wire: wire, isKeyframe: head.isKeyframe, codec: tag?.codec,
            track: track, time: time, compositionOffset: compositionOffset, nanoOffset: head.nanoOffset, bytes: body,
            payloadRange: range)
    }
}

/// What `TagFrames` needs of a header, whatever its kind.
private struct TagHead {
    let kind: MediaKind
    var content = Frame.Content.metadata
    var isKeyframe = false
    var codecTag: CodecTag?
    var compositionOffset: Int32 = 0
    var nanoOffset: UInt32 = 0
    var multitrack: MultitrackLayout?
    var hasCompositionOffset = false
    var payloadStart = 0

    init(_ kind: MediaKind, _ body: RawSpan) throws(FLVTagError) {
        self.kind = kind
        switch kind {
        case .video:
            let header = try VideoTagHeader(body)
            content = header.content
            isKeyframe = header.frameType == .key && header.content == .coded
            codecTag = header.codecTag
            compositionOffset = header.compositionOffset
            nanoOffset = header.nanoOffset
            multitrack = header.multitrack
            hasCompositionOffset = header.hasCompositionOffset
            payloadStart = header.payloadStart
        case .audio:
            let header = try AudioTagHeader(body)
            content = header.content
            codecTag = header.codecTag
            nanoOffset = header.nanoOffset
            multitrack = header.multitrack
            payloadStart = header.payloadStart
        case .data:
            guard body.byteCount > 0 else { throw .empty }
        }
    }

    /// Walks the tracks from `start` on, so that what is wrong with one is known before the first is used.
    func check(_ start: MultitrackCursor, in body: RawSpan, _ limits: TagFrames.Limits) throws(FLVTagError) {
        var cursor = start
        var count = 0
        while let entry = try cursor.next(in: body) {
            count += 1
            guard count <= limits.maximumTracks else { throw .tooManyTracks(maximum: limits.maximumTracks) }
            _ = try split(entry, in: body)
        }
        guard count > 0 else { throw .truncated(offset: start.offset, needed: 1, available: 0) }
    }

    /// Where a track's payload lies, and the composition time in front of it.
    func split(_ entry: MultitrackEntry, in body: RawSpan) throws(FLVTagError) -> (Range<Int>, Int32) {
        guard hasCompositionOffset, VideoTagHeader.carriesCompositionOffset(entry.codecTag) else {
            return (entry.range, 0)
        }
        guard entry.range.count >= 3 else {
            throw .truncated(offset: entry.range.lowerBound, needed: 3, available: entry.range.count)
        }
        var reader = TagReader(body)
        try reader.skip(entry.range.lowerBound)
        let compositionOffset = try reader.s24()
        return (reader.offset..<entry.range.upperBound, compositionOffset)
    }
}
