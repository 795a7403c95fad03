import Bytes

/// Reads what is kept of origins, which say the same with nearly every beat: what one has said before is not parsed
/// again.
struct SharedOriginReader {
    private struct Known {
        var beaten: UInt64
        let said: String
        let isASCII: Bool
        let heartbeat: Heartbeat

        /// To the byte: texts that only look the same are equal, but for those in ASCII of the same length.
        func says(_ other: Substring) -> Bool {
            guard said.utf8.count == other.utf8.count, said == other else { return false }
            return isASCII || said.utf8.elementsEqual(other.utf8)
        }
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
        if let before, before.says(lines.said) {
            guard let origin = lines.origin(before.heartbeat) else { return nil }
            known[member]?.beaten = lines.beaten
            return origin
        }
        guard let heartbeat = lines.parsed, let origin = lines.origin(heartbeat) else { return nil }
        if before != nil || known.count < maximum {
            let said = String(lines.said)
            known[member] = Known(
                beaten: lines.beaten, said: said, isASCII: said.utf8.allSatisfy { $0 < 0x80 }, heartbeat: heartbeat)
        }
        return origin
    }

    mutating func forget(_ member: String) { known[member] = nil }

    /// All others are no more.
    mutating func keepOnly(_ members: Set<String>) { known = known.filter { members.contains($0.key) } }
}
