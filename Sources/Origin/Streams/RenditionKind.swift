package import RTMP

/// What bytes a stream is turned into; all viewers of one kind get the same.
package enum RenditionKind: Sendable, Hashable {
    /// Chunks on this message stream: the number is in each header, and nearly every player has 1.
    case rtmp(MessageStreamID, TrackSelection)
    /// Tags behind a file header.
    case flv(TrackSelection)
}

/// Which tracks a viewer wants.
package enum TrackSelection: Sendable, Hashable {
    case all
    case audioOnly
    case videoOnly
}
