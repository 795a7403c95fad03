import Bytes
import Glibc
import HTTPTransport
import Reactor
import Telemetry

/// The end of the proxy's life, on the first loop: waits for signals, drains, and ends the loops.
///
///     serving ──SIGTERM, SIGINT──► draining ──all answered──────────────────► closing ──► ended (0)
///                                     │ grace over: the rest is broken off ──►   │
///                                     │ force over, or a second signal ──────────┴──────► ended (1)
///
/// SIGHUP reads the certificate again. While it drains the system API still answers, so that `/readyz` and `/metrics` say
/// what goes on.
final class ProxyLifecycle {
    private enum Deadline: UInt32 { case grace, force }

    private let context: ProxyContext
    private let loop: EventLoop
    private let loops: [LoopHandle]
    private let members: [ProxyMember]
    private let outcome: ProgramOutcome
    private let log: Logger
    private var stillOpen = 0
    private var isClosing = false
    private var hasEnded = false
    private var drainBegan: Instant?
    private var isReloading = false
    private var reloadsAgain = false

    /// A signal that comes so soon after the first is the same wish: Ctrl-C in a terminal reaches the program and the
    /// script that started it, which passes it on.
    private static let sameWish = Duration.seconds(1)

    /// Takes the signals over. The loop keeps the lifecycle.
    init(
        _ context: ProxyContext, on loop: EventLoop, loops: [LoopHandle], members: [ProxyMember],
        outcome: ProgramOutcome
    ) throws(SystemError) {
        self.context = context
        self.loop = loop
        self.loops = loops
        self.members = members
        self.outcome = outcome
        log = context.log.logger(.proxy)
        _ = try SignalSource(Self.signals, on: loop) { self.received($0) }
    }

    /// To be blocked before any thread is started.
    static let signals: [Signal] = [.terminate, .interrupt, .hangup]

    private func received(_ delivery: SignalSource.Delivery) {
        switch delivery.signal {
        case .hangup: reloadCertificates()
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

    // MARK: - Draining

    private func drain(_ signal: Signal) {
        context.phase.value = .draining
        drainBegan = loop.now
        let shutdown = context.configuration.shutdown
        log.info(
            "draining", ["signal": signal.description, "grace": shutdown.grace, "force": shutdown.force])
        _ = loop.arm(after: shutdown.grace, self, token: Deadline.grace.rawValue)
        _ = loop.arm(after: shutdown.force, self, token: Deadline.force.rawValue)
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

    /// Nothing of the public's is open any more: the system API may go as well.
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

    // MARK: - Certificates

    private func reloadCertificates() {
        guard let tls = context.tls else { return log.info("nothing to reload") }
        // One at a time: where files are slow, signals must not use up the threads. A later signal may be about newer files.
        guard !isReloading else {
            reloadsAgain = true
            return
        }
        isReloading = true
        context.blocking.run(on: loop) { () -> TLSConfigurationError? in
            do throws(TLSConfigurationError) {
                try tls.reload()
                return nil
            } catch {
                return error
            }
        } then: { result in
            self.reloaded(result)
        }
    }

    private func reloaded(_ result: Result<TLSConfigurationError?, BlockingPoolError>) {
        isReloading = false
        switch result {
        case .success(nil): log.info("certificate reloaded")
        case .success(let error?):
            log.error("certificate not reloaded, the old one stays", ["reason": error.description])
        case .failure(let error): log.error("certificate not reloaded", ["reason": "\(error)"])
        }
        if reloadsAgain {
            reloadsAgain = false
            reloadCertificates()
        }
    }
}

extension ProxyLifecycle: TimerTarget {
    func timerFired(_ token: UInt32) {
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
