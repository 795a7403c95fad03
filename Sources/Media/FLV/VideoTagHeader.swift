import Bytes

/// `FrameType` of a video tag.
package enum VideoFrameType: UInt8, Sendable, Hashable {
    case reserved0 = 0
    case key = 1
    case inter = 2
    /// A picture that no other needs (H.263 only).
    case disposable = 3
    /// Made by a server; not one to start at.
    case generatedKey = 4
    case command = 5
    case reserved6 = 6
    case reserved7 = 7
}

/// The head of a video tag body, which is also the body of an RTMP video message.
///
/// Legacy as in FLV 10.1 §E.4.3, enhanced as in Enhanced RTMP v1 and v2 (`ExVideoTagHeader`).
package struct VideoTagHeader: Sendable, Equatable {
    package let frameType: VideoFrameType
    package let isEnhanced: Bool
    package private(set) var content = Frame.Content.coded
    /// Nil where there is none, or each track has its own.
    package private(set) var codecTag: CodecTag?
    /// In milliseconds; of a multitrack message each track has its own.
    package private(set) var compositionOffset: Int32 = 0
    /// 0 to 999,999 ns.
    package private(set) var nanoOffset: UInt32 = 0
    /// Nil for the usual message of one unnumbered track.
    package private(set) var multitrack: MultitrackLayout?
    /// Where the payload begins; of a multitrack message, the first track.
    package private(set) var payloadStart = 0
    /// Whether a track of a codec that has composition times begins with one.
    private(set) var hasCompositionOffset = false

    package init(_ body: RawSpan) throws(FLVTagError) {
        guard body.byteCount > 0 else { throw .empty }
        var reader = TagReader(body)
        let first = try reader.u8()
        // Three bits always have a case.
        frameType = VideoFrameType(rawValue: first >> 4 & 0x07) ?? .reserved0
        isEnhanced = first & 0x80 != 0
        if isEnhanced {
            try readEnhanced(first & 0x0F, &reader)
        } else {
            try readLegacy(FLVVideoCodec(rawValue: first & 0x0F), &reader)
        }
        payloadStart = reader.offset
    }

    private mutating func readLegacy(_ video: FLVVideoCodec, _ reader: inout TagReader) throws(FLVTagError) {
        codecTag = .video(video)
        if frameType == .command {
            content = .command
            return
        }
        guard video.hasPacketType else { return }
        let packetType = try reader.u8()
        // Always there, whatever the packet type; it means something for pictures only.
        let offset = try reader.s24()
        switch packetType {
        case 0: content = .configuration
        case 1: compositionOffset = offset
        case 2: content = .sequenceEnd
        default: content = .other
        }
    }

    private mutating func readEnhanced(_ firstType: UInt8, _ reader: inout TagReader) throws(FLVTagError) {
        let prefix = try EnhancedPrefix(firstType, reader: &reader)
        nanoOffset = prefix.nanoOffset
        var packetType = prefix.packetType
        if frameType == .command, packetType != PacketType.metadata {
            content = .command
            return
        }
        if packetType == PacketType.multitrack {
            let tracks = try MultitrackPrefix(
                reader: &reader, multitrackType: PacketType.multitrack, modifierType: PacketType.modifier)
            multitrack = tracks.layout
            packetType = tracks.packetType
            codecTag = tracks.codecTag
        } else {
            codecTag = .fourCC(try reader.fourCC())
        }
        content = PacketType.content(packetType)
        hasCompositionOffset = packetType == PacketType.codedFrames
        if multitrack == nil, hasCompositionOffset, Self.carriesCompositionOffset(codecTag) {
            compositionOffset = try reader.s24()
        }
    }

    /// Whether coded frames of this codec begin with a composition time: those that may reorder pictures and do not
    /// hide it.
    static func carriesCompositionOffset(_ tag: CodecTag?) -> Bool {
        switch tag {
        case .fourCC(.avc), .fourCC(.hevc), .fourCC(.vvc): true
        case .fourCC, .video, .audio, nil: false
        }
    }
}

/// `VideoPacketType` of Enhanced RTMP.
private enum PacketType {
    static let codedFrames: UInt8 = 1
    static let metadata: UInt8 = 4
    static let multitrack: UInt8 = 6
    static let modifier: UInt8 = 7

    static func content(_ type: UInt8) -> Frame.Content {
        switch type {
        case 0: .configuration
        // The second is for frames whose composition time is 0 and left out.
        case codedFrames, 3: .coded
        case 2: .sequenceEnd
        case metadata: .metadata
        case 5: .transportConfiguration
        default: .other
        }
    }
}
