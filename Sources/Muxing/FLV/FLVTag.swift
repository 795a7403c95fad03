package import Bytes
package import Media

/// What stands in front of a tag body in an FLV stream (FLV 10.1 §E.4.1).
package struct FLVTagHeader: Sendable, Hashable {
    package static let byteCount = RawTagHeader.byteCount
    /// `DataSize` has 24 bits.
    package static let maximumBodyBytes = 0xFF_FFFF

    package let kind: MediaKind
    /// In bytes; at most `maximumBodyBytes`.
    package let bodyBytes: Int
    /// In milliseconds; wraps every 49.7 days.
    package let timestamp: UInt32

    /// Nil for a body that no tag can hold.
    package init?(_ kind: MediaKind, bodyBytes: Int, timestamp: UInt32) {
        guard bodyBytes >= 0, bodyBytes <= Self.maximumBodyBytes else { return nil }
        self.kind = kind
        self.bodyBytes = bodyBytes
        self.timestamp = timestamp
    }

    /// Appends the 11 bytes; the stream id is 0, as it always is.
    package func append(to output: inout ByteWriter) {
        output.reserve(Self.byteCount)
        output.u8(kind.tagType)
        output.u24(UInt32(bodyBytes))
        output.u24(timestamp & 0xFF_FFFF)
        output.u8(UInt8(timestamp >> 24))
        output.u24(0)
    }

    /// Appends `PreviousTagSize`, which follows the body.
    package func appendTrailer(to output: inout ByteWriter) { output.u32(UInt32(Self.byteCount + bodyBytes)) }
}

extension MediaKind {
    /// `TagType`, which is the type of an RTMP message as well.
    var tagType: UInt8 {
        switch self {
        case .audio: 8
        case .video: 9
        case .data: 18
        }
    }

    init?(tagType: UInt8) {
        switch tagType {
        case 8: self = .audio
        case 9: self = .video
        case 18: self = .data
        default: return nil
        }
    }
}

/// One tag of an FLV stream.
package struct FLVTag: Sendable, Equatable {
    package let kind: MediaKind
    /// In milliseconds; wraps every 49.7 days.
    package let timestamp: UInt32
    /// What `TagFrames` reads, and what goes on to RTMP and FLV viewers as it is.
    package let body: SharedBytes

    package init(_ kind: MediaKind, timestamp: UInt32, body: SharedBytes) {
        self.kind = kind
        self.timestamp = timestamp
        self.body = body
    }
}
