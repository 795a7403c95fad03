import Bytes
import Glibc

/// The state behind a `ChildProcess`: it outlives its owner until the child has been reaped.
///
///     starting ──► running ──child ends──► exited (output drains) ──► ended
///         │            │                                               ▲
///         └────────────┴───── not started, loop ended ─────────────────┘
///
/// The loop keeps it, by the descriptor of the process. While `exited`, the child is left a zombie: its number, and so
/// its group's, cannot go to another process before the last signal has been sent.
final class ChildSupervisor {
    private enum State {
        case starting
        case running(SpawnedChild)
        case exited(SpawnedChild, ChildExit)
        case ended
    }

    let loop: EventLoop
    let limits: ChildCommand.Limits
    private let program: String
    /// Nil once the owner has let go.
    weak var process: ChildProcess?
    weak var handler: (any ChildProcessHandler)?

    private(set) var input: PipeWriter?
    private var readers: [PipeReader] = []
    private var paused: Set<ChildProcess.OutputStream> = []
    private var state = State.starting
    /// When SIGKILL follows SIGTERM; nil where nobody has asked for the end.
    private var killTime: Instant?
    private var timer: TimerID?

    init(_ command: ChildCommand, on loop: EventLoop) {
        self.loop = loop
        limits = command.limits
        program = command.program
        if command.standardInput == .pipe { input = PipeWriter(for: self) }
    }

    var pid: pid_t? { child?.pid }

    var hasEnded: Bool {
        if case .ended = state { true } else { false }
    }

    private var child: SpawnedChild? {
        switch state {
        case .running(let child), .exited(let child, _): child
        case .starting, .ended: nil
        }
    }
}

// MARK: - The start

extension ChildSupervisor {
    func start(_ command: ChildCommand, _ pool: BlockingPool) {
        let started = loop.callback(ended: { self.finish(.failure(.shutDown)) }, self.started)
        do throws(BlockingPoolError) {
            try pool.submit { turn in
                let result = turn == .run ? Spawner.spawn(command) : .failure(.shutDown)
                if started.call(result) { return }
                // The loop has ended meanwhile.
                guard case .success(let child) = result else { return }
                child.closePipes()
                child.destroy(within: .seconds(1))
            }
        } catch {
            loop.forget(started)
            finish(.failure(error == .full ? .overloaded : .shutDown))
        }
    }

    private func started(_ result: Result<SpawnedChild, ProcessError>) {
        switch result {
        case .failure(let error): finish(.failure(error))
        case .success(let child):
            state = .running(child)
            if let error = watch(child) {
                state = .ended
                return destroy(child, .failure(.notStarted(program: program, error)))
            }
            guard process != nil else { return abandon() }
            // Asked for before there was anyone to ask.
            if let killTime { if killTime > loop.now { askToEnd(child) } else { child.send(.kill) } }
            tell { $0.started($1) }
        }
    }

    /// Registers every descriptor of the child, so that each has an owner whatever fails; the first error.
    private func watch(_ child: SpawnedChild) -> SystemError? {
        var failure: SystemError?
        func attempt(_ body: () throws(SystemError) -> Void) {
            do throws(SystemError) { try body() } catch { failure = failure ?? error }
        }
        attempt { () throws(SystemError) in try loop.register(child.pidfd, self) }
        for stream in [ChildProcess.OutputStream.standardOutput, .standardError] {
            guard let descriptor = stream == .standardOutput ? child.output : child.error else { continue }
            attempt { () throws(SystemError) in
                let isPaused = paused.contains(stream)
                readers.append(try PipeReader(stream, descriptor, isPaused: isPaused, for: self))
            }
        }
        if let descriptor = child.input { attempt { () throws(SystemError) in try input?.open(descriptor) } }
        return failure
    }
}

// MARK: - Input and output

extension ChildSupervisor {
    private func tell(_ body: (any ChildProcessHandler, ChildProcess) -> Void) {
        guard let handler, let process else { return }
        body(handler, process)
    }

    func received(_ bytes: RawSpan, from stream: ChildProcess.OutputStream) {
        guard let handler, let process else { return }
        handler.received(bytes, from: stream, of: process)
    }

    func outputEnded(_ reader: PipeReader) {
        readers.removeAll { $0 === reader }
        tell { $0.outputFinished(reader.stream, of: $1) }
        if readers.isEmpty, case .exited(_, let exit) = state { finish(.success(exit)) }
    }

    func inputBlocked() { tell { $0.inputBlocked($1) } }
    func inputDrained() { tell { $0.inputDrained($1) } }

    /// Told at the end of the round, for it may come from inside a write.
    func inputClosed() {
        loop.afterRound {
            guard !self.hasEnded else { return }
            self.tell { $0.inputClosed($1) }
        }
    }

    func pause(_ stream: ChildProcess.OutputStream) {
        paused.insert(stream)
        for reader in readers where reader.stream == stream { reader.pause() }
    }

    func resume(_ stream: ChildProcess.OutputStream) {
        paused.remove(stream)
        for reader in readers where reader.stream == stream { reader.resume() }
    }
}

// MARK: - The end

extension ChildSupervisor: EventSource, TimerTarget {
    func send(_ signal: Signal) { child?.send(signal) }

    func terminate(grace: Duration) {
        let isFirst = killTime == nil
        killTime = min(killTime ?? Instant(nanoseconds: .max), loop.now + grace)
        guard let child else { return }
        if isFirst { askToEnd(child) } else { rearm(at: killTime!) }
    }

    func kill() {
        killTime = loop.now
        child?.send(.kill)
    }

    private func askToEnd(_ child: SpawnedChild) {
        child.send(.terminate)
        rearm(at: killTime!)
    }

    /// The owner has let go: nobody hears of the child any more, and it goes.
    func abandon() {
        closePipes()
        switch state {
        case .starting, .ended: break
        case .running(let child): child.send(.kill)
        case .exited(_, let exit): finish(.success(exit))
        }
    }

    /// The child has ended.
    func ready(_ readiness: Readiness) {
        guard case .running(let child) = state, let exit = child.exit(reaping: false) else { return }
        state = .exited(child, exit)
        input?.close()
        if readers.isEmpty { return finish(.success(exit)) }
        if let killTime, killTime > loop.now { return }
        rearm(at: loop.now + limits.drain)
    }

    func timerFired(_ token: UInt32) {
        timer = nil
        switch state {
        case .starting, .ended: break
        case .running(let child): child.send(.kill)
        case .exited(let child, let exit):
            guard readers.contains(where: \.isPaused) else { return finish(.success(exit)) }
            // The owner holds the output back: what is left of the group goes, the output is still to be read.
            if exit != .unknown { child.send(.kill) }
            rearm(at: loop.now + limits.drain)
        }
    }

    private func rearm(at time: Instant) {
        if let timer { loop.cancel(timer) }
        timer = loop.arm(at: time, self)
    }

    func loopEnded() {
        switch state {
        case .starting, .ended: break
        case .running(let child): destroy(child, .failure(.shutDown))
        case .exited(_, let exit): finish(.success(exit))
        }
    }

    /// Ends a child that the loop cannot wait for.
    private func destroy(_ child: SpawnedChild, _ result: Result<ChildExit, ProcessError>) {
        state = .ended
        loop.deregister(child.pidfd, closing: true)
        child.destroy(within: .seconds(1))
        close(result)
    }

    private func finish(_ result: Result<ChildExit, ProcessError>) {
        if case .exited(let child, let exit) = state {
            // Whatever is left of the group, while its number is still ours.
            if exit != .unknown { child.send(.kill) }
            _ = child.exit(reaping: true)
            loop.deregister(child.pidfd, closing: true)
            Glibc.close(child.pidfd)
        }
        state = .ended
        close(result)
    }

    private func close(_ result: Result<ChildExit, ProcessError>) {
        closePipes()
        if let timer { loop.cancel(timer) }
        timer = nil
        loop.afterRound { self.tell { $0.ended($1, result) } }
    }

    private func closePipes() {
        input?.close()
        input = nil
        for reader in readers { reader.close() }
        readers = []
    }
}
