/// What a client asks for, as far as this program knows it: a view of a `Command`, which stays what is forwarded.
package enum ClientCommand: Sendable, Equatable {
    case connect(ConnectRequest)
    case createStream
    case releaseStream(AMFString)
    case fcPublish(AMFString)
    case fcUnpublish(AMFString)
    case fcSubscribe(AMFString)
    case getStreamLength(AMFString)
    case checkBandwidth
    case publish(PublishRequest)
    case play(PlayRequest)
    /// Ends what the stream does; the stream stays.
    case closeStream
    /// Nil where the client sends something else than a number: GStreamer sends the stream's name.
    case deleteStream(id: UInt32?)
    case pause(Bool, milliseconds: Double)
    case seek(milliseconds: Double)
    case receiveAudio(Bool)
    case receiveVideo(Bool)
    /// Anything else.
    case other

    /// Throws where a known command lacks an argument without which it means nothing.
    package init(_ command: Command) throws(CommandError) {
        guard let name = command.name.string else {
            self = .other
            return
        }
        switch name {
        case "connect": self = .connect(try ConnectRequest(command))
        case "createStream": self = .createStream
        case "releaseStream": self = .releaseStream(try command.text(0))
        case "FCPublish": self = .fcPublish(try command.text(0))
        case "FCUnpublish": self = .fcUnpublish(try command.text(0))
        case "FCSubscribe": self = .fcSubscribe(try command.text(0))
        case "getStreamLength": self = .getStreamLength(try command.text(0))
        case "_checkbw": self = .checkBandwidth
        case "publish": self = .publish(try PublishRequest(command))
        case "play": self = .play(try PlayRequest(command))
        case "closeStream": self = .closeStream
        case "deleteStream": self = .deleteStream(id: command.number(0).flatMap { UInt32(exactly: $0) })
        case "pause", "pauseRaw":
            self = .pause(try Self.boolean(command), milliseconds: command.number(1) ?? 0)
        case "seek":
            guard let milliseconds = command.number(0) else { throw .wrongArgument(index: 0) }
            self = .seek(milliseconds: milliseconds)
        case "receiveAudio": self = .receiveAudio(try Self.boolean(command))
        case "receiveVideo": self = .receiveVideo(try Self.boolean(command))
        default: self = .other
        }
    }

    private static func boolean(_ command: Command) throws(CommandError) -> Bool {
        guard let boolean = command.argument(0)?.boolean else { throw .wrongArgument(index: 0) }
        return boolean
    }
}

extension ClientCommand {
    /// The message that asks for this; nil for `other`, which only its own command can say.
    package func command(transaction: Double, encoding: MessageEncoding = .amf0) -> Command? {
        func call(_ name: AMFString, _ arguments: AMF0Value...) -> Command {
            Command(name, transaction: transaction, arguments, encoding: encoding)
        }
        switch self {
        case .connect(let request): return request.command(transaction: transaction, encoding: encoding)
        case .createStream: return call("createStream")
        case .releaseStream(let name): return call("releaseStream", .string(name))
        case .fcPublish(let name): return call("FCPublish", .string(name))
        case .fcUnpublish(let name): return call("FCUnpublish", .string(name))
        case .fcSubscribe(let name): return call("FCSubscribe", .string(name))
        case .getStreamLength(let name): return call("getStreamLength", .string(name))
        case .checkBandwidth: return call("_checkbw")
        case .publish(let request): return request.command(transaction: transaction, encoding: encoding)
        case .play(let request): return request.command(transaction: transaction, encoding: encoding)
        case .closeStream: return call("closeStream")
        case .deleteStream(let id): return call("deleteStream", id.map { .number(Double($0)) } ?? .null)
        case .pause(let isPaused, let milliseconds):
            return call("pause", .boolean(isPaused), .number(milliseconds))
        case .seek(let milliseconds): return call("seek", .number(milliseconds))
        case .receiveAudio(let isWanted): return call("receiveAudio", .boolean(isWanted))
        case .receiveVideo(let isWanted): return call("receiveVideo", .boolean(isWanted))
        case .other: return nil
        }
    }
}
