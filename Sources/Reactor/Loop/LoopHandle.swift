import CLinux
import Glibc
import Synchronization

/// The part of a loop that other threads may touch: its mailbox, and its face as an executor.
///
/// Jobs from the loop's own thread go to a local queue without a lock; everything else goes through the mailbox and
/// wakes the loop only when the mailbox was empty. The mailbox holds at most `Limits.maximumMail` messages: `submit`
/// refuses beyond. Resumed tasks are never refused, for their number is bounded by the tasks there are.
package final class LoopHandle: SerialExecutor, TaskExecutor, @unchecked Sendable {
    // Safe: `localJobs` is touched by the loop's own thread alone, everything else is immutable, atomic or in a Mutex.

    /// A message to a loop; it runs there, between two batches of events.
    package typealias Message = @Sendable (EventLoop) -> Void

    struct Mail {
        var messages: [Message] = []
        var jobs: [UnownedJob] = []
        var isOpen = true
        var stopIsWanted = false

        var isEmpty: Bool { messages.isEmpty && jobs.isEmpty }
    }

    /// Position of the loop in its group, from 0.
    package let index: Int
    let wakeDescriptor: CInt

    private let maximumMail: Int
    private let mail = Mutex(Mail())
    /// pthread_self() of the loop's thread; 0 before it runs.
    private let thread = Atomic<UInt>(0)
    private let refused = Atomic<UInt64>(0)
    private var localJobs: [UnownedJob] = []

    init(index: Int, maximumMail: Int) throws(SystemError) {
        self.index = index
        self.maximumMail = maximumMail
        wakeDescriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        guard wakeDescriptor >= 0 else { throw .last("eventfd") }
    }

    deinit { close(wakeDescriptor) }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    /// Messages refused because the mailbox was full or the loop had ended.
    package var refusedMessages: UInt64 { refused.load(ordering: .relaxed) }

    /// Sends `message` to the loop; false where the mailbox is full or the loop has ended, and then nothing will run.
    @discardableResult
    package func submit(_ message: @escaping Message) -> Bool { post(message, atMost: maximumMail) }

    /// Sends what the loop itself has asked for, and so bounds; false only where the loop has ended.
    @discardableResult
    func deliver(_ message: @escaping Message) -> Bool { post(message, atMost: .max) }

    private func post(_ message: @escaping Message, atMost maximum: Int) -> Bool {
        let (accepted, wake) = mail.withLock { mail -> (Bool, Bool) in
            guard mail.isOpen, mail.messages.count < maximum else { return (false, false) }
            let wake = mail.isEmpty
            mail.messages.append(message)
            return (true, wake)
        }
        if !accepted { refused.add(1, ordering: .relaxed) }
        if wake { self.wake() }
        return accepted
    }

    /// Ends the loop after its current round; never refused, however full the mailbox is.
    package func requestStop() {
        mail.withLock { $0.stopIsWanted = true }
        wake()
    }

    func bindToCurrentThread() { thread.store(pthread_self(), ordering: .relaxed) }

    /// Takes everything that came from other threads.
    func takeMail(into taken: inout Mail) {
        mail.withLock { mail in
            swap(&mail.messages, &taken.messages)
            swap(&mail.jobs, &taken.jobs)
            taken.stopIsWanted = mail.stopIsWanted
        }
    }

    /// Refuses all further messages.
    func closeMailbox() { mail.withLock { $0.isOpen = false } }

    private func wake() {
        var one: UInt64 = 1
        // A full counter (EAGAIN) means that a wake-up is under way already.
        _ = write(wakeDescriptor, &one, 8)
    }

    // MARK: - Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            localJobs.append(job)
            return
        }
        let wake = mail.withLock { mail -> Bool in
            let wake = mail.isEmpty
            mail.jobs.append(job)
            return wake
        }
        if wake { self.wake() }
    }

    var hasLocalJobs: Bool { !localJobs.isEmpty }

    /// Runs the jobs that are queued now; those that they enqueue wait for the next round.
    func runLocalJobs() {
        guard !localJobs.isEmpty else { return }
        let jobs = localJobs
        localJobs.removeAll(keepingCapacity: false)
        for job in jobs { run(job) }
    }

    func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() { precondition(isCurrent, "not on the thread of this loop") }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }
}
