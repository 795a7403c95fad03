package import Reactor

/// What the lifecycle may ask of a program's part on one loop; each once.
package struct LoopMember: Sendable {
    /// Closes the public listeners; the ticket it is called with is used when their last connection has gone.
    let drain: LoopCallback<LoopCallback<Void>>
    /// Breaks off the public connections that are left.
    let abort: LoopCallback<Void>

    /// Both closures run on `loop`; `drain` runs what it is given when the last connection has gone.
    package init(
        on loop: EventLoop, drain: @escaping (@escaping () -> Void) -> Void, abort: @escaping () -> Void
    ) {
        self.drain = loop.callback { drained in drain { drained.call(()) } }
        self.abort = loop.callback { (_: Void) in abort() }
    }
}
