import Bytes

extension ChunkHeader {
    /// Of the header of a chunk that goes on with a message.
    static let maximumContinuationBytes = 7

    /// Appends a header that opens a message; `field` is its timestamp or the difference to the last one.
    static func append(_ header: MessageHeader, format: UInt8, field: UInt32, to output: inout ByteWriter) {
        appendBasic(format, header.chunkStream, to: &output)
        guard format < 3 else { return }
        output.u24(min(field, extendedMark))
        if format < 2 {
            output.u24(UInt32(header.length))
            output.u8(header.type.number)
        }
        if format == 0 { output.u32LE(header.stream.number) }
        if field >= extendedMark { output.u32(field) }
    }

    /// Appends a header that goes on with a message whose first one had this extended timestamp.
    static func appendContinuation(_ chunkStream: ChunkStreamID, extended: UInt32?, to output: inout ByteWriter) {
        appendBasic(3, chunkStream, to: &output)
        if let extended { output.u32(extended) }
    }

    private static func appendBasic(_ format: UInt8, _ chunkStream: ChunkStreamID, to output: inout ByteWriter) {
        let number = chunkStream.number
        let high = format << 6
        switch chunkStream.byteCount {
        case 1: output.u8(high | UInt8(number))
        case 2:
            output.u8(high)
            output.u8(UInt8(number - 64))
        default:
            output.u8(high | 1)
            output.u16LE(UInt16(number - 64))
        }
    }
}
