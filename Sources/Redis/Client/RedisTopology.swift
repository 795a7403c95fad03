/// Servers behind one client: a single one, or more of them.
///
/// Everything is called on the client's loop.
package protocol RedisTopology: AnyObject {
    /// Whether commands can be sent now.
    var isUp: Bool { get }
    var observer: (any RedisObserver)? { get set }

    /// Connects, and goes on doing so until `stop`.
    func start()
    /// Ends everything. Commands that wait hear `.unanswered`, the observer nothing more.
    func stop()

    /// Sends a command to the server that has `key`; where there is none, to any. `then` is called once, and never
    /// inside this call.
    func send(
        _ command: RedisCommand, key: RedisKey?, then: @escaping (Result<RedisReply, RedisFailure>) -> Void)
}

/// Hears whether Redis is there. Called on the loop, never inside a call of the observer's own.
package protocol RedisObserver: AnyObject {
    /// Commands can be sent from now on.
    func redisIsUp()
    /// It is not, or no longer. While it is down this may be told again, for every attempt to connect that fails.
    func redisIsDown(_ reason: RedisDisconnect)
}

/// Says where to connect. A link asks anew before each attempt.
package protocol RedisLocator: AnyObject {
    /// `then` is called once, on the loop; it may be inside this call.
    func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void)
    /// Ends what is under way: `then` need not be called any more.
    func cancel()
}

/// A server that is always at one place.
package final class FixedLocator: RedisLocator {
    private let endpoint: RedisEndpoint

    package init(_ endpoint: RedisEndpoint) { self.endpoint = endpoint }

    package func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void) { then(.success(endpoint)) }
    package func cancel() {}
}
