package import Bytes

/// The media of one stream between two connections: a client's, and that to an origin, behind publish or play.
///
///     client ──► reader ──raw, or rewritten──► writer ──► origin
///            ◄── writer ◄──raw, or rewritten── reader ◄──
///
/// Each leg is what its session handed over. Messages of which a session has seen the beginning are finished here. The
/// client's leg may go on with another origin, or with its session again, where `isBetweenMessages`.
package struct Relay {
    package enum Side: Sendable, Hashable {
        case client
        case origin
    }

    private var client: MessageChannel
    private var origin: MessageChannel
    private var upstream: RelayDirection
    private var downstream: RelayDirection

    /// The two legs, and the number of the stream on each. `others` are further streams of the client's that exist;
    /// with nil media that is sent on a stream which does not is dropped, as is all that an origin sends on another
    /// one.
    package init(
        client: consuming MessageChannel, on clientStream: MessageStreamID, besides others: [MessageStreamID]? = nil,
        origin: consuming MessageChannel, on originStream: MessageStreamID
    ) {
        self.client = client
        self.origin = origin
        upstream = RelayDirection(from: clientStream, to: originStream, besides: others)
        downstream = RelayDirection(from: originStream, to: clientStream)
    }

    /// Appends what makes chunks as large on the one leg as on the other.
    package mutating func begin(toClient: inout ByteWriter, toOrigin: inout ByteWriter) {
        client.setChunkSize(origin.reader.chunkSize, to: &toClient)
        origin.setChunkSize(client.reader.chunkSize, to: &toOrigin)
    }

    /// Looks at `bytes`, everything not yet consumed of what `side` has sent. What is to go on comes in the step, and
    /// behind it in `onward`; what `side` is to be told, in `back`.
    package mutating func next(
        _ bytes: RawSpan, from side: Side, onward: inout ByteWriter, back: inout ByteWriter
    ) throws(ChunkError) -> RelayDirection.Step {
        switch side {
        case .client:
            try upstream.next(bytes, sender: &client, receiver: &origin, onward: &onward, back: &back)
        case .origin:
            try downstream.next(bytes, sender: &origin, receiver: &client, onward: &onward, back: &back)
        }
    }

    /// Appends a notice for the client, of the relay's own, about one of its streams.
    package mutating func notify(
        _ status: Status, on stream: MessageStreamID, encoding: MessageEncoding = .amf0, output: inout ByteWriter
    ) throws(AMFError) {
        try client.write(.onStatus(status, encoding: encoding), on: stream, to: &output)
    }

    /// Appends what makes the origin end the stream.
    package mutating func leave(toOrigin: inout ByteWriter) throws(AMFError) {
        let command = Command("deleteStream", transaction: 0, [.number(Double(upstream.to.number))])
        try origin.write(command, to: &toOrigin)
    }

    /// Of what the client sends now.
    package var clientChunkSize: Int { client.reader.chunkSize }

    /// Whether the client has been sent whole messages alone, so that others may follow that are not this origin's.
    /// What the client has begun to send and not ended is lost to whoever comes next.
    package var isBetweenMessages: Bool { downstream.isBetweenMessages(of: origin) }

    /// Gives the client's leg back.
    package consuming func releaseClient() -> MessageChannel { client }
}
