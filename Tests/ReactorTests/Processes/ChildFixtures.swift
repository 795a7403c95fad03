import Bytes
import Glibc
import Reactor
import TestKit

/// What a child process told its handler.
enum ChildSeen: Equatable, Sendable {
    case started(pid_t)
    case line(String)
    case bytes(Int)
    case finished(ChildProcess.OutputStream)
    case blocked, drained, inputClosed
    case ended(Result<ChildExit, ProcessError>)
}

/// Owns a child on a loop, records what happens with it, and does what the test asks for.
///
/// `@unchecked`: tests hold it anywhere, and touch it on its loop alone.
final class ChildRecorder: ChildProcessHandler, @unchecked Sendable {
    let log: EventLog<ChildSeen>
    var process: ChildProcess?
    /// Tell output as text, line by line; otherwise its amount.
    var tellsLines = true
    var total = 0
    var onReceive: ((RawSpan, ChildProcess) -> Void)?
    var onDrained: ((ChildProcess) -> Void)?
    private var partial = ""

    init(_ log: EventLog<ChildSeen>) { self.log = log }

    func started(_ process: ChildProcess) { log.append(.started(process.pid ?? 0)) }

    func received(_ bytes: RawSpan, from stream: ChildProcess.OutputStream, of process: ChildProcess) {
        total += bytes.byteCount
        onReceive?(bytes, process)
        guard tellsLines else { return log.append(.bytes(total)) }
        partial += String(copying: bytes)
        while let end = partial.firstIndex(of: "\n") {
            log.append(.line(String(partial[..<end])))
            partial = String(partial[partial.index(after: end)...])
        }
    }

    func outputFinished(_ stream: ChildProcess.OutputStream, of process: ChildProcess) { log.append(.finished(stream)) }
    func inputBlocked(_ process: ChildProcess) { log.append(.blocked) }
    func inputClosed(_ process: ChildProcess) { log.append(.inputClosed) }

    func inputDrained(_ process: ChildProcess) {
        log.append(.drained)
        onDrained?(process)
    }

    func ended(_ process: ChildProcess, _ result: Result<ChildExit, ProcessError>) {
        // Before the test hears of it, which may then look.
        self.process = nil
        log.append(.ended(result))
    }
}

extension EventLog where Event == ChildSeen {
    /// What the child has written so far.
    var lines: [String] { events.compactMap { event in if case .line(let line) = event { line } else { nil } } }

    /// Waits until the child runs; its process id.
    func waitForStart() async throws -> pid_t {
        guard case .started(let pid) = try await wait(count: 1)[0] else {
            throw WaitExpired(description: "not started: \(events)")
        }
        return pid
    }

    /// Waits for the end; how the child ended.
    func waitForEnd(within bound: Duration = .seconds(20)) async throws -> Result<ChildExit, ProcessError> {
        let events = try await wait(for: "the child's end", within: bound) { events in
            if case .ended = events.last { true } else { false }
        }
        guard case .ended(let result) = events.last else { throw WaitExpired(description: "no end") }
        return result
    }

    /// Waits for a line that the child writes; the first number in it.
    func waitForNumber() async throws -> CInt {
        let events = try await wait(for: "a number") { events in events.contains { $0.number != nil } }
        return events.compactMap(\.number)[0]
    }
}

extension ChildSeen {
    fileprivate var number: CInt? {
        if case .line(let text) = self { CInt(text) } else { nil }
    }
}

extension LoopGroup {
    /// Starts a child on the first loop; `body` does the first thing with it.
    func start(
        _ command: ChildCommand, _ log: EventLog<ChildSeen>, pool: BlockingPool,
        _ body: @escaping @Sendable (ChildRecorder, ChildProcess) -> Void = { _, _ in }
    ) async throws -> ChildRecorder {
        try await onLoop { loop in
            let recorder = ChildRecorder(log)
            let process = ChildProcess.start(command, on: loop, pool: pool, handler: recorder)
            recorder.process = process
            body(recorder, process)
            return recorder
        }
    }
}

extension ChildCommand {
    /// A script with its output told to the handler.
    static func shell(_ script: String) -> ChildCommand {
        var command = ChildCommand("/bin/sh", ["-c", script])
        command.standardOutput = .pipe
        return command
    }
}

/// The program beside this one that plays scenes for the tests.
enum Probe {
    static func scene(_ name: String) -> ChildCommand {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var command = ChildCommand(folder + "/ReactorProbe", [name])
        command.standardOutput = .pipe
        command.standardError = .inherited
        return command
    }
}
