import Bytes
import Media
import MediaModel
import Muxing
import RTMP

@testable import Origin

/// A viewer that keeps what it is sent, and takes no more where it is told so.
final class Viewer: SubscriberSink {
    var isBlocked = false
    private(set) var pieces: [[UInt8]] = []
    private(set) var flushes = 0
    private(set) var ends = 0
    var subscriber: Subscriber?
    var flushed: (Viewer) -> Void = { _ in }

    func enqueue(_ bytes: SharedBytes) { pieces.append(bytes.array) }

    func flush() {
        flushes += 1
        flushed(self)
    }

    func publisherEnded() { ends += 1 }

    /// All that came, as FLV.
    var transcript: FLVTranscript { demux(pieces) }

    /// The media in it: what each tag's last byte says, and its time.
    var marks: [String] {
        transcript.tags.compactMap { tag in
            guard let last = tag.body.array.last else { return nil }
            switch tag.kind {
            case .data: return "data@\(tag.timestamp)"
            case .video:
                guard tag.body.array[1] == 1 else { return "avc@\(tag.timestamp)" }
                return "\(tag.body.array[0] == 0x17 ? "K" : "P")\(last)@\(tag.timestamp)"
            case .audio: return tag.body.array[1] == 1 ? "A\(last)@\(tag.timestamp)" : "aac@\(tag.timestamp)"
            }
        }
    }
}

extension FLVTranscript {
    var metadata: StreamMetadata? {
        guard let body = tags.first(where: { $0.kind == .data })?.body else { return nil }
        return (try? DataMessage(parsing: body.bytes, .amf0))?.metadata
    }
}
