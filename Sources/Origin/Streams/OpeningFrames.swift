import Bytes
package import Media

/// The first frames of a publisher, held until it is known which tracks there are: FLV says it in its first bytes.
/// Pure.
package struct OpeningFrames {
    /// How much is held. At a bound what has come goes on as it is, and the head that viewers begin with tells of the
    /// tracks that are known by then.
    package struct Limits: Sendable, Equatable {
        /// In milliseconds; audio and video of one publisher begin closer together than this.
        package var maximumTime: Int64 = 500
        package var maximumFrames = 64
        /// Reached by the last frame that is held, however large that is.
        package var maximumBytes = 4 << 20

        package init() {}
    }

    package private(set) var frames: [Frame] = []
    private let limits: Limits
    private var byteCount = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    package mutating func add(_ frame: Frame) {
        frames.append(frame)
        if frame.bringsBytes { byteCount += frame.bytes.count }
    }

    /// Whether there is nothing more to wait for.
    package func isOver(_ head: borrowing StreamHead) -> Bool {
        if head.isComplete == true || (head.hasVideo && head.hasAudio) { return true }
        if frames.count >= limits.maximumFrames || byteCount >= limits.maximumBytes { return true }
        guard let first = frames.first, let last = frames.last else { return false }
        return last.time - first.time >= limits.maximumTime
    }
}
