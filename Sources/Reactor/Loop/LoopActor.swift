import Telemetry

/// The isolation of one loop: an actor whose executor is the loop itself, and that owns the `EventLoop`.
///
/// Everything the loop calls runs inside this actor. Control flow that happens once per session may be `async` here;
/// data moves by callbacks (docs/decisions/0001-own-reactor.md).
package actor LoopActor {
    package nonisolated let handle: LoopHandle
    package let loop: EventLoop

    package nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }

    init(index: Int, limits: LoopLimits, log: Logger) throws(SystemError) {
        let handle = try LoopHandle(index: index, maximumMail: limits.maximumMail)
        self.handle = handle
        loop = try EventLoop(handle: handle, limits: limits, log: log)
    }

    /// The body of the loop's thread.
    nonisolated func runOnCurrentThread() {
        handle.bindToCurrentThread()
        assumeIsolated { $0.loop.run() }
    }

    /// Runs `body` on the loop, as part of a task that stays on the loop at every suspension: without the preference
    /// each resume would go through the global pool (REACTOR: 40 µs instead of half a microsecond).
    package nonisolated func run<Result: Sendable>(
        _ body: @escaping @Sendable (isolated LoopActor) async throws -> Result
    ) -> Task<Result, any Error> {
        Task(executorPreference: handle) { try await body(self) }
    }

    /// Suspends the calling task for `duration` on the loop's own wheel, or until the loop ends; cancelling the task
    /// does not shorten it.
    package func pause(for duration: Duration) async {
        await withCheckedContinuation { caller in
            let ended = loop.callback(ended: { caller.resume() }) { (_: Void) in }
            _ = loop.arm(after: duration, Pause(caller, on: loop, ended: ended))
        }
    }
}

/// Resumes a task when its timer fires; where the loop ends first, `ended` does.
private final class Pause: TimerTarget {
    private let caller: CheckedContinuation<Void, Never>
    private unowned let loop: EventLoop
    private let ended: LoopCallback<Void>

    init(_ caller: CheckedContinuation<Void, Never>, on loop: EventLoop, ended: LoopCallback<Void>) {
        self.caller = caller
        self.loop = loop
        self.ended = ended
    }

    func timerFired(_ token: UInt32) {
        loop.forget(ended)
        caller.resume()
    }
}
