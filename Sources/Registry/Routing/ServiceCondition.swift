package import Bytes

/// What this process has seen of one service of an origin, as long as not all is well with it. Pure.
package struct ServiceCondition: Sendable, Equatable {
    package private(set) var health: OriginHealth
    private var lastFailure: ServiceFailure?
    private var fullness: OriginFullness?
    /// When it came back after it had failed.
    package private(set) var recovered: Instant?

    package init(pauses: OriginHealth.Pauses = OriginHealth.Pauses()) { health = OriginHealth(pauses: pauses) }

    package func isOut(at now: Instant) -> Bool { health.standing(at: now) == .out }

    package func isFull(at now: Instant) -> Bool { fullness?.isFull(at: now) ?? false }

    /// Why it is out, and until when; nil where it is not.
    package var failure: ServiceFailure? {
        guard var failure = lastFailure, let retry = health.retry else { return nil }
        failure.retry = retry
        return failure
    }

    /// It has failed, and not worked since.
    package var isFailing: Bool { health.failures > 0 }

    /// Whether an attempt may be made. See `OriginHealth`.
    package mutating func admit(at now: Instant) -> Bool {
        guard health.admit(at: now) else { return false }
        fullness?.ask(at: now)
        return true
    }

    package mutating func beginTrial(at now: Instant) -> Bool { health.beginTrial(at: now) }

    /// True where it goes out with it.
    package mutating func failed(_ fault: ServiceFault, at now: Instant, draw: UInt64) -> Bool {
        let wasGood = health.standing(at: now) == .good
        let earlier = health.failures
        health.failed(at: now, draw: draw)
        // Those that were under way when it went out say nothing new.
        if health.failures > earlier {
            lastFailure = ServiceFailure(
                fault: fault, count: health.failures, since: lastFailure?.since ?? now, retry: health.retry ?? now)
        }
        return wasGood
    }

    package mutating func doubted() { health.doubted() }

    /// It is there, and answers.
    package mutating func reached(at now: Instant) {
        if isFailing { recovered = now }
        lastFailure = nil
        health.succeeded()
    }

    /// It has taken a session.
    package mutating func accepted(at now: Instant) {
        reached(at: now)
        fullness = nil
    }

    /// It is there, and takes no more.
    package mutating func rejected(at now: Instant, draw: UInt64) {
        reached(at: now)
        fullness = OriginFullness(at: now, draw: draw)
    }

    /// Whether there is nothing to remember.
    package func isUnremarkable(at now: Instant, _ slowStart: SlowStart) -> Bool {
        !isFailing && !health.isDoubted && fullness?.isOver(at: now) ?? true
            && slowStart.part(since: recovered, at: now) == SlowStart.whole
    }
}
