import Bytes

/// How a multitrack message lays out its tracks (Enhanced RTMP v2, `AvMultitrackType`).
package enum MultitrackLayout: UInt8, Sendable, Hashable {
    /// One track: an id, then its body up to the end.
    case oneTrack = 0
    /// Each track has an id, a length and a body; all have the codec that the header names.
    case manyTracks = 1
    /// As `manyTracks`, with a codec before each id.
    case manyCodecs = 2
}

/// One track of a multitrack message.
struct MultitrackEntry: Equatable {
    let track: UInt8
    let codecTag: CodecTag?
    /// Where in the tag body its own body lies, composition time included.
    let range: Range<Int>
}

/// What stands behind the packet type `Multitrack`, before the first track.
struct MultitrackPrefix {
    let layout: MultitrackLayout
    /// What all tracks are; four bits.
    let packetType: UInt8
    /// Nil where each track names its own.
    let codecTag: CodecTag?

    init(reader: inout TagReader, multitrackType: UInt8, modifierType: UInt8) throws(FLVTagError) {
        let byte = try reader.u8()
        guard let layout = MultitrackLayout(rawValue: byte >> 4) else { throw .unknownMultitrackLayout(byte >> 4) }
        packetType = byte & 0x0F
        guard packetType != multitrackType, packetType != modifierType else { throw .nestedMultitrack }
        self.layout = layout
        codecTag = layout == .manyCodecs ? nil : .fourCC(try reader.fourCC())
    }
}

/// Walks the tracks of a multitrack message without allocating.
struct MultitrackCursor: Sendable, Equatable {
    let layout: MultitrackLayout
    let codecTag: CodecTag?
    private(set) var offset: Int

    /// The next track of `body`, or nil behind the last one.
    mutating func next(in body: RawSpan) throws(FLVTagError) -> MultitrackEntry? {
        guard offset < body.byteCount else { return nil }
        var reader = TagReader(body)
        try reader.skip(offset)
        let ownTag: CodecTag? = layout == .manyCodecs ? .fourCC(try reader.fourCC()) : codecTag
        let track = try reader.u8()
        let size = layout == .oneTrack ? reader.remaining : Int(try reader.u24())
        let start = reader.offset
        try reader.skip(size)
        offset = reader.offset
        return MultitrackEntry(track: track, codecTag: ownTag, range: start..<reader.offset)
    }
}
