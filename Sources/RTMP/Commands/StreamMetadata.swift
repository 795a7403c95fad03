package import Media

/// The fields of `onMetaData`, in their order and with everything unknown among them.
///
/// They are what a publisher claims, for people and for a first guess; what a stream really is, its codec
/// configurations say. Numbers may be NaN or negative.
package struct StreamMetadata: Sendable, Equatable {
    package var properties: AMFProperties<AMF0Value>

    package init(properties: AMFProperties<AMF0Value> = AMFProperties()) { self.properties = properties }

    /// `onMetaData` as a server sends it to players, an array with names as FFmpeg and OBS write it.
    package func message(encoding: MessageEncoding = .amf0) -> DataMessage {
        DataMessage("onMetaData", [.ecmaArray(properties)], encoding: encoding)
    }
}

extension StreamMetadata {
    package var width: Double? {
        get { number("width") }
        set { set("width", newValue) }
    }

    package var height: Double? {
        get { number("height") }
        set { set("height", newValue) }
    }

    /// Frames per second. Some encoders write the other name.
    package var frameRate: Double? {
        get { number("framerate") ?? number("videoframerate") }
        set { set("framerate", newValue) }
    }

    /// Kilobits per second.
    package var videoDataRate: Double? {
        get { number("videodatarate") }
        set { set("videodatarate", newValue) }
    }

    /// Kilobits per second.
    package var audioDataRate: Double? {
        get { number("audiodatarate") }
        set { set("audiodatarate", newValue) }
    }

    /// Hertz.
    package var audioSampleRate: Double? {
        get { number("audiosamplerate") }
        set { set("audiosamplerate", newValue) }
    }

    /// Where only `stereo` is said, that decides.
    package var audioChannels: Double? {
        get { number("audiochannels") ?? isStereo.map { $0 ? 2 : 1 } }
        set { set("audiochannels", newValue) }
    }

    package var isStereo: Bool? {
        get { properties["stereo"]?.boolean }
        set { properties["stereo"] = newValue.map { .boolean($0) } }
    }

    /// Seconds; 0 for a live stream.
    package var duration: Double? {
        get { number("duration") }
        set { set("duration", newValue) }
    }

    package var encoder: AMFString? {
        get { properties["encoder"]?.text }
        set { properties["encoder"] = newValue.map { .string($0) } }
    }

    package var videoCodec: MetadataCodec? {
        get { properties["videocodecid"].flatMap { MetadataCodec($0) } }
        set { properties["videocodecid"] = newValue?.value }
    }

    package var audioCodec: MetadataCodec? {
        get { properties["audiocodecid"].flatMap { MetadataCodec($0) } }
        set { properties["audiocodecid"] = newValue?.value }
    }

    private func number(_ key: String) -> Double? { properties[key]?.number }

    private mutating func set(_ key: String, _ number: Double?) { properties[key] = number.map { .number($0) } }
}

/// How `videocodecid` and `audiocodecid` name a codec.
package enum MetadataCodec: Sendable, Hashable {
    /// A number of FLV: 7 is AVC, 10 is AAC.
    case flv(UInt8)
    /// Four characters, sent as a number (enhanced RTMP) or as a text (`avc1`).
    case fourCC(UInt32)
    /// Any other text.
    case name(AMFString)

    /// Nil for a value that names nothing.
    package init?(_ value: AMF0Value) {
        if let number = value.number {
            guard let number = UInt32(exactly: number) else { return nil }
            self = number < 0x100 ? .flv(UInt8(number)) : .fourCC(number)
            return
        }
        guard let text = value.text, !text.isEmpty else { return nil }
        let code = text.string.map { $0.utf8.reduce(UInt64(0)) { $0 << 8 & 0xFFFF_FFFF | UInt64($1) } }
        if let code, text.byteCount == 4 {
            self = .fourCC(UInt32(code))
        } else {
            self = .name(text)
        }
    }

    /// As a tag body names it; nil for none.
    package init?(_ tag: CodecTag?) {
        switch tag {
        case .video(let codec): self = .flv(codec.rawValue)
        case .audio(let format): self = .flv(format.rawValue)
        case .fourCC(let code): self = .fourCC(code.rawValue)
        case nil: return nil
        }
    }

    /// A FourCC is written as a number, which is what enhanced RTMP asks for.
    package var value: AMF0Value {
        switch self {
        case .flv(let number): .number(Double(number))
        case .fourCC(let code): .number(Double(code))
        case .name(let text): .string(text)
        }
    }
}
