/// When the next heartbeat is due. Pure: a drawn number comes in.
package struct HeartbeatPace: Sendable, Equatable {
    package let interval: Duration
    /// By how many percent a pause may be longer or shorter, so that origins that were started together do not beat
    /// together.
    package let jitterPercent: Int

    /// An interval below a second is one second, for which proxies take it in any case; jitter is at most half.
    package init(interval: Duration = .seconds(10), jitterPercent: Int = 5) {
        self.interval = max(interval, .seconds(1))
        self.jitterPercent = min(max(jitterPercent, 0), 50)
    }

    /// The pause before the next beat, for any number `draw`.
    package func pause(draw: UInt64) -> Duration {
        // In steps of a thousandth.
        let permille = 1_000 - 10 * jitterPercent + Int(draw % UInt64(20 * jitterPercent + 1))
        return interval * permille / 1_000
    }
}
