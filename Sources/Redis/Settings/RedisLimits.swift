/// Bounds and times of connections to Redis.
package struct RedisLimits: Sendable {
    /// Of one reply.
    package var reply = RedisReader.Limits()
    /// Commands of one connection that wait for their answers; the next is refused with `.full`.
    package var maximumWaiting = 16_384
    /// Bytes of those commands; a command that would pass them is refused with `.full`, unless it is the only one.
    package var maximumWaitingBytes = 16 << 20
    /// From a command to its answer. When the oldest is late the connection is given up, and all hear `.unanswered`:
    /// what came later could not be told apart.
    package var commandTimeout: Duration = .seconds(2)
    /// Until a connection stands, its name's resolution and TLS included.
    package var connectTimeout: Duration = .seconds(5)
    /// An idle connection is checked with PING after this time.
    package var pingInterval: Duration = .seconds(5)
    /// Pauses between attempts to connect.
    package var backoff = RedisBackoff()

    package init() {}
}

/// How long to pause before the next attempt to connect: twice as long each time, and a part of it at random, so that
/// many clients do not come back together.
package struct RedisBackoff: Sendable, Equatable {
    package var shortest: Duration = .milliseconds(50)
    package var longest: Duration = .seconds(5)

    package init() {}

    /// The pause after so many failures in a row, from 1 on, for any number `draw`: from half of it to the whole.
    package func pause(afterFailures failures: Int, draw: UInt64) -> Duration {
        var whole = shortest
        var doublings = min(failures, 64) - 1
        while doublings > 0, whole < longest {
            whole *= 2
            doublings -= 1
        }
        return min(whole, longest) * (1_000 + Int(draw % 1_001)) / 2_000
    }
}
