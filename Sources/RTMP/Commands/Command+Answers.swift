/// What a server says.
extension Command {
    /// The answer to a call that succeeded.
    package static func result(
        transaction: Double, object: AMF0Value = .null, _ arguments: [AMF0Value] = [],
        encoding: MessageEncoding = .amf0
    ) -> Command {
        Command("_result", transaction: transaction, object: object, arguments, encoding: encoding)
    }

    /// The answer to `connect`: what the server is, then whether the client may stay.
    package static func connectResult(
        transaction: Double = 1, server: AMFProperties<AMF0Value>, _ status: Status, encoding: MessageEncoding = .amf0
    ) -> Command {
        let isError = status.level == .error
        return Command(
            isError ? "_error" : "_result", transaction: transaction, object: .object(server),
            [.object(status.properties)], encoding: encoding)
    }

    /// The answer to `createStream`.
    package static func createStreamResult(
        transaction: Double, streamID: UInt32, encoding: MessageEncoding = .amf0
    ) -> Command {
        result(transaction: transaction, [.number(Double(streamID))], encoding: encoding)
    }

    /// The answer to a call that failed.
    package static func error(transaction: Double, _ status: Status, encoding: MessageEncoding = .amf0) -> Command {
        Command("_error", transaction: transaction, [.object(status.properties)], encoding: encoding)
    }

    /// A notice about a stream; it goes out on the stream's id.
    package static func onStatus(
        _ status: Status, transaction: Double = 0, encoding: MessageEncoding = .amf0
    ) -> Command {
        Command("onStatus", transaction: transaction, [.object(status.properties)], encoding: encoding)
    }

    /// The end of a measurement that nobody makes any more; some clients wait for it.
    package static func onBWDone(encoding: MessageEncoding = .amf0) -> Command {
        Command("onBWDone", transaction: 0, encoding: encoding)
    }

    /// What encoders of FMLE's kind expect after `FCPublish`.
    package static func onFCPublish(_ status: Status, encoding: MessageEncoding = .amf0) -> Command {
        Command("onFCPublish", transaction: 0, [.object(status.properties)], encoding: encoding)
    }

    package static func onFCUnpublish(_ status: Status, encoding: MessageEncoding = .amf0) -> Command {
        Command("onFCUnpublish", transaction: 0, [.object(status.properties)], encoding: encoding)
    }
}

extension Command {
    /// Whether this answers a call: `true` for `_result`, `false` for `_error`, nil for anything else.
    package var isSuccess: Bool? {
        if name.equals("_result") { return true }
        return name.equals("_error") ? false : nil
    }

    /// The id that an answer to `createStream` gives; nil where it gives none.
    package var createdStreamID: UInt32? { isSuccess == true ? number(0).flatMap { UInt32(exactly: $0) } : nil }
}
