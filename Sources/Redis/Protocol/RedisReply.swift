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

    /// As `code`; where a script was ended by the refusal of a command, the code of that. Before Redis 7 it stands at
    /// the end: `ERR Error running script (call to f_1): @user_script:3: @user_script: 3: -OOM command not allowed`.
    package var cause: Substring {
        guard code == "ERR", text.hasPrefix("ERR Error running script"),
            let dash = text.ranges(of: ": -").last
        else { return code }
        return text[dash.upperBound...].prefix { $0 != " " }
    }

    /// Whether it is the server that takes nothing now, and not this command: it has no memory or no replicas, cannot
    /// write, is no primary, or does not know who asks.
    package var isOfServer: Bool {
        switch cause {
        case "OOM", "MISCONF", "NOREPLICAS", "READONLY", "MASTERDOWN", "LOADING", "BUSY", "CLUSTERDOWN", "NOPERM",
            "NOAUTH", "DENIED":
            true
        // Redis 7 and Valkey, of a command in a script that the user may not give.
        default: text.contains("The user executing the script can't") || text.hasPrefix("ERR ACL failure in script")
        }
    }

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
