import Bytes
import Synchronization

/// Why a pool did not run a job.
package enum BlockingPoolError: Error, Equatable, Sendable {
    /// As many jobs as may wait are waiting.
    case full
    /// The pool is shutting down.
    case shutDown
}

/// A few threads for calls that block: names, files, starting programs.
///
/// Jobs start in the order they came. `Limits.maximumWaiting` of them may wait for a thread; more are refused. One pool
/// serves any number of loops; what can block for long (names) has a pool of its own.
package final class BlockingPool: Sendable {
    package struct Limits: Sendable {
        package var threads = 4
        /// Jobs that wait for a thread.
        package var maximumWaiting = 1_024

        package init() {}
    }

    /// What a job is told when it is called, which happens exactly once.
    package enum Turn: Equatable, Sendable {
        /// It is on a thread of the pool: do the work.
        case run
        /// The pool has shut down: tell whoever waits.
        case dropped
    }

    package typealias Job = @Sendable (Turn) -> Void

    package let limits: Limits
    private let queue: JobQueue
    private let threads: Mutex<[NamedThread]>

    /// Starts the threads; they are named `name-0`, `name-1`, …
    package init(name: String, limits: Limits = Limits()) throws(SystemError) {
        self.limits = limits
        let queue = try JobQueue(maximum: limits.maximumWaiting)
        self.queue = queue
        threads = Mutex([])
        for index in 0..<max(limits.threads, 1) {
            queue.workerStarts()
            let thread = try NamedThread.start("\(name)-\(index)") { queue.work() }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Lets waiting jobs run and the threads end by themselves.
    deinit {
        queue.close()
        for thread in threads.withLock({ $0 }) { thread.detach() }
    }

    /// Hands `job` to a thread.
    package func submit(_ job: @escaping Job) throws(BlockingPoolError) { try queue.push(job) }

    /// Refuses further jobs, lets those that wait run, and waits for the threads, together at most `bound`. After that
    /// what still waits is dropped, and a thread inside a call that does not return is left to itself: false.
    ///
    /// Call it from outside the pool; a second call finds nothing to do.
    @discardableResult
    package func shutdown(within bound: Duration = .seconds(5)) -> Bool {
        let threads = self.threads.withLock { threads in
            let taken = threads
            threads = []
            return taken
        }
        queue.close()
        let ended = queue.waitForWorkers(until: MonotonicClock.now() + bound)
        for thread in threads { if ended { thread.join() } else { thread.detach() } }
        return ended
    }
}

// MARK: - Work with a result

extension BlockingPool {
    /// Runs `body` on a thread of the pool and `then` on `loop`: once, and never inside this call. Where the loop ends
    /// first, `then` hears `.shutDown`.
    package func run<Value: Sendable>(
        on loop: EventLoop, _ body: @escaping @Sendable () -> Value,
        then: @escaping (Result<Value, BlockingPoolError>) -> Void
    ) {
        let reply = loop.callback(ended: { then(.failure(.shutDown)) }, then)
        do throws(BlockingPoolError) {
            try submit { turn in reply.call(turn == .run ? .success(body()) : .failure(.shutDown)) }
        } catch {
            loop.forget(reply)
            loop.afterRound { then(.failure(error)) }
        }
    }

    /// Runs `body` on a thread of the pool and resumes the caller where it was: a task that prefers a loop (see
    /// `LoopActor.run`) goes on there. No mailbox is involved that could refuse.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws(BlockingPoolError) -> Value
    {
        let answer = Answer<Result<Value, BlockingPoolError>>()
        await withCheckedContinuation { (caller: CheckedContinuation<Void, Never>) in
            do throws(BlockingPoolError) {
                try submit { turn in
                    answer.give(turn == .run ? .success(body()) : .failure(.shutDown))
                    caller.resume()
                }
            } catch {
                answer.give(.failure(error))
                caller.resume()
            }
        }
        return try answer.take().get()
    }
}

/// Where a thread leaves a value for a task that waits.
///
/// A continuation could carry the value as well, but one that is resumed before it is awaited shows the thread
/// sanitizer no order between the two.
private final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func give(_ given: Value) { value.withLock { $0 = given } }

    /// Call it once, after `give`.
    func take() -> Value { value.withLock { $0.take()! } }
}
