package import Bytes

/// One unit of media, from whichever protocol it came: the value that publishers write and viewers share.
///
/// It is a reference to bytes and a few numbers, 56 bytes in all: to hand it to one more viewer costs one retain, and
/// nothing is allocated or copied. `bytes` is what arrived. Where that was an FLV tag body, which is also an RTMP
/// message, `tagBody` gives it back, so that RTMP and FLV viewers get it as it came; `payload` is the part that other
/// containers carry.
package struct Frame: Sendable, Equatable {
    package enum Content: UInt8, Sendable, Hashable {
        /// Coded video or audio.
        case coded
        /// The codec configuration record that decoders need first: a sequence header.
        case configuration
        /// An AV1 video descriptor of MPEG-2 TS in place of the configuration record.
        case transportConfiguration
        /// How the channels of an audio track lie (Enhanced RTMP `MultichannelConfig`).
        case channelLayout
        case sequenceEnd
        /// AMF: `onMetaData`, or the colour metadata of Enhanced RTMP.
        case metadata
        /// A seek command for players of files; it carries no picture.
        case command
        /// A packet type that is not known: to be passed through, or dropped.
        case other
    }

    /// How `bytes` relates to an FLV tag body.
    package enum Wire: UInt8, Sendable, Hashable {
        /// `bytes` is a tag body and this its only frame.
        case tagBody
        /// `bytes` is a multitrack tag body, and this the first of its frames.
        case firstOfTagBody
        /// `bytes` is a multitrack tag body that an earlier frame has brought already.
        case restOfTagBody
        /// `bytes` is the payload alone, as from MPEG-TS or RTP.
        case bare
    }

    package let kind: MediaKind
    package var content: Content
    package let wire: Wire
    /// Whether a decoder that has the configuration may start here: video only.
    package let isKeyframe: Bool
    /// Nil where the codec is not known.
    package let codec: Codec?
    /// The track's number within its kind; 0 is the main one.
    package let track: UInt8

    /// When it is decoded.
    package var time: MediaTime

    /// From decoding to presentation, in milliseconds; 24 bits with sign on the wire.
    package let compositionOffset: Int32

    /// How much later than `time` it really is, 0 to 999,999 ns (Enhanced RTMP `TimestampOffsetNano`).
    package let nanoOffset: UInt32

    /// All that arrived.
    package let bytes: SharedBytes

    private let payloadStart: UInt32
    private let payloadEnd: UInt32

    /// When it is presented.
    package var presentationTime: MediaTime { time + Int64(compositionOffset) }

    package var isConfiguration: Bool { content == .configuration || content == .transportConfiguration }

    /// Where in `bytes` the payload lies.
    package var payloadRange: Range<Int> { Int(payloadStart)..<Int(payloadEnd) }

    /// What the codec made, without the container's header; shares the memory of `bytes`.
    package var payload: SharedBytes { bytes[payloadRange] }

    /// The FLV tag body to send on as it is: nil where the frame came without one, or where an earlier frame brought
    /// it.
    package var tagBody: SharedBytes? {
        switch wire {
        case .tagBody, .firstOfTagBody: bytes
        case .restOfTagBody, .bare: nil
        }
    }
}

extension Frame {
    /// A frame that came without an FLV header.
    package init(
        _ codec: Codec, _ content: Content = .coded, payload: SharedBytes, time: MediaTime,
        compositionOffset: Int32 = 0, isKeyframe: Bool = false, track: UInt8 = 0
    ) {
        self.init(
            kind: codec.kind, content: content, wire: .bare, isKeyframe: isKeyframe, codec: codec, track: track,
            time: time, compositionOffset: compositionOffset, nanoOffset: 0, bytes: payload,
            payloadRange: 0..<payload.count)
    }

    /// `payloadRange` must lie within `bytes`.
    init(
        kind: MediaKind, content: Content, wire: Wire, isKeyframe: Bool, codec: Codec?, track: UInt8, time: MediaTime,
        compositionOffset: Int32, nanoOffset: UInt32, bytes: SharedBytes, payloadRange: Range<Int>
    ) {
        precondition(payloadRange.lowerBound >= 0 && payloadRange.upperBound <= bytes.count, "payload outside of bytes")
        self.kind = kind
        self.content = content
        self.wire = wire
        self.isKeyframe = isKeyframe
        self.codec = codec
        self.track = track
        self.time = time
        self.compositionOffset = compositionOffset
        self.nanoOffset = nanoOffset
        self.bytes = bytes
        payloadStart = UInt32(payloadRange.lowerBound)
        payloadEnd = UInt32(payloadRange.upperBound)
    }
}
