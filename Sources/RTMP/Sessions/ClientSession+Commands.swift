package import Bytes
package import Media

extension ClientSession {
    /// Reads a command, and goes on with what was waiting for it.
    mutating func receiveCommand(
        _ message: Message, _ encoding: MessageEncoding, output: inout ByteWriter
    ) throws(SessionError) -> Event? {
        let command: Command
        do { command = try Command(parsing: message.payload.bytes, encoding, limits: limits.amf) } catch {
            throw .command(error)
        }
        if let isSuccess = command.isSuccess {
            return isSuccess ? try receiveResult(command, output: &output) : receiveError(command)
        }
        let stream = message.header.stream
        if command.name.equals("onStatus"), let status = Status(command) { return receiveStatus(status, on: stream) }
        if command.transaction != 0 {
            let status = Status(.callFailed, "There is no such method.")
            try send(.error(transaction: command.transaction, status, encoding: command.encoding), to: &output)
        }
        return .commandReceived(stream, command)
    }

    private mutating func receiveResult(
        _ command: Command, output: inout ByteWriter
    ) throws(SessionError) -> Event? {
        switch state {
        case .connecting:
            // Whatever its transaction: nothing else was asked.
            let status = Status(command) ?? Status(.connectSuccess, "")
            guard status.level != .error else { return refused(.connect, status) }
            try callForStream(output: &output)
            return .connected(command.object?.properties ?? AMFProperties(), status)
        case .creatingStream(let transaction):
            guard command.transaction == transaction else { return nil }
            guard let number = command.createdStreamID else {
                return refused(.createStream, Status(.callFailed, "The server's answer names no stream."))
            }
            try request(on: MessageStreamID(number), output: &output)
            return .answered
        case .handshaking, .requesting, .running, .over: return nil
        }
    }

    /// Errors about releaseStream and FCPublish mean nothing.
    private mutating func receiveError(_ command: Command) -> Event? {
        let status = Status(command) ?? Status(.callFailed, "")
        switch state {
        case .connecting: return refused(.connect, status)
        case .creatingStream(let transaction):
            return command.transaction == transaction ? refused(.createStream, status) : nil
        case .requesting(let transaction, _):
            return command.transaction == transaction ? refused(.request, status) : nil
        case .handshaking, .running, .over: return nil
        }
    }

    /// Some servers send it on stream 0, so it counts wherever it comes.
    private mutating func receiveStatus(_ status: Status, on stream: MessageStreamID) -> Event {
        switch state {
        case .connecting:
            if status.level == .error { return refused(.connect, status) }
        case .creatingStream:
            if status.level == .error { return refused(.createStream, status) }
        case .requesting(_, let requested):
            if status.level == .error { return refused(.request, status) }
            if status.code == (isPublisher ? .publishStart : .playStart) {
                state = .running(requested)
                return .accepted(requested, status)
            }
        case .handshaking, .running, .over: break
        }
        return .statusReceived(stream, status)
    }

    private mutating func refused(_ what: Refused, _ status: Status) -> Event {
        state = .over
        return .refused(what, status)
    }
}

// MARK: - Calling

extension ClientSession {
    /// Appends C0 and C1: the first thing to be sent.
    package mutating func start(output: inout ByteWriter) {
        let before = output.count
        handshake.begin(output: &output)
        channel.window.sent(output.count - before)
    }

    /// Everything up to `createStream`, at once.
    private mutating func callForStream(output: inout ByteWriter) throws(SessionError) {
        channel.announceWindow(settings.window, to: &output)
        channel.setChunkSize(settings.chunkSize, to: &output)
        if case .publish(let request) = purpose {
            try call(.releaseStream(request.name), output: &output)
            try call(.fcPublish(request.name), output: &output)
        }
        let transaction = try call(.createStream, output: &output)
        state = .creatingStream(transaction)
    }

    private mutating func request(on stream: MessageStreamID, output: inout ByteWriter) throws(SessionError) {
        let transaction: Double
        switch purpose {
        case .publish(let request):
            transaction = try call(.publish(request), on: stream, output: &output)
        case .play(let request):
            transaction = try call(.play(request), on: stream, output: &output)
            let event = UserControlEvent.setBufferLength(stream, milliseconds: settings.bufferMilliseconds)
            channel.write(.user(event), to: &output)
        }
        state = .requesting(transaction, stream)
    }

    /// Its transaction.
    @discardableResult
    private mutating func call(
        _ what: ClientCommand, on stream: MessageStreamID = .connection, output: inout ByteWriter
    ) throws(SessionError) -> Double {
        let transaction = takeTransaction()
        if let command = what.command(transaction: transaction, encoding: settings.encoding) {
            try send(command, on: stream, to: &output)
        }
        return transaction
    }

    mutating func send(
        _ command: Command, on stream: MessageStreamID = .connection, to output: inout ByteWriter
    ) throws(SessionError) {
        do { try channel.write(command, on: stream, to: &output) } catch { throw .unwritable(error) }
    }

    mutating func takeTransaction() -> Double {
        defer { nextTransaction += 1 }
        return nextTransaction
    }
}

// MARK: - What the owner does with a stream

extension ClientSession {
    /// Appends a message of the stream that was accepted for publishing; nothing where none is.
    package mutating func send(
        _ kind: MediaKind, timestamp: UInt32, _ payload: SharedBytes, to output: inout ByteWriter
    ) {
        guard isPublisher, let stream else { return }
        channel.write(message(kind, timestamp: timestamp, payload, on: stream), to: &output)
    }

    private func message(
        _ kind: MediaKind, timestamp: UInt32, _ payload: SharedBytes, on stream: MessageStreamID
    ) -> Message {
        let (chunkStream, type): (ChunkStreamID, MessageType) =
            switch kind {
            case .audio: (.clientAudio, .audio)
            case .data: (.clientData, settings.encoding == .amf3 ? .dataAMF3 : .dataAMF0)
            case .video: (.clientVideo, .video)
            }
        return Message(chunkStream: chunkStream, timestamp: timestamp, type: type, stream: stream, payload: payload)
    }

    /// Appends the end of what was accepted; nothing where nothing was. A publisher takes its leave by name as well,
    /// which is what some servers end a stream by.
    package mutating func stop(output: inout ByteWriter) throws(SessionError) {
        guard let stream else { return }
        if case .publish(let request) = purpose { try call(.fcUnpublish(request.name), output: &output) }
        try call(.deleteStream(id: stream.number), output: &output)
        state = .over
    }
}

extension ChunkStreamID {
    fileprivate static let clientAudio = ChunkStreamID(unchecked: 4)
    fileprivate static let clientData = ChunkStreamID(unchecked: 5)
    fileprivate static let clientVideo = ChunkStreamID(unchecked: 6)
}
