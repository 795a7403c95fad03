package import Bytes

/// The start of an FLV file or stream (FLV 10.1 §E.2).
package struct FLVFileHeader: Sendable, Hashable {
    /// Without the bytes that a later version may add.
    package static let byteCount = 9

    package let hasAudio: Bool
    package let hasVideo: Bool

    package init(hasAudio: Bool, hasVideo: Bool) {
        self.hasAudio = hasAudio
        self.hasVideo = hasVideo
    }

    /// Appends the header and the `PreviousTagSize` in front of the first tag, 13 bytes together.
    package func append(to output: inout ByteWriter) {
        output.append("FLV\u{1}")
        output.u8((hasAudio ? 4 : 0) | (hasVideo ? 1 : 0))
        output.u32(UInt32(Self.byteCount))
        output.u32(0)
    }
}
