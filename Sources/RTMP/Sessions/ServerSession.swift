import Bytes
package import Media

/// The server's side of a connection, from the first byte of the handshake on: bytes go in, events and bytes to send
/// come out.
///
///     handshaking ─▶ awaitingConnect ─▶ connected ◀─stop──┐
///                     connect?            │ publish? play? │
///                                         └─▶ publishing, playing (each message stream for itself)
///
/// What needs no decision it answers: createStream, releaseStream, FCPublish and the like, pings, acknowledgements.
/// What needs one is an event that ends in `?` above; until its owner has accepted or refused, `next` must not be
/// called, which keeps the client's commands in their order however late a decision comes.
///
/// It writes on the chunk streams 2 and 3 alone: the owner sends media to a player on others, with the chunk size of
/// `settings`. `output` grows by less than 4 KiB, and by less than twice the last message, with each step; an owner
/// whose output is not taken stops calling, and a client that only ever asks costs it no more than that.
package struct ServerSession: ~Copyable {
    package enum Event: Sendable, Equatable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        /// Something was answered: `output` has grown.
        case answered
        /// To be accepted or refused, with the command it came in.
        indirect case connectRequested(ConnectRequest, Command)
        /// To be accepted or refused.
        indirect case publishRequested(MessageStreamID, PublishRequest, Command)
        /// To be accepted or refused.
        indirect case playRequested(MessageStreamID, PlayRequest, Command)
        /// From the publisher of the message's stream. Aggregates have been taken apart.
        case mediaReceived(MediaKind, Message)
        /// Once for each publish that was accepted, unless the connection ends.
        case publishStopped(MessageStreamID)
        /// Once for each play that was accepted, unless the connection ends.
        case playStopped(MessageStreamID)
        /// The player was told that it is done.
        case pauseChanged(MessageStreamID, isPaused: Bool, milliseconds: Double)
        /// Where it is not ignored, the owner answers by `notify`.
        case seekRequested(MessageStreamID, milliseconds: Double)
        case audioWished(MessageStreamID, isWanted: Bool)
        case videoWished(MessageStreamID, isWanted: Bool)
        /// For a stream that may not play yet, or be 0.
        case bufferLengthSet(MessageStreamID, milliseconds: UInt32)
        /// A command that nobody knows. The client was told so, if it wanted an answer.
        indirect case unknownCommandReceived(MessageStreamID, Command)
    }

    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    /// What was asked, and waits for the owner.
    enum Decision {
        case connect(ConnectRequest, transaction: Double, MessageEncoding)
        case publish(MessageStreamID, AMFString, MessageEncoding)
        case play(MessageStreamID, isReset: Bool, MessageEncoding)
    }

    package let settings: ServerSettings
    package let limits: SessionLimits
    /// Nil once it is done.
    var handshake: ServerHandshake?
    package internal(set) var channel: MessageChannel
    var isConnected = false
    var streams: SessionStreams
    var decision: Decision?
    /// An event behind the one that a command gave first.
    var queued: Event?
    /// What is left of an aggregate message.
    var aggregate = OpenedAggregate()
    var idleCommands = 0
    var strayMessages = 0

    package init(settings: ServerSettings, crypto: HandshakeCrypto, limits: SessionLimits = SessionLimits()) {
        self.settings = settings
        self.limits = limits
        handshake = ServerHandshake(crypto: crypto)
        channel = MessageChannel(limits: limits.chunks)
        streams = SessionStreams(maximum: limits.maximumStreams)
    }

    /// Whether the owner has to accept or refuse before anything else.
    package var isDeciding: Bool { decision != nil }

    /// Messages of media on streams that do not publish, and messages in aggregates that are no media.
    package var droppedMessages: Int { strayMessages + aggregate.droppedMessages }

    /// Where the client is, for timeouts and for logs that say what a connection died of.
    package var phase: SessionPhase {
        if handshake != nil { return .handshaking }
        guard isConnected else { return .connecting }
        if streams.contains(where: \.isPublishing) { return .publishing }
        return streams.contains(where: \.isPlaying) ? .playing : .connected
    }

    /// The message streams that the client has besides `stream`; as many as `SessionLimits.maximumStreams`.
    package func streams(besides stream: MessageStreamID) -> [MessageStreamID] { streams.all.filter { $0 != stream } }

    /// Lends the connection to a relay, to go on at the level of chunks until `takeBack`. Best right behind
    /// `acceptPublish` or `acceptPlay`: what waits to be given out as an event is lost.
    package mutating func lend() -> MessageChannel {
        precondition(handshake == nil && decision == nil, "a connection is lent between decisions")
        let lent = channel
        // What nobody reads from takes no memory.
        channel = MessageChannel(limits: limits.chunks)
        (queued, aggregate) = (nil, OpenedAggregate())
        return lent
    }

    /// The relay is over: the session goes on, with the streams as they were when it began.
    package mutating func takeBack(_ lent: consuming MessageChannel) { channel = lent }

    /// Notes bytes that the owner has sent besides `output`, for the statistics of `channel.window`.
    package mutating func sent(_ count: Int) { channel.window.sent(count) }
}

/// How far a session has come.
package enum SessionPhase: Sendable, Hashable, CaseIterable {
    case handshaking
    /// Behind the handshake, before `connect` was accepted.
    case connecting
    case connected
    case publishing
    case playing
}
