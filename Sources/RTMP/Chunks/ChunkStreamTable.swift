/// What a reader remembers of one chunk stream.
struct ChunkStreamState {
    let id: UInt32
    /// Of the message being read, or of the last one.
    var timestamp: UInt32 = 0
    /// What a header without timestamp adds to it.
    var delta: UInt32 = 0
    /// The extended timestamp that the last header with a timestamp had.
    var extended: UInt32 = 0
    var length: UInt32 = 0
    var stream: UInt32 = 0
    /// Bytes that have come of the message being read; 0 between messages.
    var received: UInt32 = 0
    /// The first four bytes of a message that is for the reader itself.
    var control: UInt32 = 0
    var type: UInt8 = 0
    var hasExtended = false
    /// Of the last header.
    var format: UInt8 = 0

    init(id: UInt32) { self.id = id }

    var header: MessageHeader {
        MessageHeader(
            chunkStream: ChunkStreamID(unchecked: id), timestamp: timestamp, type: MessageType(type),
            stream: MessageStreamID(stream), length: Int(length))
    }
}

/// Finds the slot of a chunk stream by its number: in a table for the 62 that one byte says, else by hashing.
struct ChunkStreamTable {
    private var small: [Int32] = []
    private var large: [UInt32: Int32] = [:]
    private(set) var count = 0

    /// Nil where the chunk stream was never used.
    @inline(__always)
    func slot(of id: UInt32) -> Int? {
        if id < 64 {
            guard Int(id) < small.count else { return nil }
            let slot = small[Int(id)]
            return slot < 0 ? nil : Int(slot)
        }
        return large[id].map(Int.init)
    }

    /// Gives a chunk stream that has none the next slot.
    mutating func add(_ id: UInt32) -> Int {
        let slot = count
        count += 1
        if id < 64 {
            if small.isEmpty { small = Array(repeating: -1, count: 64) }
            small[Int(id)] = Int32(slot)
        } else {
            large[id] = Int32(slot)
        }
        return slot
    }
}
