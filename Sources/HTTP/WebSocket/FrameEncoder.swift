package import Bytes

/// Writes WebSocket frames (RFC 6455 §5.2).
package enum FrameEncoder {
    /// Appends only the header: a server sends the payload behind it as it is, without copying it.
    package static func appendHeader(_ header: FrameHeader, to output: inout ByteWriter) {
        output.reserve(FrameHeader.maximumBytes)
        output.u8(header.opcode.rawValue | (header.isFinal ? 0x80 : 0))
        let masked: UInt8 = header.maskKey == nil ? 0 : 0x80
        switch header.length {
        case ..<126:
            output.u8(masked | UInt8(header.length))
        case ..<65536:
            output.u8(masked | 126)
            output.u16(UInt16(header.length))
        default:
            output.u8(masked | 127)
            output.u64(UInt64(header.length))
        }
        if let key = header.maskKey { output.u32(key) }
    }

    /// Appends a whole frame; the payload is masked where there is a key.
    package static func append(
        _ opcode: Opcode, _ payload: RawSpan, isFinal: Bool = true, maskKey: UInt32? = nil, to output: inout ByteWriter
    ) {
        appendHeader(
            FrameHeader(opcode, length: payload.byteCount, isFinal: isFinal, maskKey: maskKey), to: &output)
        if let maskKey {
            var mask = Mask(key: maskKey)
            mask.append(payload, to: &output)
        } else {
            output.append(payload)
        }
    }

    /// Appends a close frame. `reason` is cut to what fits, never within a character.
    package static func appendClose(
        _ code: CloseCode, reason: String = "", maskKey: UInt32? = nil, to output: inout ByteWriter
    ) {
        var payload = ByteWriter(capacity: FrameHeader.maximumControlBytes)
        payload.u16(code.rawValue)
        for character in reason {
            guard payload.count + character.utf8.count <= FrameHeader.maximumControlBytes else { break }
            payload.append(text: String(character))
        }
        append(.close, payload.bytes, maskKey: maskKey, to: &output)
    }
}
