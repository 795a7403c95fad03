/// Why bytes are no FLV stream; nothing behind the place can be read.
package enum FLVError: Error, Equatable {
    case wrongSignature
    case unsupportedVersion(UInt8)
    /// `DataOffset` is smaller than the header itself, or larger than it may be.
    case headerSize(UInt32)
    case tagTooLarge(Int, maximum: Int)
    /// A tag whose body is encrypted.
    case encryptedTag
    /// The stream ended within the header or a tag.
    case truncated
}
