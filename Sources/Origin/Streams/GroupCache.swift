import Bytes
package import Media

/// The frames since the latest key frame, from which a rendition that begins now is made. Pure.
///
/// Of a stream without pictures it keeps nothing: there every frame is one to begin with.
package struct GroupCache {
    private let limits: StreamPolicy.GroupCache
    /// In milliseconds.
    private let maximumTime: Int64
    package private(set) var frames: [Frame] = []
    private var byteCount = 0
    /// Whether frames belong to a group that has begun and is not over the bounds.
    private var isOpen = false

    package init(_ limits: StreamPolicy.GroupCache) {
        self.limits = limits
        maximumTime = limits.maximumDuration.milliseconds
    }

    /// `isEntry` where a viewer may begin with `frame`.
    package mutating func add(_ frame: Frame, isEntry: Bool) {
        guard limits.isEnabled else { return }
        if isEntry {
            removeAll()
            isOpen = true
        }
        guard isOpen else { return }
        guard frames.count < limits.maximumFrames, byteCount + frame.bytes.count <= limits.maximumBytes,
            frame.time - (frames.first ?? frame).time <= maximumTime
        else {
            return removeAll()
        }
        frames.append(frame)
        byteCount += frame.bytes.count
    }

    package mutating func removeAll() {
        frames.removeAll(keepingCapacity: true)
        byteCount = 0
        isOpen = false
    }
}
