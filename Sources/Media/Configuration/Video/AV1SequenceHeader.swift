import Bytes

/// The front of `sequence_header_obu` (AV1 §5.5.1), up to the size of the picture.
package struct AV1SequenceHeader: Sendable, Hashable {
    /// The largest picture of the sequence.
    package let size: PictureSize
    /// Nil where pictures do not come at equal distances, or that is not told.
    package let frameRate: FrameRate?

    /// The first sequence header among the OBUs of `bytes`, which all have their size.
    static func first(in bytes: RawSpan) throws(ConfigurationError) -> AV1SequenceHeader? {
        var position = 0
        while position < bytes.byteCount {
            var reader = FieldReader(bytes.extracting(position..<bytes.byteCount))
            let header = try reader.u8()
            guard header & 0x80 == 0 else { throw .wrongSignature }
            // The extension: temporal and spatial layer.
            if header & 0x04 != 0 { try reader.skip(8) }
            let rest = bytes.byteCount - position
            let hasSize = header & 0x02 != 0
            let size = hasSize ? try reader.leb128() : rest - reader.bit / 8
            let payload = try reader.byteRange(size)
            if header >> 3 & 0x0F == 1 {
                let start = position + payload.lowerBound
                return try AV1SequenceHeader(bytes.extracting(start..<(start + size)))
            }
            position += payload.upperBound
        }
        return nil
    }

    /// `payload` of the OBU, without its header.
    package init(_ payload: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(payload)
        // Profile, still picture.
        try reader.skip(4)
        let isReduced = try reader.flag()
        if isReduced {
            try reader.skip(5)
            frameRate = nil
        } else {
            frameRate = try Self.readTimingAndOperatingPoints(&reader)
        }
        let widthBits = try reader.int(4) + 1
        let heightBits = try reader.int(4) + 1
        let width = try reader.int(widthBits) + 1
        let height = try reader.int(heightBits) + 1
        size = PictureSize(width: width, height: height)
    }

    private static func readTimingAndOperatingPoints(
        _ reader: inout FieldReader
    ) throws(ConfigurationError) -> FrameRate? {
        var frameRate: FrameRate?
        var bufferDelayBits: Int?
        if try reader.flag() {
            let unitsInTick = UInt64(try reader.u32())
            let timeScale = UInt64(try reader.u32())
            if try reader.flag() {
                let ticksPerPicture = UInt64(try reader.uvlc()) + 1
                frameRate = FrameRate(timeScale, per: unitsInTick * ticksPerPicture)
            }
            if try reader.flag() {
                bufferDelayBits = try reader.int(5) + 1
                try reader.skip(32 + 5 + 5)
            }
        }
        let hasDisplayDelay = try reader.flag()
        for _ in 0...(try reader.int(5)) {
            // Which layers belong to the operating point.
            try reader.skip(12)
            let level = try reader.int(5)
            // The tier.
            if level > 7 { try reader.skip(1) }
            if let bufferDelayBits, try reader.flag() { try reader.skip(2 * bufferDelayBits + 1) }
            if hasDisplayDelay, try reader.flag() { try reader.skip(4) }
        }
        return frameRate
    }
}

extension FieldReader {
    /// `leb128()` (AV1 §4.10.5), at most 2³²−1.
    fileprivate mutating func leb128() throws(ConfigurationError) -> Int {
        let start = bit
        var value: UInt64 = 0
        for position in 0..<8 {
            let byte = try u8()
            value |= UInt64(byte & 0x7F) << UInt64(7 * position)
            if byte & 0x80 == 0 {
                guard value <= UInt32.max else { throw .outOfRange(bit: start, value: value) }
                return Int(value)
            }
        }
        throw .codeTooLong(bit: start)
    }

    /// `uvlc()` (AV1 §4.10.3).
    fileprivate mutating func uvlc() throws(ConfigurationError) -> UInt32 {
        var zeros = 0
        while try !flag() {
            zeros += 1
            // The value of so many zeros is fixed, whatever follows.
            if zeros == 32 { return .max }
        }
        return UInt32((UInt64(1) << UInt64(zeros)) - 1 + (try bits(zeros)))
    }
}
