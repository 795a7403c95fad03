package import Bytes

/// One way through a relay: finds what can go on as it came, and rewrites the rest.
///
/// Bytes go on untouched, chunk headers and all, where the receiver will understand them as the sender means them: the
/// message stream has the same number on both legs, what a header leaves out the receiver has been sent too, and chunks
/// are of the same size, for which the relay cares. Nearly all of a stream goes that way. Other messages of media get
/// headers of the relay's own and are forwarded as they arrive. What is about a connection stays there, or is said
/// again on the other; commands are read and sent on whole.
package struct RelayDirection {
    package enum Event: Sendable, Equatable {
        /// Everything was consumed that could be: come back with more.
        case needsInput
        /// There may be more in the input.
        case forwarded
        /// A command that was sent on, and the sender's stream. Nil where it cannot be read; it was sent on all the
        /// same.
        indirect case command(MessageStreamID, Command?)
        /// Publish or play, on whatever stream of the sender's, which is kept back: which origin is asked for a stream
        /// is not for this one to say.
        indirect case requested(MessageStreamID, Command)
    }

    /// What came of some input: first `raw` of it is to be sent on, then what was appended to `onward`.
    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let raw: Range<Int>
        package let event: Event
    }

    /// The stream's number where it comes from, and where it goes.
    let from: MessageStreamID
    let to: MessageStreamID

    /// Streams that the sender has besides, of which nothing goes on. Media on any further one is of the stream that is
    /// relayed, as for a session that is sent it: clients which send on a number that they never created work
    /// elsewhere. Nil where media is of its own stream alone.
    private var others: [MessageStreamID]?
    private var table = ChunkStreamTable()
    private var passages: [RelayPassage] = []

    /// Of more streams than these nothing is known any more, and media goes on from the one that is relayed alone.
    package static let maximumOthers = 64

    package init(from: MessageStreamID, to: MessageStreamID, besides others: [MessageStreamID]? = nil) {
        self.from = from
        self.to = to
        self.others = others
    }

    /// Looks at `bytes`, everything not yet consumed, up to the first thing that does not go on as it is.
    ///
    /// `sender` and `receiver` are the two legs; `back` is what the sender is to be told.
    package mutating func next(
        _ bytes: RawSpan, sender: inout MessageChannel, receiver: inout MessageChannel, onward: inout ByteWriter,
        back: inout ByteWriter
    ) throws(ChunkError) -> Step {
        var consumed = 0
        while true {
            let rest = bytes.extracting(consumed..<bytes.byteCount)
            let step = try sender.reader.next(rest)
            sender.received(step.consumed, output: &back)
            let run = 0..<consumed
            consumed += step.consumed
            switch step.event {
            case .needsInput: return Step(consumed: consumed, raw: run, event: .needsInput)
            case .aborted(let chunkStream):
                abort(chunkStream, &sender, &receiver, &onward)
                return Step(consumed: consumed, raw: run, event: .forwarded)
            case .fragment(let fragment):
                let slot = slot(of: fragment.header.chunkStream)
                if fragment.opensMessage { choose(for: fragment, slot, &receiver) }
                if passages[slot].way == .raw { continue }
                let event = try forward(
                    rest.extracting(fragment.payload), of: fragment, passages[slot].way, &sender, &receiver, &onward,
                    &back)
                return Step(consumed: consumed, raw: run, event: event)
            }
        }
    }

    /// Whether everything that was sent on was sent on whole: nothing is left for somebody else to finish.
    ///
    /// What is put together here first is not sent on before it is whole.
    func isBetweenMessages(of sender: MessageChannel) -> Bool {
        sender.reader.unfinishedChunkStreams.allSatisfy { chunkStream in
            table.slot(of: chunkStream.number).map { passages[$0].way == .assembled } ?? true
        }
    }

    private mutating func slot(of chunkStream: ChunkStreamID) -> Int {
        if let slot = table.slot(of: chunkStream.number) { return slot }
        passages.append(RelayPassage())
        return table.add(chunkStream.number)
    }

    /// The number that the message's stream has on the other leg; nil for one that does not exist there.
    private func mapped(_ stream: MessageStreamID) -> MessageStreamID? {
        stream == from ? to : stream == .connection ? .connection : nil
    }

    /// The same for a message of media or of anything else.
    private func mapped(_ header: MessageHeader) -> MessageStreamID? {
        if let stream = mapped(header.stream) { return stream }
        guard header.type.isMedia, let others, !others.contains(header.stream) else { return nil }
        return to
    }

    /// The sender uses `stream` for something else.
    private mutating func note(_ stream: MessageStreamID) {
        guard stream != from, stream != .connection, let known = others, !known.contains(stream) else { return }
        if known.count < Self.maximumOthers { others?.append(stream) } else { others = nil }
    }

    // MARK: - Ways

    private mutating func choose(for fragment: ChunkFragment, _ slot: Int, _ receiver: inout MessageChannel) {
        let header = fragment.header
        let passage = passages[slot]
        let stream = mapped(header)
        // The relay itself writes on the chunk stream for control; nothing may be half written there.
        if header.type.isControl || header.type.isCommand || header.chunkStream == .control {
            passages[slot] = RelayPassage(way: .assembled, knowledge: .nothing)
        } else if stream == nil {
            passages[slot] = RelayPassage(way: .dropped, knowledge: .nothing)
        } else if stream == header.stream, !fragment.hasExtendedTimestamp,
            passage.understands(format: fragment.format)
        {
            if passage.knowledge != .all || passage.way != .raw { receiver.writer.forget(header.chunkStream) }
            passages[slot] = RelayPassage(way: .raw, knowledge: .all)
        } else {
            // What is repeated in extended timestamps is a matter of dialects: the relay has its own.
            let isAlike = stream == header.stream && !fragment.hasExtendedTimestamp
            passages[slot] = RelayPassage(way: .rewritten, knowledge: isAlike ? .header : .nothing)
        }
    }

    private mutating func forward(
        _ payload: RawSpan, of fragment: ChunkFragment, _ way: RelayPassage.Way, _ sender: inout MessageChannel,
        _ receiver: inout MessageChannel, _ onward: inout ByteWriter, _ back: inout ByteWriter
    ) throws(ChunkError) -> Event {
        switch way {
        case .raw, .dropped: break
        case .rewritten:
            var header = fragment.header
            header.stream = mapped(header) ?? to
            if fragment.opensMessage {
                receiver.writer.open(header, to: &onward)
            } else if fragment.opensChunk {
                receiver.writer.goOn(header.chunkStream, to: &onward)
            }
            onward.append(payload)
        case .assembled:
            guard let message = try sender.assembler.add(payload, of: fragment) else { break }
            return pass(message, &sender, &receiver, &onward, &back)
        }
        return .forwarded
    }

    private mutating func abort(
        _ chunkStream: ChunkStreamID, _ sender: inout MessageChannel, _ receiver: inout MessageChannel,
        _ onward: inout ByteWriter
    ) {
        switch passages[slot(of: chunkStream)].way {
        case .raw, .rewritten: receiver.write(.abort(chunkStream: chunkStream.number), to: &onward)
        case .assembled: sender.assembler.drop(chunkStream)
        case .dropped: break
        }
    }
}

// MARK: - Whole messages

extension RelayDirection {
    private mutating func pass(
        _ message: Message, _ sender: inout MessageChannel, _ receiver: inout MessageChannel,
        _ onward: inout ByteWriter, _ back: inout ByteWriter
    ) -> Event {
        let type = message.header.type
        if type.isControl {
            switch sender.receiveControl(message, output: &back) {
            case .nothing, .answered: break
            case .event(let event):
                if let event = mapped(event) { receiver.write(.user(event), to: &onward) }
            }
            if type == .setChunkSize { receiver.setChunkSize(sender.reader.chunkSize, to: &onward) }
            return .forwarded
        }
        guard type.isCommand else {
            if let stream = mapped(message.header) { receiver.write(message.on(stream), to: &onward) }
            return .forwarded
        }
        return pass(command: message, &receiver, &onward)
    }

    private mutating func pass(
        command message: Message, _ receiver: inout MessageChannel, _ onward: inout ByteWriter
    ) -> Event {
        let own = message.header.stream
        let command: Command?
        do {
            command = try Command(parsing: message.payload.bytes, message.header.type.encoding ?? .amf0)
        } catch {
            command = nil
        }
        if let command, command.name.equals("publish") || command.name.equals("play") {
            note(own)
            return .requested(own, command)
        }
        guard let stream = mapped(own) else { return .forwarded }
        if let changed = command.flatMap({ mapped($0) }) {
            do throws(AMFError) {
                try receiver.write(changed, on: stream, to: &onward)
                return .command(own, command)
            } catch {
                // Not one that was read; it goes on as it came.
            }
        }
        receiver.write(message.on(stream), to: &onward)
        return .command(own, command)
    }

    /// The command that says the same on the other leg; nil where it is the same.
    private func mapped(_ command: Command) -> Command? {
        guard from != to, command.name.equals("deleteStream"), command.number(0) == Double(from.number) else {
            return nil
        }
        var changed = command
        changed.arguments[0] = .number(Double(to.number))
        return changed
    }

    /// Nil for what is about a stream that does not exist there.
    private func mapped(_ event: UserControlEvent) -> UserControlEvent? {
        switch event {
        case .streamBegin(let stream): mapped(stream).map { .streamBegin($0) }
        case .streamEOF(let stream): mapped(stream).map { .streamEOF($0) }
        case .streamDry(let stream): mapped(stream).map { .streamDry($0) }
        case .setBufferLength(let stream, let milliseconds):
            mapped(stream).map { .setBufferLength($0, milliseconds: milliseconds) }
        case .streamIsRecorded(let stream): mapped(stream).map { .streamIsRecorded($0) }
        case .bufferEmpty(let stream): mapped(stream).map { .bufferEmpty($0) }
        case .bufferReady(let stream): mapped(stream).map { .bufferReady($0) }
        // Pings are answered on each leg.
        case .pingRequest, .pingResponse: nil
        case .unknown: event
        }
    }
}

extension Message {
    /// The same message on another stream.
    func on(_ stream: MessageStreamID) -> Message {
        guard stream != header.stream else { return self }
        var header = header
        header.stream = stream
        return Message(header, payload: payload)
    }
}

extension MessageType {
    var isMedia: Bool { mediaKind != nil || self == .aggregate }

    var isCommand: Bool { self == .commandAMF0 || self == .commandAMF3 }
}
