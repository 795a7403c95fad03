package import Bytes

/// What a server answers to one command, or says by itself.
package enum RedisReply: Sendable, Equatable {
    /// There is nothing.
    case null
    case integer(Int64)
    /// A word of the server's own, like `OK`.
    case status(String)
    /// A value, whatever bytes it is made of.
    case bytes(SharedBytes)
    case list([RedisReply])
    /// The command was understood and refused, or was not understood.
    case error(RedisError)
}

/// A refusal in a server's own words: `MOVED 3999 127.0.0.1:6381`.
package struct RedisError: Error, Equatable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// Its first word, which says what kind it is: `MOVED`, `NOSCRIPT`, `ERR`.
    package var code: Substring { text.prefix { $0 != " " } }

    package var description: String { text }
}

/// Why a command has no answer.
package enum RedisFailure: Error, Equatable, Sendable {
    /// It was not sent: there is no connection, or it broke before.
    case unavailable
    /// It was not sent: as many commands, or bytes of commands, wait as may.
    case full(maximum: Int)
    /// It was sent, and may have been carried out: no answer has come in time, or the connection broke.
    case unanswered
    /// The answer is a refusal.
    case refused(RedisError)
}
