import Reactor

/// Asks a server some things over a connection of its own, which ends with the answers.
final class RedisInquiry {
    private let commands: [RedisCommand]
    private var replies: [RedisReply] = []
    private var connection: RedisConnection?
    private var then: ((Result<[RedisReply], RedisDisconnect>) -> Void)?

    /// `then` is called once, and never inside this call: with as many replies as commands, refusals among them.
    init(
        _ commands: [RedisCommand], of endpoint: RedisEndpoint, session: RedisSession, on loop: EventLoop,
        resolver: Resolver, then: @escaping (Result<[RedisReply], RedisDisconnect>) -> Void
    ) {
        self.commands = commands
        self.then = then
        let connection = RedisConnection(to: endpoint, session: session, on: loop, owner: self)
        self.connection = connection
        connection.connect(resolver: resolver)
    }

    /// `then` is not called any more.
    func cancel() {
        then = nil
        connection?.close()
    }

    private func took(_ result: Result<RedisReply, RedisFailure>) {
        switch result {
        case .success(let reply): replies.append(reply)
        case .failure(.refused(let error)): replies.append(.error(error))
        // The connection's end says why.
        case .failure: return
        }
        guard replies.count == commands.count else { return }
        let then = then.take()
        connection?.close()
        then?(.success(replies))
    }
}

extension RedisInquiry: RedisConnectionOwner {
    func opened(_ connection: RedisConnection) { for command in commands { connection.send(command, then: took) } }

    func ended(_ connection: RedisConnection, _ reason: RedisDisconnect) {
        self.connection = nil
        then.take()?(.failure(reason))
    }
}
