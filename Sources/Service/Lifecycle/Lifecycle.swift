import Bytes
package import Reactor
package import Telemetry

/// The end of a program's life, on its first loop: waits for signals, drains, and ends the loops.
///
///     serving ──SIGTERM, SIGINT──► draining ──all answered──────────────────► closing ──► ended (0)
///                                     │ grace over: the rest is broken off ──►   │
///                                     │ force over, or a second signal ──────────┴──────► ended (1)
///
/// SIGHUP asks for a reload. What operators ask is answered while it drains, so that `/readyz` and `/metrics` say what
/// goes on.
package final class Lifecycle {
    /// How long what is open may live on, counted from the signal.
    package struct Patience: Sendable, Equatable {
        /// Until then a connection may come to its own end.
        package let grace: Duration
        /// Then the program ends whatever is still open.
        package let force: Duration

        package init(grace: Duration, force: Duration) {
            self.grace = grace
            self.force = force
        }
    }

    private enum Deadline: UInt32 { case grace, force }

    private let phase: ProgramPhase
    private let patience: Patience
    private let reload: () -> Void
    private let loop: EventLoop
    private let loops: [LoopHandle]
    private let members: [LoopMember]
    private let outcome: ProgramOutcome
    private let log: Logger
    private var stillOpen = 0
    private var isClosing = false
    private var hasEnded = false
    private var drainBegan: Instant?

    /// A signal that comes so soon after the first is the same wish: Ctrl-C in a terminal reaches the program and the
    /// script that started it, which passes it on.
    private static let sameWish = Duration.seconds(1)

    /// Takes the signals over. The loop keeps the lifecycle; `reload` runs on it.
    @discardableResult
    package init(
        on loop: EventLoop, loops: [LoopHandle], members: [LoopMember], phase: ProgramPhase, patience: Patience,
        outcome: ProgramOutcome, log: Logger, reload: @escaping () -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.loops = loops
        self.members = members
        self.phase = phase
        self.patience = patience
        self.outcome = outcome
        self.log = log
        self.reload = reload
        _ = try SignalSource(Self.signals, on: loop) { self.received($0) }
    }

    /// To be blocked before any thread is started.
    package static let signals: [Signal] = [.terminate, .interrupt, .hangup]

    private func received(_ delivery: SignalSource.Delivery) {
        switch delivery.signal {
        case .hangup: reload()
        default:
            if let drainBegan {
                guard loop.now - drainBegan >= Self.sameWish else { return }
                log.warning("stopped before all connections had ended", ["signal": delivery.signal.description])
                end(1)
            } else {
                drain(delivery.signal)
            }
        }
    }

    private func drain(_ signal: Signal) {
        phase.value = .draining
        drainBegan = loop.now
        log.info(
            "draining", ["signal": signal.description, "grace": patience.grace, "force": patience.force])
        _ = loop.arm(after: patience.grace, self, token: Deadline.grace.rawValue)
        _ = loop.arm(after: patience.force, self, token: Deadline.force.rawValue)
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

    /// Nothing of the public's is open any more: what is there for operators may go as well.
    private func close() {
        guard !isClosing, !hasEnded else { return }
        isClosing = true
        log.info("drained")
        end(0)
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
        case .grace:
            guard !isClosing else { return }
            log.warning("grace is over, breaking off what is left", ["loops": stillOpen])
            for member in members { member.abort.call(()) }
        case .force:
            log.error("not all connections could be ended in time")
            end(1)
        case nil: break
        }
    }
}
