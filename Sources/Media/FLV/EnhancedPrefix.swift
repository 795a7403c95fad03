/// The start that enhanced audio and video headers share: modifiers, then a packet type.
///
/// Enhanced RTMP v2 calls the modifiers `ModEx`. Each is a length, that many bytes, its own type and the next packet
/// type; their number is bounded by the message alone, for each takes three bytes at least.
struct EnhancedPrefix {
    /// `PacketType` after the last modifier; four bits.
    let packetType: UInt8
    /// 0 to 999,999 ns.
    let nanoOffset: UInt32

    private static let modifier: UInt8 = 7

    /// `firstType` is the packet type in the first byte of the body, which `reader` has passed.
    init(_ firstType: UInt8, reader: inout TagReader) throws(FLVTagError) {
        var type = firstType
        var nanoseconds: UInt32 = 0
        while type == Self.modifier {
            var size = Int(try reader.u8()) + 1
            if size == 256 { size = Int(try reader.u16()) + 1 }
            var value: UInt32 = 0
            if size >= 3 {
                value = try reader.u24()
                try reader.skip(size - 3)
            } else {
                try reader.skip(size)
            }
            let types = try reader.u8()
            // Type 0 is TimestampOffsetNano; others change nothing that is understood here.
            if types >> 4 == 0, size >= 3 { nanoseconds = min(value, 999_999) }
            type = types & 0x0F
        }
        packetType = type
        nanoOffset = nanoseconds
    }
}
