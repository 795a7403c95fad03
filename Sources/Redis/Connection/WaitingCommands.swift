import Bytes

/// The commands of a connection that have no answer yet, the oldest first; answers come in their order.
struct WaitingCommands {
    typealias Answer = (Result<RedisReply, RedisFailure>) -> Void

    struct Entry {
        let bytes: Int
        let sent: Instant
        let answer: Answer
    }

    private var entries: [Entry?] = []
    /// Before it everything is answered.
    private var head = 0
    private(set) var bytes = 0

    var count: Int { entries.count - head }
    var isEmpty: Bool { count == 0 }
    var oldest: Instant? { isEmpty ? nil : entries[head]?.sent }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.bytes
    }

    mutating func popFirst() -> Entry? {
        guard !isEmpty, let first = entries[head].take() else { return nil }
        head += 1
        bytes -= first.bytes
        if head == entries.count {
            entries.removeAll(keepingCapacity: entries.count <= 1_024)
            head = 0
        } else if head > 1_024, head * 2 > entries.count {
            // Each entry is moved once at most for every one that has been answered.
            entries.removeFirst(head)
            head = 0
        }
        return first
    }

    mutating func takeAll() -> [Entry] {
        defer { self = WaitingCommands() }
        return entries[head...].compactMap(\.self)
    }
}
