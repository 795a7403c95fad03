import CLinux

/// Datagrams of one round, copied once and gathered into messages by flow: what `DatagramOutbox` gives to the kernel.
///
/// A message holds datagrams of one flow, all of one size but the last, as `UDP_SEGMENT` wants them: at most 64, and no
/// more bytes than one IP packet may have. Within a flow, order is kept; messages are sent in the order in which they
/// were begun.
///
///     bytes     a1 a1 b1 a1 c1 …            in order of arrival, 256 KiB
///     pieces    [a1 a1] [b1] [a1] [c1]      runs of bytes, chained within a message
///     messages  a: 3 datagrams · b: 1 · c: 1
struct DatagramArena: ~Copyable {
    static var capacity: Int { 256 * 1024 }
    static var maximumMessages: Int { 256 }
    static var maximumPieces: Int { 1024 }
    /// Datagrams of a message: what every kernel with UDP_SEGMENT takes.
    static var maximumSegments: Int { 64 }
    /// Bytes of a message of several datagrams: what fits in one packet of either family.
    static var maximumMessage: Int { 65_535 - 48 }
    /// Bytes of one datagram: the field of the header (RFC 768) less the header itself.
    static var maximumDatagram: Int { 65_535 - 8 }
    private static var buckets: Int { 512 }

    /// The messages of one socket; −1 stands for none.
    struct Chain {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private let bytes: UnsafeMutableRawPointer
    let messages: UnsafeMutablePointer<clinux_udp_message>
    private let pieces: UnsafeMutablePointer<clinux_udp_piece>
    /// Open addressing by flow: index of the flow's newest message plus 1, or 0.
    private let table: UnsafeMutablePointer<UInt16>

    private var used = 0
    private var pieceCount = 0
    private(set) var messageCount = 0
    /// The message that was added to last: bursts come flow by flow.
    private var latest = 0

    init() {
        bytes = .allocate(byteCount: Self.capacity, alignment: 4096)
        messages = .allocate(capacity: Self.maximumMessages)
        messages.initialize(repeating: clinux_udp_message(), count: Self.maximumMessages)
        pieces = .allocate(capacity: Self.maximumPieces)
        pieces.initialize(repeating: clinux_udp_piece(), count: Self.maximumPieces)
        table = .allocate(capacity: Self.buckets)
        table.initialize(repeating: 0, count: Self.buckets)
    }

    deinit {
        table.deallocate()
        pieces.deallocate()
        messages.deallocate()
        bytes.deallocate()
    }

    /// The arena as the C wrappers see it; valid until the next change.
    var view: clinux_udp_outbox {
        // Safe: the C side only reads.
        clinux_udp_outbox(bytes: UnsafeRawPointer(bytes), messages: messages, pieces: pieces)
    }

    /// Whether `append` can take a datagram of `size` bytes.
    func hasRoom(for size: Int) -> Bool {
        Self.capacity - used >= size && messageCount < Self.maximumMessages && pieceCount < Self.maximumPieces
    }

    mutating func removeAll() {
        for index in 0..<messageCount { table[Int(messages[index].bucket)] = 0 }
        used = 0
        pieceCount = 0
        messageCount = 0
    }
}

// MARK: - Adding

extension DatagramArena {
    /// Takes datagrams of `segment` bytes (the last may be shorter) from the front of `run`, as many as one message and
    /// the arena have room for, and returns their bytes; there must be room for one. A message that has to be begun
    /// joins `chain`. `maximumSegments` is 1 where the kernel shall not cut.
    mutating func append(
        _ run: RawSpan, segment: Int, of flow: DatagramFlow, to chain: inout Chain, maximumSegments: Int
    ) -> Int {
        let bucket = bucket(of: flow)
        var index = Int(table[bucket]) - 1
        var room = index < 0 || maximumSegments == 1 ? 0 : roomInMessage(index, segment, run.byteCount)
        if room == 0 {
            index = begin(flow, segment: segment, bucket: bucket, chain: &chain)
            room = min(maximumSegments, Self.maximumSegments, max(1, Self.maximumMessage / max(segment, 1)))
        }
        var taken = min(run.byteCount, room * segment)
        if taken > Self.capacity - used { taken = (Self.capacity - used) / segment * segment }
        copy(run.extracting(0..<taken), to: index)
        latest = index
        return taken
    }

    /// Datagrams of `segment` bytes that may still join a message; 0 where the first of the run may not.
    private func roomInMessage(_ index: Int, _ segment: Int, _ count: Int) -> Int {
        guard messages[index].is_closed == 0, count > 0 else { return 0 }
        let size = Int(messages[index].segment)
        // A single shorter one may come last.
        guard segment == size || (segment < size && count <= segment) else { return 0 }
        // A single datagram may have passed the bound by itself.
        let bytes = max(0, Self.maximumMessage - Int(messages[index].length))
        return min(Self.maximumSegments - Int(messages[index].count), bytes / segment)
    }

    private mutating func begin(_ flow: DatagramFlow, segment: Int, bucket: Int, chain: inout Chain) -> Int {
        let index = messageCount
        messageCount += 1
        messages[index] = clinux_udp_message(flow, segment: segment)
        messages[index].bucket = UInt16(bucket)
        table[bucket] = UInt16(index + 1)
        if chain.last >= 0 { messages[Int(chain.last)].next = Int32(index) } else { chain.first = Int32(index) }
        chain.last = Int32(index)
        return index
    }

    private mutating func copy(_ run: RawSpan, to index: Int) {
        let size = run.byteCount
        run.withUnsafeBytes { source in
            // Safe: `append` has made sure that `size` bytes are free at `used`.
            if let from = source.baseAddress { (bytes + used).copyMemory(from: from, byteCount: size) }
        }
        let segment = Int(messages[index].segment)
        let piece = Int(messages[index].last_piece)
        if messages[index].count > 0, Int(pieces[piece].offset + pieces[piece].length) == used {
            pieces[piece].length += UInt32(size)
        } else {
            pieces[pieceCount] = clinux_udp_piece(offset: UInt32(used), length: UInt32(size), next: 0)
            if messages[index].count > 0 { pieces[piece].next = UInt32(pieceCount) }
            if messages[index].count == 0 { messages[index].first_piece = UInt32(pieceCount) }
            messages[index].last_piece = UInt32(pieceCount)
            pieceCount += 1
        }
        messages[index].length += UInt32(size)
        messages[index].count += size <= segment ? 1 : UInt32((size + segment - 1) / segment)
        // After a shorter datagram, or an empty one, the kernel could not tell where the next begins.
        if size == 0 || size % segment != 0 { messages[index].is_closed = 1 }
        used += size
    }

    /// The place of a flow in the table, free or with its newest message.
    private func bucket(of flow: DatagramFlow) -> Int {
        if latest < messageCount, flow.matches(messages[latest]) { return Int(messages[latest].bucket) }
        var bucket = flow.hash & (Self.buckets - 1)
        while table[bucket] != 0, !flow.matches(messages[Int(table[bucket]) - 1]) {
            bucket = (bucket + 1) & (Self.buckets - 1)
        }
        return bucket
    }
}

// MARK: - Taking out

extension clinux_udp_outbox {
    /// Calls `body` with each run of bytes of a message, in order, leaving out its first `skipped` bytes.
    func forEachPiece(of index: Int32, skipping skipped: Int, _ body: (RawSpan) -> Void) {
        var left = skipped
        var piece = Int(messages[Int(index)].first_piece)
        while true {
            let length = Int(pieces[piece].length)
            let skipped = min(left, length)
            left -= skipped
            // Safe: the piece lies inside `bytes`, and who made this view changes nothing while it is used.
            let start = bytes + Int(pieces[piece].offset) + skipped
            body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: start, count: length - skipped)))
            if piece == Int(messages[Int(index)].last_piece) { return }
            piece = Int(pieces[piece].next)
        }
    }
}
