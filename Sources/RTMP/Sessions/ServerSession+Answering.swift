package import Bytes

extension ServerSession {
    /// Answers what needs no decision. Where a client gives no transaction it wants no answer, but for `createStream`,
    /// which is nothing without one.
    mutating func answer(_ call: ClientCommand, _ command: Command, output: inout ByteWriter) -> Event {
        switch call {
        case .createStream:
            guard let id = streams.create() else {
                let text = "A connection has at most \(limits.maximumStreams) message streams."
                write(
                    .error(
                        transaction: command.transaction, Status(.callFailed, AMFString(text)),
                        encoding: command.encoding), to: &output)
                return .answered
            }
            let result = Command.createStreamResult(
                transaction: command.transaction, streamID: id.number, encoding: command.encoding)
            write(result, to: &output)
        case .fcPublish(let name):
            // Some encoders do not go on to `publish` without it. It promises nothing: `publish` is what is decided.
            answerResult(command, output: &output)
            write(.onFCPublish(Status(.publishStart, name), encoding: command.encoding), to: &output)
        case .fcSubscribe(let name):
            answerResult(command, output: &output)
            let status = Status(.playStart, name)
            write(
                Command("onFCSubscribe", transaction: 0, [.object(status.properties)], encoding: command.encoding),
                to: &output)
        case .getStreamLength: answerResult(command, [.number(0)], output: &output)
        default:
            // releaseStream, and _checkbw: an answer by onBWDone would make FFmpeg and librtmp ask again, for ever.
            answerResult(command, output: &output)
        }
        return .answered
    }

    /// Pause, seek and the switches for audio and video; nothing where nothing plays.
    mutating func receivePlayerCommand(
        _ call: ClientCommand, _ command: Command, on stream: MessageStreamID, output: inout ByteWriter
    ) -> Event? {
        guard let stream = streams.meant(by: stream, where: \.isPlaying) else {
            answerError("Nothing plays on the message stream.", command, output: &output)
            return .answered
        }
        switch call {
        case .pause(let isPaused, let milliseconds):
            let status = isPaused ? Status(.pauseNotify, "Paused.") : Status(.unpauseNotify, "Goes on.")
            notify(status, on: stream, output: &output)
            notify(isPaused ? .streamEOF(stream) : .streamBegin(stream), output: &output)
            return .pauseChanged(stream, isPaused: isPaused, milliseconds: milliseconds)
        case .seek(let milliseconds): return .seekRequested(stream, milliseconds: milliseconds)
        case .receiveAudio(let isWanted): return .audioWished(stream, isWanted: isWanted)
        case .receiveVideo(let isWanted): return .videoWished(stream, isWanted: isWanted)
        default: return nil
        }
    }

    mutating func answerResult(_ command: Command, _ values: [AMF0Value] = [.null], output: inout ByteWriter) {
        guard command.transaction != 0 else { return }
        write(.result(transaction: command.transaction, values, encoding: command.encoding), to: &output)
    }

    mutating func answerError(_ description: AMFString, _ command: Command, output: inout ByteWriter) {
        guard command.transaction != 0 else { return }
        let status = Status(.callFailed, description)
        write(.error(transaction: command.transaction, status, encoding: command.encoding), to: &output)
    }

    /// Writes a command of which at most a property that the owner added has no form in AMF0: then it goes without what
    /// was added.
    mutating func write(_ command: Command, on stream: MessageStreamID = .connection, to output: inout ByteWriter) {
        do throws(AMFError) {
            try channel.write(command, on: stream, to: &output)
        } catch {
            var plain = command
            plain.arguments = Status(command).map { [.object($0.essentials)] } ?? []
            do throws(AMFError) { try channel.write(plain, on: stream, to: &output) } catch {
                preconditionFailure("level, code and description can be written: \(error)")
            }
        }
    }
}

extension Status {
    /// Level, code and description.
    fileprivate var essentials: AMFProperties<AMF0Value> {
        var essentials = AMFProperties<AMF0Value>()
        for key in ["level", "code", "description"] {
            if let text = properties[key]?.text { essentials.append(AMFString(key), .string(text)) }
        }
        return essentials
    }
}

// MARK: - What the owner tells

extension ServerSession {
    /// Appends a notice about a stream, such as `playUnpublishNotify` where its publisher has gone, or
    /// `unpublishSuccess` where it was a publisher that has stopped.
    package mutating func notify(_ status: Status, on stream: MessageStreamID, output: inout ByteWriter) {
        write(.onStatus(status, encoding: streams[stream]?.encoding ?? .amf0), on: stream, to: &output)
    }

    /// Appends an event of a stream: `streamEOF` where no more comes, `streamDry` where nothing comes for now.
    package mutating func notify(_ event: UserControlEvent, output: inout ByteWriter) {
        channel.write(.user(event), to: &output)
    }
}
