import Bytes
import Reactor

/// The primary that sentinels name, whichever server that is at the time.
///
/// A server is asked for its role before it gets commands: sentinels may know late. One that refuses to write is given
/// up for the same reason, and so is one that the sentinels call the primary no longer.
final class SentinelTopology {
    weak var observer: (any RedisObserver)?

    /// Whether the server at the other end has said that it is a primary.
    private(set) var isUp = false
    private let link: RedisLink
    private let follower: SentinelFollower
    /// Tells a connection from the one before.
    private var connections: UInt64 = 0

    private static let role = RedisCommand("ROLE")

    /// The link finds the primary anew for each connection.
    init(_ link: RedisLink, follower: SentinelFollower) {
        self.link = link
        self.follower = follower
        link.needsPrimary = true
    }
}

extension SentinelTopology: RedisTopology {
    func start() {
        link.observer = self
        link.start()
        follower.start()
    }

    func stop() {
        isUp = false
        connections += 1
        follower.stop()
        link.stop()
    }

    func send(_ command: RedisCommand, key: RedisKey?, then: @escaping (Result<RedisReply, RedisFailure>) -> Void) {
        guard isUp else { return link.refuse(then) }
        link.send(command, then: then)
    }
}

extension SentinelTopology: RedisObserver {
    func redisIsUp() {
        connections += 1
        let connection = connections
        link.send(Self.role) { [self] result in
            guard connections == connection else { return }
            switch result {
            case .success(let reply):
                if RedisRole(reply) == .primary { begin() } else { link.leave() }
            // A user who may not ask hears of it when nothing can be written.
            case .failure(.refused(let error)) where error.code == "NOPERM": begin()
            case .failure(.refused(let error)): link.drop(.refused(error))
            // It is reading its data in.
            case .failure(.unavailable): link.leave()
            // The link tells of the end by itself.
            case .failure: break
            }
        }
    }

    private func begin() {
        isUp = true
        observer?.redisIsUp()
    }

    func redisIsDown(_ reason: RedisDisconnect) {
        connections += 1
        isUp = false
        observer?.redisIsDown(reason)
    }
}
