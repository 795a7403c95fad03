import Telemetry

/// What a client says first, and which refusals of it matter.
struct RedisGreeting {
    enum Kind { case authentication, database, name }

    let steps: [(kind: Kind, command: RedisCommand)]
    private let password: Secret<String>?

    init(_ session: RedisSession) {
        var steps: [(Kind, RedisCommand)] = []
        if let credentials = session.credentials {
            let words = [credentials.user, credentials.password.reveal()].compactMap { $0 }
            steps.append((.authentication, RedisCommand(["AUTH"] + words.map { RedisWord($0) })))
        }
        if session.database != 0 { steps.append((.database, RedisCommand("SELECT", RedisWord(session.database)))) }
        if !session.name.isEmpty { steps.append((.name, RedisCommand("CLIENT", "SETNAME", RedisWord(session.name)))) }
        self.steps = steps
        password = session.credentials?.password
    }

    /// What to tell of a refusal, in the server's words; nil where the connection is good all the same.
    func refusal(of kind: Kind, _ error: RedisError) -> RedisError? {
        switch kind {
        case .authentication: redacted(error)
        case .database: error
        // A name is a courtesy. Users may not be allowed to give one, and other servers may not know the command.
        case .name: error.code == "NOPERM" || error.text.hasPrefix("ERR unknown") ? nil : error
        }
    }

    /// A server that does not know AUTH repeats what it was sent: the password may be in its words, whole or in part.
    private func redacted(_ error: RedisError) -> RedisError {
        var text = error.text
        if let arguments = text.firstRange(of: ", with args") { text = String(text[..<arguments.lowerBound]) }
        if let password = password?.reveal(), !password.isEmpty { text.replace(password, with: "<redacted>") }
        return RedisError(text)
    }
}
