import Bytes

/// The eleven bytes in front of a tag of FLV, as they were written, before anything is checked.
///
/// The messages in an aggregate of RTMP have the same in front.
package struct RawTagHeader: Sendable, Hashable {
    package static let byteCount = 11

    /// With the bits that FLV has made of it: five of type, then one for encryption.
    package let type: UInt8
    package let bodyBytes: Int
    package let timestamp: UInt32

    /// `bytes` are at least the eleven.
    package init(_ bytes: RawSpan) {
        type = bytes[0]
        bodyBytes = Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
        // The highest byte stands behind the others.
        timestamp = UInt32(bytes[7]) << 24 | UInt32(bytes[4]) << 16 | UInt32(bytes[5]) << 8 | UInt32(bytes[6])
    }
}
