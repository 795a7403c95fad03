import CLinux

/// What epoll says of a descriptor.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// TCP's urgent data is among what can be read.
    package static let urgent = Readiness(rawValue: EPOLLPRI.rawValue)
    package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer has closed its sending side, or the whole connection.
    package static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    package static let hangup = Readiness(rawValue: EPOLLHUP.rawValue)
    package static let failed = Readiness(rawValue: EPOLLERR.rawValue)
}

/// Something with a descriptor that a loop watches.
///
/// Events are edge-triggered: a source remembers what it was told and works until the kernel says EAGAIN, or asks to be
/// called again through `EventLoop.again`.
package protocol EventSource: AnyObject {
    /// Called on the loop for each edge, and once per `again`.
    func ready(_ readiness: Readiness)

    /// Called once where the loop ends before the source has been deregistered: close what you hold.
    func loopEnded()
}

extension EventSource {
    package func loopEnded() {}
}

/// Something that gathers output during a round of the loop, to send it with few system calls.
package protocol OutputGatherer: AnyObject {
    /// Called on the loop at the end of the round, once per `flushAfterRound`. It must not call handlers.
    func flush()
}

/// Something that timers are armed for.
package protocol TimerTarget: AnyObject {
    /// Called on the loop; `token` is what `arm` was given.
    func timerFired(_ token: UInt32)
}
