import Bytes

/// The header of one chunk as it is written, before what it leaves out is filled in.
struct ChunkHeader {
    /// 0 to 3: how much of the message header it repeats.
    let format: UInt8
    let chunkStream: UInt32
    /// Of the basic header.
    let basicBytes: Int

    /// Of basic header and message header at most, with an extended timestamp.
    static let maximumBytes = 18

    /// A timestamp field that says: see the extended timestamp.
    static let extendedMark: UInt32 = 0xFF_FFFF

    /// The basic header at the start of `bytes`, or nil where there is not all of it.
    @inline(__always)
    init?(_ bytes: RawSpan) {
        let count = bytes.byteCount
        guard count > 0 else { return nil }
        let first = bytes[0]
        format = first >> 6
        switch first & 0x3F {
        case 0:
            guard count > 1 else { return nil }
            chunkStream = 64 + UInt32(bytes[1])
            basicBytes = 2
        case 1:
            guard count > 2 else { return nil }
            chunkStream = 64 + UInt32(bytes[1]) + UInt32(bytes[2]) << 8
            basicBytes = 3
        case let small:
            chunkStream = UInt32(small)
            basicBytes = 1
        }
    }

    /// Of the message header without extended timestamp: 11, 7, 3 or 0.
    @inline(__always)
    var messageBytes: Int {
        switch format {
        case 0: 11
        case 1: 7
        case 2: 3
        default: 0
        }
    }
}

extension RawSpan {
    /// The big-endian number of 24 bits at `position`.
    @inline(__always)
    func u24(at position: Int) -> UInt32 {
        UInt32(self[position]) << 16 | UInt32(self[position + 1]) << 8 | UInt32(self[position + 2])
    }

    /// The big-endian number of 32 bits at `position`.
    @inline(__always)
    func u32(at position: Int) -> UInt32 { u24(at: position) << 8 | UInt32(self[position + 3]) }
}
