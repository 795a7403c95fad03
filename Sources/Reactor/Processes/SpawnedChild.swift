import Bytes
import CLinux
import Glibc

/// A child process that has just been started, and the descriptors that belong to it. Whoever has it owns them.
struct SpawnedChild: Sendable {
    let pid: pid_t
    let pidfd: CInt
    let hasOwnGroup: Bool
    /// Our ends of the pipes.
    let input: CInt?
    let output: CInt?
    let error: CInt?

    /// Signals the child and its group. Only before it is reaped: until then nobody else can have its number.
    func send(_ signal: Signal) { kill(hasOwnGroup ? -pid : pid, signal.rawValue) }

    /// How it ended, or nil while it runs; `reaping` lets the system forget it.
    func exit(reaping: Bool) -> ChildExit? {
        var how: CInt = 0
        var status: CInt = 0
        switch clinux_wait(pidfd, WNOHANG | (reaping ? 0 : WNOWAIT), &how, &status) {
        case 1: return how == CInt(CLD_EXITED) ? .code(status) : .signal(Signal(rawValue: status))
        case 0: return nil
        // ECHILD: another wait in this program took it, and its number may be anybody's by now.
        default: return .unknown
        }
    }

    /// Kills it, waits for its end, at most `bound`, and closes `pidfd`. Only a child that hangs inside the kernel
    /// takes longer than moments; the system reaps that one after this program.
    func destroy(within bound: Duration) {
        send(.kill)
        let deadline = MonotonicClock.now() + bound
        while exit(reaping: true) == nil {
            let left = deadline - MonotonicClock.now()
            guard left > .zero else { break }
            var wait = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, CInt(clamping: (left.nanoseconds + 999_999) / 1_000_000))
        }
        close(pidfd)
    }

    func closePipes() {
        for descriptor in [input, output, error] { if let descriptor { close(descriptor) } }
    }
}
