import Bytes
import CLinux

/// Datagrams that a socket could not send yet, in order, each message in a copy of its own.
///
/// It holds at most `maximum` bytes, each message counted with 64 more; what goes beyond is dropped. Empty, it holds no
/// memory.
struct DatagramBacklog: ~Copyable {
    struct Message {
        let flow: DatagramFlow
        let segment: Int
        let bytes: SharedBytes
    }

    private static var messageOverhead: Int { 64 }

    private var messages: [Message] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { messages.isEmpty }

    /// Adds as many whole datagrams as fit; returns how many did not.
    mutating func append(
        _ run: RawSpan, segment: Int, of flow: DatagramFlow, maximum: Int
    ) -> Int {
        let kept = room(for: run.byteCount, segment: segment, maximum: maximum)
        if kept >= 0 {
            add(Message(flow: flow, segment: segment, bytes: SharedBytes(copying: run.extracting(0..<kept))))
        }
        return Self.datagrams(run.byteCount, segment) - (kept < 0 ? 0 : Self.datagrams(kept, segment))
    }

    /// Puts back what `takeAll` has given.
    mutating func append(_ message: Message) { add(message) }

    private mutating func add(_ message: Message) {
        messages.append(message)
        byteCount += message.bytes.count + Self.messageOverhead
    }

    /// Bytes of whole datagrams that may be added; −1 for none, for 0 is the size of an empty datagram.
    private func room(for count: Int, segment: Int, maximum: Int) -> Int {
        let left = maximum - byteCount - Self.messageOverhead
        if count <= left { return count }
        return segment > 0 && left >= segment ? left / segment * segment : -1
    }

    /// Everything that waits, oldest first; the backlog is empty afterwards.
    mutating func takeAll() -> [Message] {
        let taken = messages
        messages = []
        byteCount = 0
        return taken
    }

    /// Empties it and returns how many datagrams are lost.
    mutating func dropAll() -> Int {
        takeAll().reduce(0) { $0 + Self.datagrams($1.bytes.count, $1.segment) }
    }

    private static func datagrams(_ count: Int, _ segment: Int) -> Int {
        count <= segment ? 1 : (count + segment - 1) / segment
    }
}
