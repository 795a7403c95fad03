import Media

/// The first frames of a publisher, held until it is known which tracks there are: FLV says it in its first bytes.
struct OpeningFrames {
    var frames: [Frame] = []

    /// Audio and video of one publisher begin closer together than this.
    private static let longest: Int64 = 500
    private static let maximumFrames = 64

    /// Whether there is nothing more to wait for.
    func isOver(_ head: borrowing StreamHead) -> Bool {
        if head.isComplete == true || (head.hasVideo && head.hasAudio) || frames.count >= Self.maximumFrames {
            return true
        }
        guard let first = frames.first, let last = frames.last else { return false }
        return last.time - first.time >= Self.longest
    }
}
