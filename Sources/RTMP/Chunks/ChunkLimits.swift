/// What a peer may ask a connection to remember; what goes beyond is an error that ends the connection.
package struct ChunkLimits: Sendable, Hashable {
    /// Of one message: 4 to 16777215. Longer ones are refused when their header is read.
    package let maximumMessageBytes: Int
    /// Chunk streams that were ever used; each costs a hundred bytes or so for as long as the connection lasts.
    package let maximumChunkStreams: Int
    /// What has come of all messages that have begun and not ended, together. Their memory is at most twice that, and
    /// the reserve.
    package let maximumUnfinishedBytes: Int
    /// Memory that unfinished messages get ahead of their bytes, together. A message that finds as much left as it
    /// declares is allocated once; the memory of others grows with what arrives.
    package let maximumReservedBytes: Int

    package init(
        maximumMessageBytes: Int = 8 << 20, maximumChunkStreams: Int = 128, maximumUnfinishedBytes: Int = 16 << 20,
        maximumReservedBytes: Int = 64 << 10
    ) {
        precondition(
            (4...MessageHeader.maximumLength).contains(maximumMessageBytes), "a message has 4 to 16777215 bytes")
        precondition(maximumChunkStreams > 0, "a connection has a chunk stream")
        precondition(maximumUnfinishedBytes >= maximumMessageBytes, "there is room for the longest message")
        precondition(maximumReservedBytes >= 0, "a reserve is not negative")
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumChunkStreams = maximumChunkStreams
        self.maximumUnfinishedBytes = maximumUnfinishedBytes
        self.maximumReservedBytes = maximumReservedBytes
    }
}
