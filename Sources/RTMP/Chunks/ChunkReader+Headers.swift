import Bytes

extension ChunkReader {
    /// Reads a header, with payload behind it or not at all, and enters what it says into the state of its chunk
    /// stream.
    @inline(__always)
    mutating func open(_ bytes: RawSpan) throws(ChunkError) -> (slot: Int, headerBytes: Int)? {
        guard let header = ChunkHeader(bytes) else { return nil }
        let known = table.slot(of: header.chunkStream)
        if known == nil, table.count >= limits.maximumChunkStreams {
            throw .tooManyChunkStreams(maximum: limits.maximumChunkStreams)
        }
        // A chunk stream never used before may begin with any format: what is left out is 0. librtmp's pings do that.
        var state = known.map { states[$0] } ?? ChunkStreamState(id: header.chunkStream)
        let taken: Int?
        if header.format == 3 {
            taken = state.readContinuation(bytes, header)
        } else {
            guard state.received == 0 else { throw .messageInsideMessage(chunkStream: header.chunkStream) }
            taken = state.readMessageHeader(bytes, header)
        }
        guard let taken else { return nil }
        guard state.length <= limits.maximumMessageBytes else {
            throw .messageTooLong(length: Int(state.length), maximum: limits.maximumMessageBytes)
        }
        // A header is taken along with payload, so that who forwards both as they are knows what for.
        guard bytes.byteCount > taken || state.length == 0 else { return nil }
        state.format = header.format
        if let known {
            states[known] = state
            return (known, taken)
        }
        states.append(state)
        return (table.add(header.chunkStream), taken)
    }
}

extension ChunkStreamState {
    /// A header of format 0, 1 or 2: it opens a message. Nil, and nothing changes, where it is not whole.
    @inline(__always)
    fileprivate mutating func readMessageHeader(_ bytes: RawSpan, _ header: ChunkHeader) -> Int? {
        let start = header.basicBytes
        var end = start + header.messageBytes
        guard bytes.byteCount >= end else { return nil }
        var field = bytes.u24(at: start)
        let hasExtended = field == ChunkHeader.extendedMark
        if hasExtended {
            guard bytes.byteCount >= end + 4 else { return nil }
            field = bytes.u32(at: end)
            end += 4
            extended = field
        }
        self.hasExtended = hasExtended
        if header.format <= 1 {
            length = bytes.u24(at: start + 3)
            type = bytes[start + 6]
        }
        if header.format == 0 {
            // The one little-endian number of the protocol.
            stream = bytes.u32(at: start + 7).byteSwapped
            timestamp = 0
        }
        // Format 0 says it absolutely; and a message that repeats everything of it adds the same once more
        // (§5.3.1.2.4).
        delta = field
        timestamp &+= field
        control = 0
        return end
    }

    /// A header of format 3: it goes on with a message, or opens one that is like the last one of its chunk stream.
    @inline(__always)
    fileprivate mutating func readContinuation(_ bytes: RawSpan, _ header: ChunkHeader) -> Int? {
        let start = header.basicBytes
        if received > 0 {
            guard hasExtended else { return start }
            guard let repeats = repeatsTimestamp(bytes, at: start) else { return nil }
            return repeats ? start + 4 : start
        }
        var end = start
        if hasExtended {
            guard bytes.byteCount >= start + 4 else { return nil }
            extended = bytes.u32(at: start)
            delta = extended
            end += 4
        }
        timestamp &+= delta
        control = 0
        return end
    }

    /// Whether the extended timestamp stands here again, as the specification has it, or payload does, as from senders
    /// that leave it out; nil where too little is there to tell.
    ///
    /// Payload that is the same by chance is as likely as one in four thousand million. What differs is told by the
    /// first byte that does, so that the last bytes of a message do not wait for the next one.
    private func repeatsTimestamp(_ bytes: RawSpan, at start: Int) -> Bool? {
        let seen = min(4, bytes.byteCount - start)
        var value: UInt32 = 0
        for position in 0..<seen { value = value << 8 | UInt32(bytes[start + position]) }
        let unseen = UInt32(32 - 8 * seen)
        // A shift by 32 gives 0: with nothing seen, both still may match.
        guard extended >> unseen == value || timestamp >> unseen == value else { return false }
        return seen == 4 ? true : nil
    }
}
