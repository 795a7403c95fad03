package import Bytes

/// A data message (types 18 and 15): metadata, texts, or whatever a publisher sends to its players.
///
/// It holds what was sent; written again, it says the same.
package struct DataMessage: Sendable, Equatable {
    /// `onMetaData`, `onTextData`, `onFI`, `onCuePoint`, `|RtmpSampleAccess`, `@setDataFrame` …
    package var name: AMFString
    package var values: [AMF0Value]
    package var encoding: MessageEncoding

    package init(_ name: AMFString, _ values: [AMF0Value], encoding: MessageEncoding = .amf0) {
        self.name = name
        self.values = values
        self.encoding = encoding
    }

    /// The payload of a message of type 18 or 15, all of it.
    package init(
        parsing payload: RawSpan, _ encoding: MessageEncoding, limits: AMFLimits = AMFLimits()
    ) throws(CommandError) {
        var reader = AMFReader(payload, limits: limits)
        do { try reader.skipFormat(encoding) } catch { throw .malformed(error) }
        name = try reader.name()
        do { values = try reader.rest() } catch { throw .malformed(error) }
        self.encoding = encoding
    }

    /// Appends the payload of a message.
    package func append(to output: inout ByteWriter) throws(AMFError) {
        if encoding == .amf3 { output.u8(0) }
        try AMF0Value.string(name).append(to: &output)
        for value in values { try value.append(to: &output) }
    }
}

extension DataMessage {
    /// What players get: `@setDataFrame`, by which a publisher asks the server to keep a message for later players, is
    /// taken off. Nil for `@clearDataFrame` and for a frame without a message, which are for the server alone.
    package var forPlayers: DataMessage? {
        if name.equals("@clearDataFrame") { return nil }
        guard name.equals("@setDataFrame") else { return self }
        guard let inner = values.first?.text else { return nil }
        return DataMessage(inner, Array(values.dropFirst()), encoding: encoding)
    }

    /// The message as a publisher sends it to a server that should keep it.
    package var asDataFrame: DataMessage {
        name.equals("@setDataFrame")
            ? self : DataMessage("@setDataFrame", [.string(name)] + values, encoding: encoding)
    }

    /// The fields of `onMetaData`, in a data frame or not; nil for any other message.
    package var metadata: StreamMetadata? {
        guard let message = forPlayers, message.name.equals("onMetaData") else { return nil }
        return message.values.first?.properties.map { StreamMetadata(properties: $0) }
    }

    /// Whether players may look at the samples: Flash players draw no picture of a stream without it.
    package static func sampleAccess(audio: Bool = true, video: Bool = true) -> DataMessage {
        DataMessage("|RtmpSampleAccess", [.boolean(audio), .boolean(video)])
    }
}
