import CLinux
package import Glibc

/// Signals to this program as events of one loop.
///
/// A signal goes to any thread that does not block it, and there does what it always did. So `SignalSource.block` is
/// called first in `main`, before any thread is started: threads inherit it, children of `ChildProcess` do not.
/// The same signal sent twice before the loop looks is told once: the kernel keeps only one.
package final class SignalSource {
    /// One signal, and who sent it.
    package struct Delivery: Equatable, Sendable {
        package let signal: Signal
        /// Process id of the sender; 0 for the kernel or a terminal.
        package let sender: pid_t
    }

    private let loop: EventLoop
    private let descriptor: CInt
    private var deliver: ((Delivery) -> Void)?

    /// Holds `signals` back from doing anything until a source takes them: on this thread, and on those it starts.
    package static func block(_ signals: [Signal]) throws(SystemError) {
        var set = Signal.set(of: signals)
        let code = pthread_sigmask(SIG_BLOCK, &set, nil)
        guard code == 0 else { throw SystemError("pthread_sigmask", code) }
    }

    /// Calls `deliver` on `loop` for each of `signals` until `close`. They must have been blocked before the loop was
    /// started. The loop keeps the source.
    package init(
        _ signals: [Signal], on loop: EventLoop, deliver: @escaping (Delivery) -> Void
    ) throws(SystemError) {
        precondition(Self.areBlocked(signals), "SignalSource.block comes first in main, before any loop is started")
        self.loop = loop
        self.deliver = deliver
        var set = Signal.set(of: signals)
        descriptor = signalfd(-1, &set, CInt(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("signalfd") }
        do throws(SystemError) {
            try loop.register(descriptor, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Takes no more signals. They stay blocked: those that come have no effect.
    package func close() {
        guard deliver != nil else { return }
        deliver = nil
        loop.deregister(descriptor, closing: true)
        Glibc.close(descriptor)
    }

    private static func areBlocked(_ signals: [Signal]) -> Bool {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return signals.allSatisfy { sigismember(&mask, $0.rawValue) == 1 }
    }
}

extension SignalSource: EventSource {
    package func ready(_ readiness: Readiness) {
        while let deliver {
            var info = signalfd_siginfo()
            let count = read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size)
            guard count == MemoryLayout<signalfd_siginfo>.size else {
                if count < 0, errno == EINTR { continue }
                return
            }
            let signal = Signal(rawValue: CInt(bitPattern: info.ssi_signo))
            deliver(Delivery(signal: signal, sender: pid_t(bitPattern: info.ssi_pid)))
        }
    }

    package func loopEnded() { close() }
}
