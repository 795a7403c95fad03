import CLinux
import Glibc

/// A signal's number, as signal(7) has it.
package struct Signal: RawRepresentable, Hashable, Sendable {
    package let rawValue: CInt

    package init(rawValue: CInt) { self.rawValue = rawValue }

    package static let terminate = Signal(rawValue: SIGTERM)
    package static let interrupt = Signal(rawValue: SIGINT)
    package static let hangup = Signal(rawValue: SIGHUP)
    package static let user1 = Signal(rawValue: SIGUSR1)
    package static let user2 = Signal(rawValue: SIGUSR2)
    package static let quit = Signal(rawValue: SIGQUIT)
    package static let kill = Signal(rawValue: SIGKILL)
    package static let abort = Signal(rawValue: SIGABRT)
    package static let brokenPipe = Signal(rawValue: SIGPIPE)

    /// Makes the program live through writes to connections and pipes that nobody reads, whoever makes them: they fail
    /// with EPIPE. Children get the default back.
    package static func ignoreBrokenPipe() { Glibc.signal(SIGPIPE, SIG_IGN) }

    /// A set for the system's calls.
    static func set(of signals: some Sequence<Signal>) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.rawValue) }
        return set
    }
}

extension Signal: CustomStringConvertible {
    /// `SIGTERM`, or `signal 40` where it has no name.
    package var description: String {
        guard let name = clinux_signal_name(rawValue) else { return "signal \(rawValue)" }
        return "SIG\(String(cString: name))"
    }
}
