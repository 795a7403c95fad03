package import Bytes

extension ServerSession {
    /// Reads a command, answers what needs no decision, and gives the event that it is.
    mutating func receiveCommand(
        _ message: Message, _ encoding: MessageEncoding, output: inout ByteWriter
    ) throws(SessionError) -> Event? {
        let command: Command
        do { command = try Command(parsing: message.payload.bytes, encoding, limits: limits.amf) } catch {
            throw .command(error)
        }
        return try receive(command, on: message.header.stream, output: &output)
    }

    /// Does with a command that a relay has read and kept back what it does with those that come in the input.
    package mutating func receive(
        _ command: Command, on stream: MessageStreamID, output: inout ByteWriter
    ) throws(SessionError) -> Event? {
        precondition(decision == nil, "a decision is due first")
        if !streams.contains(where: \.isActive) {
            idleCommands += 1
            guard idleCommands <= limits.maximumIdleCommands else {
                throw .tooManyCommands(maximum: limits.maximumIdleCommands)
            }
        }
        // Answers to calls that nobody made, and notices that are for clients.
        guard command.isSuccess == nil, !command.name.equals("onStatus") else { return nil }
        let call: ClientCommand
        do { call = try ClientCommand(command) } catch {
            return try receiveMalformed(command, error, on: stream, output: &output)
        }
        if case .connect(let request) = call { return receiveConnect(request, command, output: &output) }
        guard isConnected else { throw .commandBeforeConnect }
        switch call {
        case .publish(let request): return receivePublish(request, command, on: stream, output: &output)
        case .play(let request): return receivePlay(request, command, on: stream, output: &output)
        case .connect, .createStream, .releaseStream, .fcPublish, .fcSubscribe, .getStreamLength, .checkBandwidth:
            return answer(call, command, output: &output)
        case .fcUnpublish(let name): return receiveUnpublish(name, command, output: &output)
        case .closeStream: return stop(on: stream)
        case .deleteStream(let id): return delete(id, on: stream)
        case .pause, .seek, .receiveAudio, .receiveVideo:
            return receivePlayerCommand(call, command, on: stream, output: &output)
        case .other: return receiveUnknown(command, on: stream, output: &output)
        }
    }

    /// A known command without what it needs. `publish(false)` and `play(false)` are how Flash ends either.
    private mutating func receiveMalformed(
        _ command: Command, _ error: CommandError, on stream: MessageStreamID, output: inout ByteWriter
    ) throws(SessionError) -> Event? {
        let isPublish = command.name.equals("publish")
        guard isPublish || command.name.equals("play"), isConnected else {
            guard isConnected else { throw .command(error) }
            return receiveUnknown(command, on: stream, output: &output)
        }
        if command.argument(0)?.boolean == false { return stop(on: stream) }
        let status = Status(isPublish ? .publishBadName : .playFailed, "A stream has a name, which is a text.")
        write(.onStatus(status, encoding: command.encoding), on: stream, to: &output)
        return .answered
    }

    private mutating func receiveUnknown(
        _ command: Command, on stream: MessageStreamID, output: inout ByteWriter
    ) -> Event {
        answerError("There is no such method, or not with such arguments.", command, output: &output)
        return .unknownCommandReceived(stream, command)
    }
}

// MARK: - What needs a decision

extension ServerSession {
    private mutating func receiveConnect(
        _ request: ConnectRequest, _ command: Command, output: inout ByteWriter
    ) -> Event {
        guard !isConnected else {
            answerError("The connection has an application already.", command, output: &output)
            return .answered
        }
        decision = .connect(request, transaction: command.transaction, command.encoding)
        return .connectRequested(request, command)
    }

    private mutating func receivePublish(
        _ request: PublishRequest, _ command: Command, on stream: MessageStreamID, output: inout ByteWriter
    ) -> Event {
        guard adopt(stream, command, output: &output) else { return .answered }
        switch streams[stream]?.role {
        case .idle, nil:
            decision = .publish(stream, request.name, command.encoding)
            return .publishRequested(stream, request, command)
        case .publishing, .playing:
            let status = Status(.publishBadName, "The message stream is in use; close it first.")
            write(.onStatus(status, encoding: command.encoding), on: stream, to: &output)
            return .answered
        }
    }

    /// A player may go to another stream without closing the first.
    private mutating func receivePlay(
        _ request: PlayRequest, _ command: Command, on stream: MessageStreamID, output: inout ByteWriter
    ) -> Event {
        guard adopt(stream, command, output: &output) else { return .answered }
        switch streams[stream]?.role {
        case .idle, nil:
            decision = .play(stream, isReset: request.isReset, command.encoding)
            return .playRequested(stream, request, command)
        case .playing:
            queued = .playRequested(stream, request, command)
            return stop(stream) ?? .answered
        case .publishing:
            let status = Status(.playFailed, "The message stream publishes; play on another.")
            write(.onStatus(status, encoding: command.encoding), on: stream, to: &output)
            return .answered
        }
    }

    /// Clients that publish or play on 0, or on a stream that they have not created or do not know yet to be created,
    /// exist and work with other servers; such a stream counts like any other.
    private mutating func adopt(
        _ stream: MessageStreamID, _ command: Command, output: inout ByteWriter
    ) -> Bool {
        if streams.adopt(stream) { return true }
        let status = Status(.streamFailed, "A connection has at most \(limits.maximumStreams) message streams.")
        write(.onStatus(status, encoding: command.encoding), on: stream, to: &output)
        return false
    }
}

extension Status {
    fileprivate init(_ code: StatusCode, _ text: String) { self.init(code, AMFString(text)) }
}

// MARK: - What ends a stream

extension ServerSession {
    /// FMLE's way to end a publish, on the connection and by name; the name decides only where several publish.
    private mutating func receiveUnpublish(
        _ name: AMFString, _ command: Command, output: inout ByteWriter
    ) -> Event {
        answerResult(command, output: &output)
        let status = Status(.unpublishSuccess, name)
        write(.onFCUnpublish(status, encoding: command.encoding), to: &output)
        let stream = streams.only(where: \.isPublishing) ?? streams.only { $0 == .publishing(name) }
        return stream.flatMap { stop($0) } ?? .answered
    }

    private mutating func stop(on stream: MessageStreamID) -> Event? {
        streams.meant(by: stream, where: \.isActive).flatMap { stop($0) }
    }

    /// What is not there is deleted already. Without a number that is a stream the message's own is meant, or the only
    /// one that does anything.
    private mutating func delete(_ number: UInt32?, on stream: MessageStreamID) -> Event? {
        let id: MessageStreamID
        if let number {
            id = MessageStreamID(number)
        } else if let meant = streams[stream]?.id ?? streams.only(where: \.isActive) {
            id = meant
        } else {
            return nil
        }
        let event = stop(id)
        streams.remove(id)
        return event
    }

    private mutating func stop(_ id: MessageStreamID) -> Event? {
        switch streams.stop(id) {
        case .idle: nil
        case .publishing: .publishStopped(id)
        case .playing: .playStopped(id)
        }
    }
}
