import Bytes
import CLinux
import Glibc
import Synchronization

/// The part of a pool that its threads share: the jobs that wait, and how the threads wait for them.
final class JobQueue: Sendable {
    private struct State {
        var jobs: [BlockingPool.Job?] = []
        /// Jobs before this position have been taken.
        var head = 0
        var isClosed = false
        var workers = 0

        var count: Int { jobs.count - head }

        mutating func takeFirst() -> BlockingPool.Job? {
            guard head < jobs.count else { return nil }
            let job = jobs[head].take()
            head += 1
            if head == jobs.count {
                jobs.removeAll(keepingCapacity: jobs.count <= 1_024)
                head = 0
            } else if head >= 64, head * 2 >= jobs.count {
                jobs.removeFirst(head)
                head = 0
            }
            return job
        }
    }

    private let maximum: Int
    private let state = Mutex(State())
    /// An eventfd that counts: one for each job, and one for each worker at the end. Threads wait by reading from it.
    private let tokens: CInt
    /// An eventfd that is written by each worker at its end.
    private let ends: CInt

    init(maximum: Int) throws(SystemError) {
        self.maximum = maximum
        let tokens = OwnedDescriptor(eventfd(0, CInt(EFD_SEMAPHORE | EFD_CLOEXEC)))
        guard tokens.raw >= 0 else { throw .last("eventfd") }
        let ends = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        guard ends >= 0 else { throw .last("eventfd") }
        self.tokens = tokens.take()
        self.ends = ends
    }

    deinit {
        Glibc.close(tokens)
        Glibc.close(ends)
    }

    // MARK: - Jobs

    func push(_ job: @escaping BlockingPool.Job) throws(BlockingPoolError) {
        let refused = state.withLock { state -> BlockingPoolError? in
            if state.isClosed { return .shutDown }
            if state.count >= maximum { return .full }
            state.jobs.append(job)
            return nil
        }
        if let refused { throw refused }
        add(1, to: tokens)
    }

    /// Refuses further jobs; workers end when none is left.
    func close() {
        let workers = state.withLock { state -> Int in
            if state.isClosed { return 0 }
            state.isClosed = true
            return state.workers
        }
        if workers > 0 { add(UInt64(workers), to: tokens) }
    }

    private func add(_ count: UInt64, to descriptor: CInt) {
        var count = count
        _ = write(descriptor, &count, 8)
    }

    // MARK: - Workers

    /// Called before the thread of a worker is started.
    func workerStarts() { state.withLock { $0.workers += 1 } }

    /// The body of a worker's thread.
    func work() {
        while let job = next() { job(.run) }
        state.withLock { $0.workers -= 1 }
        add(1, to: ends)
    }

    /// Waits for a job; nil at the end.
    private func next() -> BlockingPool.Job? {
        while true {
            var token: UInt64 = 0
            guard read(tokens, &token, 8) == 8 else { continue }
            let (job, isOver) = state.withLock { ($0.takeFirst(), $0.isClosed) }
            if let job { return job }
            if isOver { return nil }
        }
    }

    /// Waits until every worker has ended, or `deadline`; then what still waits is dropped, and the answer is false.
    func waitForWorkers(until deadline: Instant) -> Bool {
        while state.withLock({ $0.workers }) > 0 {
            let left = deadline - MonotonicClock.now()
            guard left > .zero else {
                dropAll()
                return false
            }
            var wait = pollfd(fd: ends, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, CInt(clamping: (left.nanoseconds + 999_999) / 1_000_000))
            var count: UInt64 = 0
            _ = read(ends, &count, 8)
        }
        return true
    }

    private func dropAll() {
        while let job = state.withLock({ $0.takeFirst() }) { job(.dropped) }
    }
}
