/// What a track carries.
package enum MediaKind: UInt8, Sendable, Hashable, CaseIterable {
    case audio
    case video
    /// Script data and whatever else is neither heard nor seen.
    case data
}
