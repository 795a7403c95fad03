/// Why bytes from a peer are no chunks, or are too many; the connection cannot be read any further after it.
package enum ChunkError: Error, Equatable {
    case messageTooLong(length: Int, maximum: Int)
    case tooManyChunkStreams(maximum: Int)
    case tooManyUnfinishedBytes(maximum: Int)
    /// A header that begins a message (fmt 0, 1 or 2) where the last one of its chunk stream has not ended.
    case messageInsideMessage(chunkStream: UInt32)
    /// SetChunkSize with 0, the one size that moves no message.
    case chunkSizeZero
    /// SetChunkSize or Abort with less than the four bytes they consist of.
    case controlMessageTooShort(type: UInt8, length: Int)
}
