package import Bytes
package import Glibc

/// What happens with a child process, told on its loop.
///
/// Order: `started` once, then any number of the middle ones, then `ended` once and nothing more; `ended` alone where
/// the program could not be started. `ended` never comes from inside a call that the handler itself makes. Whoever
/// writes much before `started` hears `inputBlocked` before it.
package protocol ChildProcessHandler: AnyObject {
    /// The program runs.
    func started(_ process: ChildProcess)

    /// Output of the program. It lies in the loop's scratch memory: copy what is needed after the call.
    func received(_ bytes: RawSpan, from stream: ChildProcess.OutputStream, of process: ChildProcess)

    /// The last byte of a stream has been told.
    func outputFinished(_ stream: ChildProcess.OutputStream, of process: ChildProcess)

    /// More input is waiting than the high watermark: write no more until `inputDrained`.
    func inputBlocked(_ process: ChildProcess)

    /// Input has fallen to the low watermark.
    func inputDrained(_ process: ChildProcess)

    /// The program reads no more; input that was waiting is lost.
    func inputClosed(_ process: ChildProcess)

    /// The program has ended, its output has been told, and nothing of it is left; or why it was never started.
    func ended(_ process: ChildProcess, _ result: Result<ChildExit, ProcessError>)
}

extension ChildProcessHandler {
    package func started(_ process: ChildProcess) {}
    package func received(_ bytes: RawSpan, from stream: ChildProcess.OutputStream, of process: ChildProcess) {}
    package func outputFinished(_ stream: ChildProcess.OutputStream, of process: ChildProcess) {}
    package func inputBlocked(_ process: ChildProcess) {}
    package func inputDrained(_ process: ChildProcess) {}
    package func inputClosed(_ process: ChildProcess) {}
}

/// A child process, confined to its loop.
///
/// The program lives no longer than this object: with its last reference gone, or its loop ended, it is killed, its
/// process group with it, and reaped. The handler is not kept either: the owner holds both.
package final class ChildProcess {
    package enum OutputStream: Hashable, Sendable {
        case standardOutput, standardError
    }

    private let supervisor: ChildSupervisor

    private init(_ command: ChildCommand, _ loop: EventLoop, _ handler: any ChildProcessHandler) {
        supervisor = ChildSupervisor(command, on: loop)
        supervisor.process = self
        supervisor.handler = handler
    }

    /// Starts `command` from a thread of `pool`; the handler hears `started`, or `ended` with the reason.
    package static func start(
        _ command: ChildCommand, on loop: EventLoop, pool: BlockingPool, handler: any ChildProcessHandler
    ) -> ChildProcess {
        let process = ChildProcess(command, loop, handler)
        process.supervisor.start(command, pool)
        return process
    }

    deinit { supervisor.abandon() }

    /// Nil before `started` and after the end.
    package var pid: pid_t? { supervisor.pid }

    /// Whether `ended` has been or is about to be told.
    package var hasEnded: Bool { supervisor.hasEnded }

    // MARK: - Input and output

    /// Writes to the standard input, now as far as the pipe takes it; also before `started`. False where nothing was
    /// taken: the input is no pipe or is closed, or `Limits.maximumInput` would be passed.
    package func write(_ bytes: SharedBytes) -> Bool { supervisor.input?.write(bytes) ?? false }

    /// Unsent input that is waiting here.
    package var pendingInput: Int { supervisor.input?.pending ?? 0 }

    /// Closes the standard input after what waits has been written.
    package func finishInput() { supervisor.input?.finish() }

    /// Stops `received` for one stream until `resumeReading`; the pipe fills and the program waits.
    package func pauseReading(_ stream: OutputStream) { supervisor.pause(stream) }

    package func resumeReading(_ stream: OutputStream) { supervisor.resume(stream) }

    // MARK: - The end

    /// Signals the program and its group; nothing where it does not run.
    package func send(_ signal: Signal) { supervisor.send(signal) }

    /// Asks the program and its group to end (SIGTERM), and kills what is left after `grace`. Where the program ends
    /// earlier, others of its group have the rest of the time only as long as they hold its output pipes.
    package func terminate(grace: Duration) { supervisor.terminate(grace: grace) }

    /// Ends the program and its group at once (SIGKILL).
    package func kill() { supervisor.kill() }
}
