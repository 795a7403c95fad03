/// `play`: a client wants to receive a stream (§7.2.2.1).
package struct PlayRequest: Sendable, Equatable {
    /// The stream's name, its query still in it.
    package var name: AMFString
    /// Seconds; -2 is live or else recorded, -1 live. FFmpeg and librtmp say -2000 and -1000. Nil where nothing is
    /// said.
    package var start: Double?
    /// Seconds, -1 to the end.
    package var duration: Double?
    /// Whether a playlist begins anew. Some clients send a number.
    package var reset: AMF0Value?
    /// What follows.
    package var further: [AMF0Value]

    package init(
        name: AMFString, start: Double? = nil, duration: Double? = nil, reset: AMF0Value? = nil,
        further: [AMF0Value] = []
    ) {
        self.name = name
        self.start = start
        self.duration = duration
        self.reset = reset
        self.further = further
    }

    /// A start or duration that is no number ends what is understood; it is kept among what follows.
    package init(_ command: Command) throws(CommandError) {
        guard command.name.equals("play") else { throw .unexpectedName }
        name = try command.text(0)
        var known = 1
        start = command.number(1)
        if start != nil {
            known = 2
            duration = command.number(2)
        }
        if duration != nil {
            known = 3
            reset = command.argument(3)
        }
        if reset != nil { known = 4 }
        further = Array(command.arguments.dropFirst(known))
    }

    /// What is nil in front of something that is not gets the value that says nothing new: -2, -1.
    package func command(transaction: Double, encoding: MessageEncoding = .amf0) -> Command {
        var arguments: [AMF0Value] = [.string(name)]
        if let start = start ?? (duration == nil && reset == nil ? nil : -2) { arguments.append(.number(start)) }
        if let duration = duration ?? (reset == nil ? nil : -1) { arguments.append(.number(duration)) }
        if let reset { arguments.append(reset) }
        return Command("play", transaction: transaction, arguments + further, encoding: encoding)
    }

    /// Whether the client asks for a new beginning; true where it says nothing.
    package var isReset: Bool { reset?.boolean ?? reset?.number.map { $0 != 0 } ?? true }
}
