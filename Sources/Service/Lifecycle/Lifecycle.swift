import Bytes
package import Reactor
package import Telemetry

/// The end of a program's life, on its first loop: waits for signals, drains, and ends the loops.
///
///     serving ──SIGQUIT──► leaving ──start wait over──► draining, for as long as it takes
///        │                    │ SIGTERM, SIGINT           │ SIGTERM, SIGINT       │
///        │                    ▼                           ▼                       │ all answered
///        └─SIGTERM, SIGINT──► draining ──all answered───────────────────────────► closing ──► ended (0)
///                                │ grace over: the rest is broken off ──────────►    │
///                                │ force over, or a further signal ──────────────────┴──────► ended (1)
///
/// SIGHUP asks for a reload. What operators ask is answered while it drains, so that `/readyz` and `/metrics` say what
/// goes on. Whoever sends clients here is told at the signal that the program leaves, and at its end that it is gone.
package final class Lifecycle {
    /// How long what is open may live on.
    package struct Patience: Sendable, Equatable {
        /// From SIGTERM or SIGINT on a connection may come to its own end until then.
        package let grace: Duration
        /// Then the program ends whatever is still open.
        package let force: Duration
        /// From SIGQUIT on new clients are still welcome until then, for those who send them to learn of it.
        package var startWait = Duration.zero
        /// So long the program waits behind a gentle end.
        package var finalWait = Duration.zero
        /// Whether SIGTERM is as gentle as SIGQUIT.
        package var isAlwaysGentle = false

        package init(grace: Duration, force: Duration) {
            self.grace = grace
            self.force = force
        }
    }

    private enum Deadline: UInt32 { case startWait, grace, force, finalWait }

    private enum Wish {
        /// Every connection may come to its own end.
        case gentle
        /// Those that take too long are broken off.
        case prompt
    }

    private let phase: ProgramPhase
    private let patience: Patience
    private let announcements: Announcements?
    private let reload: () -> Void
    private let loop: EventLoop
    private let loops: [LoopHandle]
    private let members: [LoopMember]
    private let outcome: ProgramOutcome
    private let log: Logger
    private var stillOpen = 0
    /// What was asked for last, and when.
    private var asked: (wish: Wish, at: Instant)?
    private var isDraining = false
    private var isClosing = false
    private var hasEnded = false

    /// A signal that comes so soon after another is the same wish: Ctrl-C in a terminal reaches the program and the
    /// script that started it, which passes it on.
    private static let sameWish = Duration.seconds(1)

    /// Takes the signals over. The loop keeps the lifecycle; `reload` runs on it.
    @discardableResult
    package init(
        on loop: EventLoop, loops: [LoopHandle], members: [LoopMember], phase: ProgramPhase, patience: Patience,
        announcements: Announcements? = nil, outcome: ProgramOutcome, log: Logger, reload: @escaping () -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.loops = loops
        self.members = members
        self.phase = phase
        self.patience = patience
        self.announcements = announcements
        self.outcome = outcome
        self.log = log
        self.reload = reload
        _ = try SignalSource(Self.signals, on: loop) { self.received($0.signal) }
    }

    /// To be blocked before any thread is started.
    package static let signals: [Signal] = [.terminate, .interrupt, .quit, .hangup]

    private func received(_ signal: Signal) {
        if signal == .hangup { return reload() }
        guard let asked else {
            let isGentle = signal == .quit || (signal == .terminate && patience.isAlwaysGentle)
            return stop(isGentle ? .gentle : .prompt, signal)
        }
        // A gentle end is under way already, or a faster one.
        guard signal != .quit, loop.now - asked.at >= Self.sameWish else { return }
        switch asked.wish {
        case .gentle where isClosing: end(0)
        case .gentle: drainPromptly(signal)
        case .prompt:
            log.warning("stopped before all connections had ended", ["signal": signal.description])
            end(1)
        }
    }

    // MARK: - Draining

    private func stop(_ wish: Wish, _ signal: Signal) {
        phase.value = .draining
        announcements?.leaving()
        switch wish {
        case .prompt: drainPromptly(signal)
        case .gentle:
            asked = (.gentle, loop.now)
            log.info("leaving", ["signal": signal.description, "wait": patience.startWait])
            _ = loop.arm(after: patience.startWait, self, token: Deadline.startWait.rawValue)
        }
    }

    private func drainPromptly(_ signal: Signal) {
        asked = (.prompt, loop.now)
        log.info(
            "draining", ["signal": signal.description, "grace": patience.grace, "force": patience.force])
        _ = loop.arm(after: patience.grace, self, token: Deadline.grace.rawValue)
        _ = loop.arm(after: patience.force, self, token: Deadline.force.rawValue)
        drainMembers()
    }

    private func drainMembers() {
        guard !isDraining else { return }
        isDraining = true
        stillOpen = members.count
        for member in members {
            // Told on this loop when the member's last connection has gone.
            member.drain.call(loop.callback { (_: Void) in self.memberDrained() })
        }
    }

    private func memberDrained() {
        stillOpen -= 1
        if stillOpen == 0 { close() }
    }

    // MARK: - Ending

    /// Nothing of the public's is open any more: what is there for operators may go as well.
    private func close() {
        guard !isClosing, !hasEnded else { return }
        isClosing = true
        log.info("drained")
        guard let announcements else { return rest() }
        announcements.gone { self.rest() }
    }

    /// The last of a gentle end.
    private func rest() {
        guard asked?.wish == .gentle, patience.finalWait > .zero else { return end(0) }
        _ = loop.arm(after: patience.finalWait, self, token: Deadline.finalWait.rawValue)
    }

    /// The first call counts: loops that are stopped lose their connections, which looks like the end of a drain.
    private func end(_ status: Int32) {
        guard !hasEnded else { return }
        hasEnded = true
        outcome.status = status
        for loop in loops { loop.requestStop() }
    }
}

extension Lifecycle: TimerTarget {
    package func timerFired(_ token: UInt32) {
        switch Deadline(rawValue: token) {
        case .startWait:
            guard asked?.wish == .gentle else { return }
            log.info("draining")
            drainMembers()
        case .grace:
            guard !isClosing else { return }
            log.warning("grace is over, breaking off what is left", ["loops": stillOpen])
            for member in members { member.abort.call(()) }
        case .force:
            guard !isClosing else { return end(0) }
            log.error("not all connections could be ended in time")
            end(1)
        case .finalWait: end(0)
        case nil: break
        }
    }
}
