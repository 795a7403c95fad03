/// What a peer may make a session remember and do.
package struct SessionLimits: Sendable, Hashable {
    /// Of chunks and messages, those with media and metadata included; what goes beyond ends the connection.
    package let chunks: ChunkLimits
    /// Of the values of one command; what goes beyond ends the connection.
    package let amf: AMFLimits
    /// Message streams at one time, 1 to 65536: `createStream` beyond is answered with an error, `publish` and `play`
    /// on further ones are refused.
    package let maximumStreams: Int
    /// Commands that come while nothing is published or played; one more ends the connection.
    package let maximumIdleCommands: Int

    package init(
        chunks: ChunkLimits = ChunkLimits(),
        amf: AMFLimits = AMFLimits(maximumDepth: 32, maximumValues: 4096, maximumBytes: 65_536),
        maximumStreams: Int = 16, maximumIdleCommands: Int = 128
    ) {
        precondition((1...65_536).contains(maximumStreams), "a session has 1 to 65536 message streams")
        precondition(maximumIdleCommands >= 3, "a client connects, creates a stream and uses it")
        self.chunks = chunks
        self.amf = amf
        self.maximumStreams = maximumStreams
        self.maximumIdleCommands = maximumIdleCommands
    }
}
