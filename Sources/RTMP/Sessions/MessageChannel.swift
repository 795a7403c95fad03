package import Bytes
package import Media

/// The chunks of a connection in both directions, behind the handshake: what a session stands on, and what it hands
/// over to a relay.
///
/// A relay goes on where the session stopped: it gives `reader` the bytes that the session left, forwards what it need
/// not understand with the other side's `writer`, and `assembler` what it must: control messages (for
/// `receiveControl`), commands, and the rest of any message of which the session has seen the beginning
/// (`assembler.isUnfinished`). No message is half written: `writer` may open any, and take the chunk size of the other
/// side's `reader` by `setChunkSize`. What the session wrote is on the chunk streams 2 and 3.
package struct MessageChannel {
    package var reader: ChunkReader
    package var assembler: MessageAssembler
    package var writer = ChunkWriter()
    package var window = AcknowledgementWindow()
    /// The acknowledgement window that the peer was told last; nil where it was told none.
    package private(set) var announcedWindow: UInt32?

    package init(limits: ChunkLimits = ChunkLimits()) {
        reader = ChunkReader(limits: limits)
        assembler = MessageAssembler(limits: limits)
    }
}

// MARK: - Reading

extension MessageChannel {
    /// What a message about the connection itself leaves to do.
    package enum ControlOutcome: Sendable, Equatable {
        case nothing
        /// It was answered: `output` has grown.
        case answered
        /// An event that is for whoever knows the streams.
        case event(UserControlEvent)
    }

    enum Incoming {
        case needsInput
        case answered
        case event(UserControlEvent)
        case message(Message)
    }

    /// Goes on to the end of the first message that means something to a session; acknowledges when that is due.
    mutating func next(
        _ bytes: RawSpan, output: inout ByteWriter
    ) throws(ChunkError) -> (consumed: Int, incoming: Incoming) {
        var consumed = 0
        let incoming = try advance(bytes, &consumed, output: &output)
        received(consumed, output: &output)
        return (consumed, incoming)
    }

    /// Notes bytes that have come, and acknowledges where that is due.
    package mutating func received(_ count: Int, output: inout ByteWriter) {
        if let sequence = window.received(count) { write(.acknowledgement(sequence), to: &output) }
    }

    private mutating func advance(
        _ bytes: RawSpan, _ consumed: inout Int, output: inout ByteWriter
    ) throws(ChunkError) -> Incoming {
        while true {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let step = try reader.next(rest)
            consumed += step.consumed
            switch step.event {
            case .needsInput: return .needsInput
            case .aborted(let chunkStream): assembler.drop(chunkStream)
            case .fragment(let fragment):
                guard let message = try assembler.add(rest.extracting(fragment.payload), of: fragment) else {
                    continue
                }
                guard message.header.type.isControl else { return .message(message) }
                switch receiveControl(message, output: &output) {
                case .nothing: break
                case .answered: return .answered
                case .event(let event): return .event(event)
                }
            }
        }
    }

    /// Does what a message of the types 1 to 6 asks for. Others, and those that are too short to mean anything, are
    /// passed over; SetChunkSize and Abort are the reader's.
    package mutating func receiveControl(_ message: Message, output: inout ByteWriter) -> ControlOutcome {
        let control: ControlMessage?
        // The chunks around it can be read, and nothing depends on it.
        do { control = try ControlMessage(message) } catch { return .nothing }
        switch control {
        case .acknowledgement(let sequence): window.acknowledged(sequence)
        case .windowAcknowledgementSize(let size): window.windowReceived(size)
        case .setPeerBandwidth(let size, _):
            // Asks to be told the window that is kept now, unless it was told before (§5.4.5).
            guard size != announcedWindow, size > 0 else { return .nothing }
            announceWindow(size, to: &output)
            return .answered
        case .user(.pingRequest(let timestamp)):
            write(.user(.pingResponse(timestamp)), to: &output)
            return .answered
        case .user(let event): return .event(event)
        case .setChunkSize, .abort, nil: break
        }
        return .nothing
    }
}

// MARK: - Writing

extension MessageChannel {
    package mutating func write(_ message: Message, to output: inout ByteWriter) {
        let before = output.count
        writer.append(message, to: &output)
        window.sent(output.count - before)
    }

    package mutating func write(_ control: ControlMessage, to output: inout ByteWriter) {
        write(control.message, to: &output)
    }

    /// Nothing is written where it throws.
    package mutating func write(
        _ command: Command, on stream: MessageStreamID = .connection, to output: inout ByteWriter
    ) throws(AMFError) {
        var payload = ByteWriter()
        try command.append(to: &payload)
        let type: MessageType = command.encoding == .amf3 ? .commandAMF3 : .commandAMF0
        write(Message(chunkStream: .command, type: type, stream: stream, payload: payload.finish()), to: &output)
    }

    /// Nothing is written where it throws.
    package mutating func write(
        _ data: DataMessage, on stream: MessageStreamID, to output: inout ByteWriter
    ) throws(AMFError) {
        var payload = ByteWriter()
        try data.append(to: &payload)
        let type: MessageType = data.encoding == .amf3 ? .dataAMF3 : .dataAMF0
        write(Message(chunkStream: .command, type: type, stream: stream, payload: payload.finish()), to: &output)
    }

    /// Tells the peer how large the chunks are that it gets from here on; nothing where they are so already.
    package mutating func setChunkSize(_ size: Int, to output: inout ByteWriter) {
        guard size != writer.chunkSize else { return }
        write(.setChunkSize(UInt32(size)), to: &output)
        writer.chunkSize = size
    }

    /// Asks the peer to acknowledge at least every `size` bytes.
    package mutating func announceWindow(_ size: UInt32, to output: inout ByteWriter) {
        write(.windowAcknowledgementSize(size), to: &output)
        announcedWindow = size
    }
}

extension MessageType {
    /// Whether it is about the connection itself.
    package var isControl: Bool { (1...6).contains(number) }

    /// What it carries for players; nil for messages of other kinds.
    package var mediaKind: MediaKind? {
        switch self {
        case .audio: .audio
        case .video: .video
        case .dataAMF0, .dataAMF3: .data
        default: nil
        }
    }

    /// How the values of a command or of data are encoded; nil for messages of other kinds.
    package var encoding: MessageEncoding? {
        switch self {
        case .commandAMF0, .dataAMF0: .amf0
        case .commandAMF3, .dataAMF3: .amf3
        default: nil
        }
    }
}
