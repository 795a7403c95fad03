package import Bytes
import Glibc
import Synchronization

/// A file that grows at its end: any thread appends, the writes happen on the pool in the order of the calls.
///
/// What waits is written together, as much as there is by then, so a slow disk costs fewer and larger writes. At
/// `Options.maximumPending` bytes or `maximumWrites` appends that wait, more are refused with `.overloaded`. The first
/// write that fails fails everything after it: a file with a hole in its middle is of no use. The last reference closes
/// the file; `close` tells when and whether that went well.
package final class AppendFile: Sendable {
    package struct Options: Sendable {
        /// Bytes that may wait.
        package var maximumPending = 8 * 1024 * 1024
        /// Appends that may wait.
        package var maximumWrites = 16_384
        /// Wait for the disk (fdatasync) before an append is said to be done.
        package var isDurable = false
        /// Of a file that is made.
        package var permissions: UInt32 = 0o644

        package init() {}
    }

    private typealias Done = @Sendable (Result<Void, FileError>) -> Void

    private enum Work {
        case append(SharedBytes, Done)
        case close(Done)

        var byteCount: Int {
            switch self {
            case .append(let bytes, _): bytes.count
            case .close: 0
            }
        }

        var done: Done {
            switch self {
            case .append(_, let done), .close(let done): done
            }
        }
    }

    private struct State {
        var waiting: [Work] = []
        /// Bytes of `waiting` and of what is being written.
        var pendingBytes = 0
        /// A job of the pool is at work, or on its way.
        var isWriting = false
        /// Of the first write that failed.
        var failure: FileError.Cause?
        var isClosing = false
    }

    package let path: String
    private let options: Options
    private let pool: BlockingPool
    private let state = Mutex(State())
    /// -1 once closed. Touched by the one job that is at work, and at the end.
    private let descriptor: Atomic<CInt>

    fileprivate init(_ path: String, _ options: Options, _ pool: BlockingPool) throws(FileError) {
        self.path = path
        self.options = options
        self.pool = pool
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY
        let opened = open(path, flags, mode_t(options.permissions))
        descriptor = Atomic(opened)
        guard opened >= 0 else { throw .last("open", path) }
    }

    deinit {
        let open = descriptor.load(ordering: .relaxed)
        if open >= 0 { Glibc.close(open) }
    }

    /// Bytes that wait or are being written.
    package var pendingBytes: Int { state.withLock { $0.pendingBytes } }
}

// MARK: - Calls

extension AppendFile {
    /// Appends `bytes`; returns when they are written, with `Options.isDurable` when they are on the disk.
    package func append(_ bytes: SharedBytes) async throws(FileError) {
        try await withCheckedContinuation { (caller: CheckedContinuation<Result<Void, FileError>, Never>) in
            add(.append(bytes, { caller.resume(returning: $0) }))
        }.get()
    }

    /// The same with `then` called on `loop`: once, and never inside this call.
    package func append(
        _ bytes: SharedBytes, on loop: EventLoop, then: @escaping (Result<Void, FileError>) -> Void
    ) {
        add(.append(bytes, reply(to: then, on: loop)))
    }

    /// Closes the file after what waits has been written. What comes later is refused with `.closed`.
    package func close() async throws(FileError) {
        try await withCheckedContinuation { (caller: CheckedContinuation<Result<Void, FileError>, Never>) in
            add(.close({ caller.resume(returning: $0) }))
        }.get()
    }

    package func close(on loop: EventLoop, then: @escaping (Result<Void, FileError>) -> Void) {
        add(.close(reply(to: then, on: loop)))
    }

    private func reply(to then: @escaping (Result<Void, FileError>) -> Void, on loop: EventLoop) -> Done {
        let path = self.path
        let reply = loop.callback(ended: { then(.failure(FileError(path: path, cause: .shutDown))) }, then)
        return { reply.call($0) }
    }

    private func add(_ work: Work) {
        let (refusal, mustStart) = state.withLock { state -> (FileError.Cause?, Bool) in
            if let refusal = why(refuse: work, state) { return (refusal, false) }
            if case .close = work { state.isClosing = true }
            state.waiting.append(work)
            state.pendingBytes += work.byteCount
            defer { state.isWriting = true }
            return (nil, !state.isWriting)
        }
        if let refusal { return work.done(.failure(FileError(path: path, cause: refusal))) }
        if mustStart, let error = startJob() { failWaiting(FileError(path: path, error).cause) }
    }

    private func why(refuse work: Work, _ state: State) -> FileError.Cause? {
        if state.isClosing { return .closed }
        guard case .append(let bytes, _) = work else { return nil }
        if let failure = state.failure { return failure }
        if bytes.count > options.maximumPending { return .tooLarge(maximum: options.maximumPending) }
        let isFull = state.waiting.count >= options.maximumWrites
        return isFull || state.pendingBytes + bytes.count > options.maximumPending ? .overloaded : nil
    }
}

// MARK: - Writing

extension AppendFile {
    /// Asks for a thread; the error where there is none to be had.
    private func startJob() -> BlockingPoolError? {
        do throws(BlockingPoolError) {
            try pool.submit { turn in if turn == .run { self.work() } else { self.failWaiting(.shutDown) } }
            return nil
        } catch {
            return error
        }
    }

    private func work() {
        while let batch = takeWaiting() {
            write(batch)
            // Others get the thread in between; where the pool is full, this one goes on.
            if state.withLock({ !$0.waiting.isEmpty }), startJob() == nil { return }
        }
    }

    /// Everything that waits; nil at the end of the work.
    private func takeWaiting() -> [Work]? {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func failWaiting(_ cause: FileError.Cause) {
        let failed = state.withLock { state -> [Work] in
            let failed = state.waiting
            state.waiting = []
            state.isWriting = false
            state.pendingBytes -= failed.reduce(0) { $0 + $1.byteCount }
            // A close that could not be done may be asked for again.
            state.isClosing = false
            return failed
        }
        for work in failed { work.done(.failure(FileError(path: path, cause: cause))) }
    }

    /// Writes one batch and tells each of its callers.
    private func write(_ batch: [Work]) {
        let file = descriptor.load(ordering: .relaxed)
        var output = OutputQueue()
        for case .append(let bytes, _) in batch { output.append(bytes) }
        let total = output.byteCount
        var failure = state.withLock { $0.failure }
        while failure == nil, !output.isEmpty {
            let count = output.send { vectors, count in writev(file, vectors, count) }
            if count < 0, errno != EINTR { failure = .system(.last("writev")) }
        }
        let written = total - output.byteCount
        if failure == nil, options.isDurable, total > 0, fdatasync(file) != 0 { failure = .system(.last("fdatasync")) }
        state.withLock { state in
            state.failure = failure
            state.pendingBytes -= total
        }
        tell(batch, written: written, failure)
    }

    private func tell(_ batch: [Work], written: Int, _ failure: FileError.Cause?) {
        var end = 0
        for work in batch {
            end += work.byteCount
            switch work {
            case .append(_, let done):
                // What came before the failure is in the file; whether it is on the disk, nobody knows.
                let isDone = failure == nil || (!options.isDurable && end <= written && written > 0)
                done(isDone ? .success(()) : result(failure))
            case .close(let done): done(result(closeDescriptor() ?? failure))
            }
        }
    }

    private func result(_ cause: FileError.Cause?) -> Result<Void, FileError> {
        if let cause { .failure(FileError(path: path, cause: cause)) } else { .success(()) }
    }

    private func closeDescriptor() -> FileError.Cause? {
        let open = descriptor.exchange(-1, ordering: .relaxed)
        guard open >= 0, Glibc.close(open) != 0 else { return nil }
        return .system(.last("close"))
    }
}

extension FileOperation where Value == AppendFile {
    /// Opens a file for appending, and makes it where there is none. Its writes use `pool`.
    package static func openForAppending(
        _ path: String, options: AppendFile.Options = AppendFile.Options(), pool: BlockingPool
    ) -> FileOperation {
        FileOperation(path) { () throws(FileError) in try AppendFile(path, options, pool) }
    }
}
