extension LoopActor {
    /// Waits for something that tells its end by a callback on this loop.
    ///
    /// `start` begins it, with the function to call once at the end, and returns how to cancel it; cancelling the task
    /// cancels it on the loop, after which it still has to tell its end.
    package func wait<Value>(
        for start: (EventLoop, _ finished: @escaping (Value) -> Void) -> (() -> Void)
    ) async -> Value {
        let wait = Wait<Value>()
        // The handler of a cancellation runs on any thread; the ticket brings it here.
        let cancelled = loop.callback { (_: Void) in wait.cancel?() }
        defer { loop.forget(cancelled) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait.caller = continuation
                wait.cancel = start(loop, wait.finish)
            }
        } onCancel: {
            cancelled.call(())
        }
        return wait.outcome!
    }
}

/// A task that is suspended until a callback comes.
private final class Wait<Value> {
    var outcome: Value?
    var cancel: (() -> Void)?
    var caller: CheckedContinuation<Void, Never>?

    func finish(_ value: Value) {
        outcome = value
        cancel = nil
        caller.take()?.resume()
    }
}
