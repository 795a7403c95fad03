import Bytes

/// What reading a codec configuration may cost.
package struct ConfigurationLimits: Sendable {
    /// At most so many bytes of a parameter set are unescaped and read. The facts lie at the front; what is beyond is
    /// as if it were cut off.
    package var maximumParameterSetBytes: Int
    /// A record with more parameter sets than this, of all types together, is refused.
    package var maximumParameterSets: Int

    package init(maximumParameterSetBytes: Int = 4096, maximumParameterSets: Int = 64) {
        self.maximumParameterSetBytes = maximumParameterSetBytes
        self.maximumParameterSets = maximumParameterSets
    }
}

/// A NAL unit with its emulation prevention bytes removed, as its fields are read from.
enum ParameterSet {
    /// The payload of `unit` (ITU-T H.264 §7.3.1): the `headerBytes` of its header left out, and each `00 00 03` read
    /// as `00 00`.
    static func unescaped(
        _ unit: RawSpan, headerBytes: Int, _ limits: ConfigurationLimits
    ) throws(ConfigurationError) -> ByteWriter {
        guard unit.byteCount > headerBytes else {
            throw .truncated(bit: 0, needed: headerBytes * 8 + 8, available: unit.byteCount * 8)
        }
        let end = min(unit.byteCount, max(headerBytes, limits.maximumParameterSetBytes))
        var output = ByteWriter(capacity: end)
        var zeros = 0
        for position in headerBytes..<end {
            let byte = unit[position]
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            output.u8(byte)
        }
        return output
    }
}

/// How many pixels of a coded picture are cut off at each side, in units that depend on the chroma format.
struct PictureCropping {
    var left = 0
    var right = 0
    var top = 0
    var bottom = 0

    /// The four fields of a cropping or conformance window.
    init(_ reader: inout FieldReader) throws(ConfigurationError) {
        left = try reader.ue(atMost: 65535)
        right = try reader.ue(atMost: 65535)
        top = try reader.ue(atMost: 65535)
        bottom = try reader.ue(atMost: 65535)
    }

    /// What is left of `width` × `height`; `unit` is the pixels that one step takes off.
    func cropped(
        _ width: Int, _ height: Int, unit: (width: Int, height: Int), at bit: Int
    ) throws(ConfigurationError) -> PictureSize {
        let cutWidth = (left + right) * unit.width
        let cutHeight = (top + bottom) * unit.height
        guard cutWidth < width else { throw .outOfRange(bit: bit, value: UInt64(cutWidth)) }
        guard cutHeight < height else { throw .outOfRange(bit: bit, value: UInt64(cutHeight)) }
        return PictureSize(width: width - cutWidth, height: height - cutHeight)
    }
}
