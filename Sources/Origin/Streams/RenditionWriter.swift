package import Bytes
package import Media
import Muxing
package import RTMP

/// Turns the frames of one stream into segments of one kind, on the publisher's loop, once for all viewers.
package final class RenditionWriter {
    /// What a frame is to a viewer that comes new.
    package enum Beginning {
        case none
        /// A viewer may begin with it: sound without pictures.
        case possible
        /// A viewer begins with it: a key frame. A segment begins with it too.
        case key
    }

    /// Where a segment ends in any case, so that it need not be moved often while it grows.
    private static let segmentBytes = 256 * 1024

    /// So many milliseconds are not in one segment, also where a publisher sends minutes at once: bounds of time are
    /// those of segments.
    private static let segmentTime: Int64 = 1_000

    package let kind: RenditionKind
    private let chunkSize: Int
    private var open: ByteWriter?
    private var openTime = MediaTime.zero
    private var openEntry: Segment.Entry?
    /// What the last segment came to: the next will be alike.
    private var usualBytes = 4 * 1024
    private var ready: [Segment] = []
    private var readyBytes = 0

    package init(_ kind: RenditionKind, chunkSize: Int) {
        self.kind = kind
        self.chunkSize = chunkSize
    }

    /// Appends `frame` where viewers of this kind get it.
    package func append(_ frame: Frame, _ beginning: Beginning, head: borrowing StreamHead) {
        guard wants(frame.kind), let body = frame.tagBody else { return }
        let beginning: Beginning = selection == .audioOnly && frame.content == .coded ? .possible : beginning
        let isLong = frame.time - openTime >= Self.segmentTime
        if beginning == .key || isLong || (beginning == .possible && openEntry == nil) { cut() }
        var writer = open.take() ?? begin(frame, beginning, head)
        write(frame.kind, body, at: frame.time, to: &writer)
        let isFull = writer.count >= Self.segmentBytes
        open = consume writer
        if isFull { cut() }
    }

    /// What waits to be taken, heads included.
    package var byteCount: Int { readyBytes + (open?.count ?? 0) + (openEntry?.byteCount ?? 0) }

    /// Everything appended since the last time, as segments.
    package func take() -> [Segment] {
        cut()
        defer {
            ready = []
            readyBytes = 0
        }
        return ready
    }

    private func begin(_ frame: Frame, _ beginning: Beginning, _ head: borrowing StreamHead) -> ByteWriter {
        openTime = frame.time
        openEntry = beginning == .none ? nil : entry(head, at: frame.time)
        return ByteWriter(capacity: usualBytes)
    }

    private func cut() {
        guard let writer = open.take() else { return }
        usualBytes = writer.count
        let segment = Segment(writer.finishTightly(), time: openTime, entry: openEntry)
        openEntry = nil
        readyBytes += segment.byteCount
        ready.append(segment)
    }

    private var selection: TrackSelection {
        switch kind {
        case .rtmp(_, let selection), .flv(let selection): selection
        }
    }

    private func wants(_ kind: MediaKind) -> Bool {
        switch (selection, kind) {
        case (.audioOnly, .video), (.videoOnly, .audio): false
        case (.all, _), (.audioOnly, .audio), (.audioOnly, .data), (.videoOnly, .video), (.videoOnly, .data): true
        }
    }
}

// MARK: - Bytes

extension RenditionWriter {
    private func entry(_ head: borrowing StreamHead, at time: MediaTime) -> Segment.Entry {
        var preamble = ByteWriter(capacity: 16)
        switch kind {
        case .rtmp: break
        case .flv:
            FLVFileHeader(hasAudio: head.hasAudio && wants(.audio), hasVideo: head.hasVideo && wants(.video))
                .append(to: &preamble)
        }
        var output = ByteWriter(capacity: 1024)
        if let metadata = Self.payload(of: head.metadata(for: selection).message()) {
            // FFmpeg takes metadata with another time for text that is shown at that time.
            write(.data, metadata, at: .zero, to: &output)
        }
        for frame in head.configurations where wants(frame.kind) {
            guard let body = frame.tagBody else { continue }
            write(frame.kind, body, at: time, to: &output)
        }
        return Segment.Entry(preamble: preamble.finish(), head: output.finishTightly(), version: head.version)
    }

    /// Nil for what AMF cannot say, which nothing that was read from AMF is.
    package static func payload(of message: DataMessage) -> SharedBytes? {
        var output = ByteWriter(capacity: 512)
        do throws(AMFError) { try message.append(to: &output) } catch { return nil }
        return output.finishTightly()
    }

    private func write(_ kind: MediaKind, _ body: SharedBytes, at time: MediaTime, to output: inout ByteWriter) {
        switch self.kind {
        case .rtmp(let stream, _):
            let message = Message(
                chunkStream: kind.chunkStream, timestamp: time.wire, type: kind.messageType, stream: stream,
                payload: body)
            ChunkWriter.appendWhole(message, chunkSize: chunkSize, to: &output)
        case .flv:
            guard let header = FLVTagHeader(kind, bodyBytes: body.count, timestamp: time.wire) else { return }
            header.append(to: &output)
            output.append(body)
            header.appendTrailer(to: &output)
        }
    }
}

extension MediaKind {
    /// Those of other servers; commands have theirs below, so that nothing is written on one from two places.
    fileprivate var chunkStream: ChunkStreamID {
        switch self {
        case .audio: .audio
        case .video: .video
        case .data: .data
        }
    }

    fileprivate var messageType: MessageType {
        switch self {
        case .audio: .audio
        case .video: .video
        case .data: .dataAMF0
        }
    }
}
