import Synchronization
package import Telemetry

/// The loops of a program, each on a thread of its own.
package final class LoopGroup: Sendable {
    package let loops: [LoopActor]
    private let threads: Mutex<[NamedThread]>

    /// Starts `count` loops; their threads are named `loop-0`, `loop-1`, …
    package init(count: Int, limits: LoopLimits = LoopLimits(), log: Logger = .silent) throws(SystemError) {
        var loops: [LoopActor] = []
        for index in 0..<max(count, 1) { loops.append(try LoopActor(index: index, limits: limits, log: log)) }
        self.loops = loops
        threads = Mutex([])
        for loop in loops {
            let thread = try NamedThread.start("loop-\(loop.handle.index)") { loop.runOnCurrentThread() }
            threads.withLock { $0.append(thread) }
        }
    }

    package var handles: [LoopHandle] { loops.map(\.handle) }

    /// Ends every loop and waits for its thread. Call it from outside the loops; a second call finds nothing to do.
    package func shutdown() {
        for loop in loops { loop.handle.requestStop() }
        join()
    }

    /// Waits until the loops have ended: the last thing that a main thread does.
    package func join() {
        let threads = self.threads.withLock { threads in
            let taken = threads
            threads = []
            return taken
        }
        for thread in threads { thread.join() }
    }
}
