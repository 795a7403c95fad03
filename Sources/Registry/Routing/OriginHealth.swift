package import Bytes

/// Whether one service of an origin may be tried, by what connections to it have shown. Pure: times and a drawn number
/// come in.
///
///     good ──failed──► out ──pause over──► due ──admitted──► trial ──succeeded──► good
///      │                ▲                                      │ failed, the pause doubled
///      │                └──────────────────────────────────────┘
///      └──doubted──► doubted, tried beside all others ──failed──► out
///                       └──succeeded──► good
///
/// A trial is one attempt: all others pass the origin by until it is known how that went. Only one that is merely
/// doubted is used meanwhile.
package struct OriginHealth: Sendable, Equatable {
    package struct Pauses: Sendable, Equatable {
        package var first = Duration.seconds(1)
        /// Doubling ends here.
        package var longest = Duration.seconds(60)
        /// After which a trial of which nothing is heard does not count.
        package var trial = Duration.seconds(15)

        package init() {}
    }

    package enum Standing: Sendable, Equatable {
        case good
        /// Failed, and not to be tried yet, or just being tried by somebody else.
        case out
        /// May be tried once.
        case due
    }

    private enum State: Equatable {
        case good
        case out(until: Instant)
        case trial(until: Instant)
        /// A trial is wanted from then on.
        case doubted(trial: Instant?)
    }

    private let pauses: Pauses
    private var state = State.good
    /// Attempts that failed in a row, those not counted that began before the last pause.
    package private(set) var failures = 0

    package init(pauses: Pauses = Pauses()) { self.pauses = pauses }

    package func standing(at now: Instant) -> Standing {
        switch state {
        case .good, .doubted: .good
        case .out(let until), .trial(let until): now >= until ? .due : .out
        }
    }

    /// When it may be tried again; nil where it may be used.
    package var retry: Instant? {
        switch state {
        case .good, .doubted: nil
        case .out(let until), .trial(let until): until
        }
    }

    /// Whether an attempt may be made; where the origin is due, this one is its trial.
    package mutating func admit(at now: Instant) -> Bool {
        switch standing(at: now) {
        case .good: return true
        case .out: return false
        case .due:
            state = .trial(until: now + pauses.trial)
            return true
        }
    }

    /// Whether nothing but a doubt speaks against it.
    package var isDoubted: Bool {
        if case .doubted = state { true } else { false }
    }

    /// An attempt has had no answer, for which there may be reasons that are not the origin's: a trial is to show.
    package mutating func doubted() {
        if state == .good { state = .doubted(trial: nil) }
    }

    /// Whether a trial without a session is wanted.
    package func wantsTrial(at now: Instant) -> Bool {
        if case .doubted(let until) = state { return until.map { now >= $0 } ?? true }
        return standing(at: now) == .due
    }

    /// Begins one; false where none is wanted.
    package mutating func beginTrial(at now: Instant) -> Bool {
        guard wantsTrial(at: now) else { return false }
        guard case .doubted = state else { return admit(at: now) }
        state = .doubted(trial: now + pauses.trial)
        return true
    }

    /// An attempt has found nobody, or nobody who answered. `draw` is any number: it moves the end of the pause by up
    /// to a quarter, so that proxies which lost an origin together do not come back together.
    package mutating func failed(at now: Instant, draw: UInt64) {
        // Those that were under way when it went out say nothing new.
        if case .out(let until) = state, now < until { return }
        failures += 1
        let doublings = min(failures - 1, 16)
        let pause = min(pauses.first * (1 << doublings), pauses.longest)
        let share = 768 + Int64(draw % 513)
        state = .out(until: now + .nanoseconds(pause.nanoseconds / 1_024 * share))
    }

    package mutating func succeeded() {
        state = .good
        failures = 0
    }
}
