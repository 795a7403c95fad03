package import Reactor
package import Telemetry

/// A client of Redis, confined to one loop: one of them for each loop that needs it.
///
/// It connects by itself, again and again. While Redis is away commands fail at once: the caller has another way to go
/// on. Its owner ends it by `stop`: until then its connections keep coming back.
package final class RedisClient {
    private let topology: any RedisTopology

    package init(
        _ settings: RedisSettings, on loop: EventLoop, resolver: Resolver, log: Logger, meter: RedisMeter
    ) {
        topology = settings.makeTopology(RedisParts(loop: loop, resolver: resolver, log: log, meter: meter))
    }

    /// Hears whether Redis is there; not kept.
    package var observer: (any RedisObserver)? {
        get { topology.observer }
        set { topology.observer = newValue }
    }

    package var isUp: Bool { topology.isUp }

    package func start() { topology.start() }

    /// Commands that wait hear `.unanswered`, the observer nothing more.
    package func stop() { topology.stop() }

    /// Sends a command. In a cluster `key` decides who gets it: without one it is any server. An answer that is an
    /// error is `.refused`. `then` is called once, and never inside this call; answers come in the order of the
    /// commands, unless a cluster has sent some of them to another node.
    package func send(
        _ command: RedisCommand, key: RedisKey? = nil,
        then: @escaping (Result<RedisReply, RedisFailure>) -> Void
    ) {
        topology.send(command, key: key, then: then)
    }

    /// Runs a script on keys of one slot. A server that does not have it, as after its restart, is given it, which
    /// costs one more round trip; commands that were sent meanwhile come before it then.
    package func run(
        _ script: RedisScript, keys: [RedisKey], arguments: [RedisWord] = [],
        then: @escaping (Result<RedisReply, RedisFailure>) -> Void
    ) {
        topology.send(script.byDigest(keys, arguments), key: keys.first) { [topology] result in
            guard case .failure(.refused(let error)) = result, error.code == "NOSCRIPT" else { return then(result) }
            topology.send(script.bySource(keys, arguments), key: keys.first, then: then)
        }
    }

    package func run(
        _ script: RedisScript, key: RedisKey, arguments: [RedisWord] = [],
        then: @escaping (Result<RedisReply, RedisFailure>) -> Void
    ) {
        run(script, keys: [key], arguments: arguments, then: then)
    }
}
