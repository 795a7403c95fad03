import Foundation
import Synchronization
import TestKit

/// A program that a test has started, with what it prints.
final class RunningProgram: Sendable {
    /// How it ended.
    enum Exit: Equatable {
        case status(Int32)
        case signal(Int32)
    }

    /// Lines as they come, each with its end.
    let output = EventLog<String>()
    let errors = EventLog<String>()
    private let exit = EventLog<Exit>()

    // Foundation's process is not `Sendable`; only `isRunning` is asked of it here, and that takes its own lock.
    private let process: Mutex<Process>
    private let input: FileHandle
    let pid: pid_t

    /// Starts the program at `path` with no other environment than `environment`.
    init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
        process.standardInput = pipes.input
        process.standardOutput = pipes.output
        process.standardError = pipes.errors
        let exit = self.exit
        process.terminationHandler = { ended in
            exit.append(
                ended.terminationReason == .exit ? .status(ended.terminationStatus) : .signal(ended.terminationStatus))
        }
        try process.run()
        pid = process.processIdentifier
        input = pipes.input.fileHandleForWriting
        Self.read(pipes.output.fileHandleForReading, into: output)
        Self.read(pipes.errors.fileHandleForReading, into: errors)
        self.process = Mutex(process)
    }

    /// Reads on a thread of its own, so that the program never waits for the test.
    private static func read(_ handle: FileHandle, into log: EventLog<String>) {
        Thread.detachNewThread {
            var rest: [UInt8] = []
            while let bytes = next(handle) {
                rest += bytes
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    log.append(String(decoding: rest[...end], as: UTF8.self))
                    rest.removeSubrange(...end)
                }
            }
            if !rest.isEmpty { log.append(String(decoding: rest, as: UTF8.self)) }
            log.append(endOfOutput)
        }
    }

    /// What has come; nil at the end. Not by `availableData`, which traps where a signal interrupts it.
    private static func next(_ handle: FileHandle) -> [UInt8]? {
        while true {
            var bytes = [UInt8](repeating: 0, count: 16_384)
            let count = Foundation.read(handle.fileDescriptor, &bytes, bytes.count)
            if count > 0 { return Array(bytes.prefix(count)) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    /// What a log of lines ends with once the program has closed it.
    private static let endOfOutput = "\0"

    /// Writes to its standard input.
    func write(_ text: String) throws { try input.write(contentsOf: Data(text.utf8)) }

    func closeInput() throws { try input.close() }

    func signal(_ signal: Int32) {
        process.withLock { process in if process.isRunning { kill(pid, signal) } }
    }

    var hasExited: Bool { !exit.events.isEmpty }

    /// Waits for its end.
    func waitForExit(within bound: Duration = .seconds(20)) async throws -> Exit {
        try await exit.wait(count: 1, within: bound)[0]
    }

    /// Waits until it has closed both of its outputs, and returns all that it has printed.
    func waitForOutput(within bound: Duration = .seconds(20)) async throws -> (output: String, errors: String) {
        var texts: [String] = []
        for log in [output, errors] {
            let lines = try await log.wait(for: "the end of the output", within: bound) { $0.last == Self.endOfOutput }
            texts.append(lines.dropLast().joined())
        }
        return (texts[0], texts[1])
    }

    /// Kills it where it still runs: the end of every test, also of one that fails.
    func end() {
        signal(SIGKILL)
        try? input.close()
    }
}

extension RunningProgram {
    struct Result {
        let exit: Exit
        let output: String
        let errors: String
    }

    /// Runs a program to its end.
    static func run(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
        input: String = "", within bound: Duration = .seconds(20)
    ) async throws -> Result {
        let program = try RunningProgram(path, arguments, environment: environment, directory: directory)
        defer { program.end() }
        if !input.isEmpty { try program.write(input) }
        try program.closeInput()
        let (output, errors) = try await program.waitForOutput(within: bound)
        return Result(exit: try await program.waitForExit(within: bound), output: output, errors: errors)
    }
}
