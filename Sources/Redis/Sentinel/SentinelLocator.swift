import Reactor

/// Asks sentinels, one after the other, where the primary is.
final class SentinelLocator: RedisLocator {
    private let directory: SentinelDirectory
    private let session: RedisSession
    private let loop: EventLoop
    private let resolver: Resolver
    private var inquiry: RedisInquiry?
    private let commands: [RedisCommand]

    /// `session` is for the sentinels.
    init(_ directory: SentinelDirectory, session: RedisSession, on loop: EventLoop, resolver: Resolver) {
        self.directory = directory
        self.session = session
        self.loop = loop
        self.resolver = resolver
        let master = RedisWord(directory.master)
        commands = [
            RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master), RedisCommand("SENTINEL", "SENTINELS", master),
        ]
    }

    func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void) {
        ask(directory.known[...], .nowhere(.address), then)
    }

    func cancel() {
        inquiry?.cancel()
        inquiry = nil
    }

    /// `last` is why the one before has not helped.
    private func ask(
        _ sentinels: ArraySlice<RedisEndpoint>, _ last: RedisDisconnect,
        _ then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void
    ) {
        guard let sentinel = sentinels.first, !last.isShutdown else { return then(.failure(last)) }
        inquiry = RedisInquiry(commands, of: sentinel, session: session, on: loop, resolver: resolver) {
            [self] result in
            inquiry = nil
            switch result {
            case .success(let replies):
                guard let primary = RedisSentinelAnswer.primary(replies[0]) else {
                    var reason = RedisDisconnect.nowhere(.primary(directory.master))
                    if case .error(let error) = replies[0] { reason = .refused(error) }
                    return ask(sentinels.dropFirst(), reason, then)
                }
                let others = RedisSentinelAnswer.sentinels(replies[1], maximum: SentinelDirectory.maximum)
                directory.answered(sentinel, others: others)
                then(.success(primary))
            case .failure(let reason): ask(sentinels.dropFirst(), reason, then)
            }
        }
    }
}

/// The next sentinel each time.
final class SentinelTurns: RedisLocator {
    private let directory: SentinelDirectory
    private var turn = 0

    init(_ directory: SentinelDirectory) { self.directory = directory }

    func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void) {
        let known = directory.known
        guard !known.isEmpty else { return then(.failure(.nowhere(.address))) }
        defer { turn += 1 }
        then(.success(known[turn % known.count]))
    }

    func cancel() {}
}
