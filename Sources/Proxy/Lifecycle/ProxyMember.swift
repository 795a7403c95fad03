import Reactor

/// What the lifecycle may ask of one loop's part of the proxy; each once.
struct ProxyMember: Sendable {
    /// Closes the public listeners; the ticket it is called with is used when their last connection has gone.
    let drain: LoopCallback<LoopCallback<Void>>
    /// Breaks off the public connections that are left.
    let abort: LoopCallback<Void>

    /// Starts the proxy's part on `loop`.
    init(_ context: ProxyContext, on loop: EventLoop, plan: ListenPlan) throws(ListenFailure) {
        let part = try ProxyLoop(context, on: loop, plan: plan)
        drain = loop.callback { drained in part.drain { drained.call(()) } }
        abort = loop.callback { (_: Void) in part.abortAll() }
    }
}
