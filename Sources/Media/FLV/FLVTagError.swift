/// Why a tag body cannot be read; offsets count from its first byte.
///
/// The message is lost, the connection goes on: RTMP and FLV have told its length already.
package enum FLVTagError: Error, Equatable {
    /// No byte at all; some encoders send such messages, and nothing is lost by dropping them.
    case empty
    case truncated(offset: Int, needed: Int, available: Int)
    /// A multitrack message whose tracks are multitrack messages themselves, or carry modifiers.
    case nestedMultitrack
    /// A way to lay out tracks that is not known: where they begin cannot be told.
    case unknownMultitrackLayout(UInt8)
    case tooManyTracks(maximum: Int)
}
