import Bytes

/// Reads what is kept of origins, which say the same with nearly every beat: what one has said before is not parsed again.
struct SharedOriginReader {
    private struct Known {
        let beaten: UInt64
        let said: String
        let heartbeat: Heartbeat
    }

    /// By member.
    private var known: [String: Known] = [:]
    /// Origins; what one more says is parsed each time.
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    /// Whether this very beat was the last one that was read.
    func hasRead(_ lines: SharedOriginLines, of member: String) -> Bool {
        guard let known = known[member] else { return false }
        return known.beaten == lines.beaten && known.heartbeat.instance == lines.instance
    }

    /// Nil for what is no origin.
    mutating func read(_ lines: SharedOriginLines, of member: String) -> SharedOrigin? {
        let before = known[member]
        let isSame = before.map { $0.said.utf8.elementsEqual(lines.said.utf8) } ?? false
        guard let heartbeat = isSame ? before?.heartbeat : lines.parsed, let origin = lines.origin(heartbeat) else {
            return nil
        }
        if before != nil || known.count < maximum {
            known[member] = Known(
                beaten: lines.beaten, said: isSame ? before?.said ?? "" : String(lines.said), heartbeat: heartbeat)
        }
        return origin
    }

    mutating func forget(_ member: String) { known[member] = nil }

    /// All others are no more.
    mutating func keepOnly(_ members: Set<String>) { known = known.filter { members.contains($0.key) } }
}
