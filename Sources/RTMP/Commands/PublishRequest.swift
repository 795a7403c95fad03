/// `publish`: a client wants to send a stream (§7.2.2.6).
package struct PublishRequest: Sendable, Equatable {
    package enum Kind: Sendable, Hashable {
        case live
        case record
        case append
        /// What Wowza's and others' encoders may say; to be taken as live.
        case other(AMFString)
    }

    /// The stream's name, its query still in it.
    package var name: AMFString
    /// Nil where the client says nothing, which means live.
    package var kind: Kind?
    /// What follows.
    package var further: [AMF0Value]

    package init(name: AMFString, kind: Kind? = .live, further: [AMF0Value] = []) {
        self.name = name
        self.kind = kind
        self.further = further
    }

    package init(_ command: Command) throws(CommandError) {
        guard command.name.equals("publish") else { throw .unexpectedName }
        name = try command.text(0)
        kind = command.argument(1)?.text.map { Kind($0) }
        // A type that is no text is kept where it stood.
        further = Array(command.arguments.dropFirst(kind == nil ? 1 : 2))
    }

    package func command(transaction: Double, encoding: MessageEncoding = .amf0) -> Command {
        var arguments: [AMF0Value] = [.string(name)]
        if let kind { arguments.append(.string(kind.text)) }
        return Command("publish", transaction: transaction, arguments + further, encoding: encoding)
    }
}

extension PublishRequest.Kind {
    init(_ text: AMFString) {
        switch text.string {
        case "live": self = .live
        case "record": self = .record
        case "append": self = .append
        default: self = .other(text)
        }
    }

    package var text: AMFString {
        switch self {
        case .live: "live"
        case .record: "record"
        case .append: "append"
        case .other(let text): text
        }
    }
}
