import Bytes
package import Media

/// The client's side of a connection that publishes or plays one stream, from the first byte of the handshake on: bytes
/// go in, events and bytes to send come out.
///
///     handshaking ─▶ connecting ─connected─▶ creatingStream ─▶ requesting ─accepted─▶ running
///                        │                        │                │
///                        └────────────────────────┴────────────────┴─refused─▶ over
///
/// It calls as FFmpeg does: connect, then for a publisher releaseStream and FCPublish, for whose answers it does not
/// wait since some servers give none, createStream, and publish or play. Pings and windows are answered at any time.
///
/// It writes commands on the chunk streams 2 and 3, and media on 4 (audio), 5 (data) and 6 (video). `output` grows by
/// less than 4 KiB with each step, besides the requests themselves.
package struct ClientSession: ~Copyable {
    /// What a connection is for.
    package enum Purpose: Sendable, Equatable {
        case publish(PublishRequest)
        case play(PlayRequest)
    }

    /// What the server refused.
    package enum Refused: Sendable, Hashable, CaseIterable {
        case connect
        case createStream
        /// Publish or play.
        case request
    }

    package enum Event: Sendable, Equatable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        /// Something was answered: `output` has grown.
        case answered
        /// The server's properties, and what it says about itself in the status.
        indirect case connected(AMFProperties<AMF0Value>, Status)
        /// The stream is this message stream, and media may flow. Nil from servers that begin to send a stream to a
        /// player without a word.
        case accepted(MessageStreamID, Status?)
        /// It came to nothing: close. The status may say where to try again (`redirect`).
        case refused(Refused, Status)
        /// Of the stream that is played.
        case mediaReceived(MediaKind, Message)
        /// Any other `onStatus`: that a publisher has gone or come, or that the server has ended what was accepted.
        case statusReceived(MessageStreamID, Status)
        case streamEventReceived(UserControlEvent)
        /// Any other command. One that wants an answer was told that nobody knows it.
        indirect case commandReceived(MessageStreamID, Command)
    }

    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    enum State: Equatable {
        case handshaking
        case connecting
        /// `createStream` with this transaction.
        case creatingStream(Double)
        /// Publish or play, with this transaction, on this stream.
        case requesting(Double, MessageStreamID)
        case running(MessageStreamID)
        case over
    }

    package let connect: ConnectRequest
    package let purpose: Purpose
    package let settings: ClientSettings
    package let limits: SessionLimits
    var handshake: ClientHandshake
    package internal(set) var channel: MessageChannel
    var state = State.handshaking
    var nextTransaction = 1.0
    var queued: Event?
    var aggregate = OpenedAggregate()

    /// `connect` is sent as it is, with whatever else is in it.
    package init(
        connect: ConnectRequest, _ purpose: Purpose, settings: ClientSettings = ClientSettings(),
        crypto: HandshakeCrypto, limits: SessionLimits = SessionLimits()
    ) {
        self.connect = connect
        self.purpose = purpose
        self.settings = settings
        self.limits = limits
        handshake = ClientHandshake(settings.handshake, crypto: crypto)
        channel = MessageChannel(limits: limits.chunks)
    }

    /// Where the connection is, for timeouts and logs.
    package var phase: SessionPhase {
        switch state {
        case .handshaking: .handshaking
        case .connecting: .connecting
        case .creatingStream, .requesting, .over: .connected
        case .running: isPublisher ? .publishing : .playing
        }
    }

    /// The message stream that was accepted; nil before, and after a refusal.
    package var stream: MessageStreamID? {
        if case .running(let stream) = state { return stream }
        return nil
    }

    /// Gives the connection away, to go on at the level of chunks. Best right behind `accepted`: what waits to be given
    /// out as an event is lost.
    package consuming func handOver() -> MessageChannel {
        precondition(state != .handshaking, "a connection is handed over behind its handshake")
        return channel
    }

    var isPublisher: Bool {
        switch purpose {
        case .publish: true
        case .play: false
        }
    }
}

/// How a client does what the requests leave open.
package struct ClientSettings: Sendable, Hashable {
    package let handshake: HandshakeStyle
    /// Of the commands behind `connect`: AMF3 only for requests of a client that uses it, and with `objectEncoding` in
    /// `connect`.
    package let encoding: MessageEncoding
    /// Of what the client sends, 128 to 16777215; with 128 nothing is said of it.
    package let chunkSize: Int
    /// Bytes after which a server is asked to acknowledge.
    package let window: UInt32
    /// What a player says to keep.
    package let bufferMilliseconds: UInt32

    package static let chunkSizes = 128...0xFF_FFFF

    package init(
        handshake: HandshakeStyle = .simple, encoding: MessageEncoding = .amf0, chunkSize: Int = 60_000,
        window: UInt32 = 2_500_000, bufferMilliseconds: UInt32 = 3000
    ) {
        precondition(Self.chunkSizes.contains(chunkSize), "a chunk of a client has 128 to 16777215 bytes")
        precondition(window > 0, "a window has room")
        self.handshake = handshake
        self.encoding = encoding
        self.chunkSize = chunkSize
        self.window = window
        self.bufferMilliseconds = bufferMilliseconds
    }
}
