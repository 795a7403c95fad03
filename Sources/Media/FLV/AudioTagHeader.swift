import Bytes

/// The head of an audio tag body, which is also the body of an RTMP audio message.
///
/// Legacy as in FLV 10.1 §E.4.2, enhanced as in Enhanced RTMP v2 (`ExAudioTagHeader`).
package struct AudioTagHeader: Sendable, Equatable {
    /// What a legacy header says of the sound; AAC and Speex put constants there, so the configuration counts.
    package struct Sound: Sendable, Equatable {
        /// In hertz.
        package let sampleRate: Int
        package let bitDepth: Int
        package let channels: Int
    }

    /// Nil in an enhanced header.
    package private(set) var sound: Sound?
    package private(set) var content = Frame.Content.coded
    /// Nil where each track has its own.
    package private(set) var codecTag: CodecTag?
    /// 0 to 999,999 ns.
    package private(set) var nanoOffset: UInt32 = 0
    /// Nil for the usual message of one unnumbered track.
    package private(set) var multitrack: MultitrackLayout?
    /// Where the payload begins; of a multitrack message, the first track.
    package private(set) var payloadStart = 0

    package var isEnhanced: Bool { sound == nil }

    package init(_ body: RawSpan) throws(FLVTagError) {
        guard body.byteCount > 0 else { throw .empty }
        var reader = TagReader(body)
        let first = try reader.u8()
        let format = FLVSoundFormat(rawValue: first >> 4)
        if format == .enhanced {
            try readEnhanced(first & 0x0F, &reader)
        } else {
            try readLegacy(format, first & 0x0F, &reader)
        }
        payloadStart = reader.offset
    }

    private mutating func readLegacy(
        _ format: FLVSoundFormat, _ bits: UInt8, _ reader: inout TagReader
    ) throws(FLVTagError) {
        codecTag = .audio(format)
        let rate =
            switch format {
            case .nellymoser16k, .speex: 16_000
            case .nellymoser8k, .mp38k, .g711ALaw, .g711MuLaw: 8_000
            // 5.5, 11, 22 or 44 kHz.
            default: 44_100 >> (3 - Int(bits >> 2))
            }
        sound = Sound(sampleRate: rate, bitDepth: bits & 2 == 0 ? 8 : 16, channels: bits & 1 == 0 ? 1 : 2)
        guard format == .aac else { return }
        switch try reader.u8() {
        case 0: content = .configuration
        case 1: content = .coded
        default: content = .other
        }
    }

    private mutating func readEnhanced(_ firstType: UInt8, _ reader: inout TagReader) throws(FLVTagError) {
        let prefix = try EnhancedPrefix(firstType, reader: &reader)
        nanoOffset = prefix.nanoOffset
        var packetType = prefix.packetType
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
    }
}

/// `AudioPacketType` of Enhanced RTMP.
private enum PacketType {
    static let multitrack: UInt8 = 5
    static let modifier: UInt8 = 7

    static func content(_ type: UInt8) -> Frame.Content {
        switch type {
        case 0: .configuration
        case 1: .coded
        case 2: .sequenceEnd
        case 4: .channelLayout
        default: .other
        }
    }
}
