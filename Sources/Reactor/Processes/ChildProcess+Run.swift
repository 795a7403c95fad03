package import Bytes

/// What a program gave that was run to its end.
package struct ChildOutput: Sendable {
    package let exit: ChildExit
    package let standardOutput: SharedBytes
    package let standardError: SharedBytes
}

/// Bounds of a program that is run to its end.
package struct ChildRunLimits: Sendable {
    /// Bytes of output, and as many of errors; beyond, the program is killed: `.outputTooLarge`.
    package var maximumOutput = 1024 * 1024
    /// After this the program is asked to end: `.timeout`.
    package var timeout: Duration = .seconds(30)
    /// Between being asked and being killed.
    package var grace: Duration = .seconds(2)

    package init() {}
}

extension ChildProcess {
    /// Runs `command` to its end with `input` as its standard input and collects what it writes; the streams that
    /// `command` names are not looked at. Cancelling the task ends the program.
    package static func run(
        _ command: ChildCommand, input: SharedBytes = .empty, limits: ChildRunLimits = ChildRunLimits(),
        pool: BlockingPool, on actor: isolated LoopActor
    ) async throws(ProcessError) -> ChildOutput {
        var command = command
        command.standardInput = input.isEmpty ? .null : .pipe
        command.standardOutput = .pipe
        command.standardError = .pipe
        command.limits.maximumInput = max(command.limits.maximumInput, input.count)
        let result: Result<ChildOutput, ProcessError> = await actor.wait { loop, finished in
            let run = ChildRun(limits, loop, then: finished)
            run.start(command, input, pool)
            return { run.fail(.cancelled) }
        }
        return try result.get()
    }
}

/// A program on its way to its end, and its output so far. Kept by the one who waits for it.
private final class ChildRun: ChildProcessHandler, TimerTarget {
    private let limits: ChildRunLimits
    private let loop: EventLoop
    private var then: ((Result<ChildOutput, ProcessError>) -> Void)?
    private var process: ChildProcess?
    private var timer: TimerID?
    private var output = ByteWriter()
    private var errors = ByteWriter()
    /// Why the program is being ended.
    private var failure: ProcessError?

    init(
        _ limits: ChildRunLimits, _ loop: EventLoop, then: @escaping (Result<ChildOutput, ProcessError>) -> Void
    ) {
        self.limits = limits
        self.loop = loop
        self.then = then
    }

    func start(_ command: ChildCommand, _ input: SharedBytes, _ pool: BlockingPool) {
        timer = loop.arm(after: limits.timeout, self)
        let process = ChildProcess.start(command, on: loop, pool: pool, handler: self)
        self.process = process
        guard !input.isEmpty else { return }
        // Taken whole: the bound was set to let it pass, and no byte is copied.
        _ = process.write(input)
        process.finishInput()
    }

    func fail(_ error: ProcessError) {
        guard failure == nil else { return }
        failure = error
        process?.terminate(grace: limits.grace)
    }

    func timerFired(_ token: UInt32) {
        timer = nil
        fail(.timeout)
    }

    func received(_ bytes: RawSpan, from stream: ChildProcess.OutputStream, of process: ChildProcess) {
        guard failure == nil else { return }
        let count = stream == .standardOutput ? output.count : errors.count
        guard count + bytes.byteCount <= limits.maximumOutput else {
            failure = .outputTooLarge(maximum: limits.maximumOutput)
            return process.kill()
        }
        switch stream {
        case .standardOutput: output.append(bytes)
        case .standardError: errors.append(bytes)
        }
    }

    func ended(_ process: ChildProcess, _ result: Result<ChildExit, ProcessError>) {
        if let timer { loop.cancel(timer) }
        timer = nil
        self.process = nil
        let outcome: Result<ChildOutput, ProcessError>
        switch result {
        case .failure(let error): outcome = .failure(error)
        case .success(let exit): outcome = failure.map { .failure($0) } ?? .success(takeOutput(exit))
        }
        then.take()?(outcome)
    }

    private func takeOutput(_ exit: ChildExit) -> ChildOutput {
        var taken = ByteWriter(capacity: 0)
        var takenErrors = ByteWriter(capacity: 0)
        swap(&taken, &output)
        swap(&takenErrors, &errors)
        return ChildOutput(exit: exit, standardOutput: taken.finish(), standardError: takenErrors.finish())
    }
}
