import Foundation
import Synchronization
import TestKit

/// A program that a test has started, with what it prints.
final class RunningProgram: Sendable {
    typealias Exit = ChildProgram.End

    /// Lines as they come, each with its end.
    let output = EventLog<String>()
    let errors = EventLog<String>()
    private let exit = EventLog<Exit>()

    private let child: ChildProgram
    /// Its number may be another's once it is gone.
    private let isGone = Mutex(false)
    private let input: FileHandle
    var pid: pid_t { child.pid }

    /// Starts the program at `path` with no other environment than `environment`.
    init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil
    ) throws {
        let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
        child = try ChildProgram(
            path, arguments, environment: environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own },
            directory: directory, input: pipes.input.fileHandleForReading.fileDescriptor,
            output: pipes.output.fileHandleForWriting.fileDescriptor,
            errors: pipes.errors.fileHandleForWriting.fileDescriptor)
        input = pipes.input.fileHandleForWriting
        for handle in [
            pipes.input.fileHandleForReading, pipes.output.fileHandleForWriting, pipes.errors.fileHandleForWriting,
        ] { try handle.close() }
        Self.read(pipes.output.fileHandleForReading, into: output)
        Self.read(pipes.errors.fileHandleForReading, into: errors)
        Thread.detachNewThread { self.tellOfEnd() }
    }

    private func tellOfEnd() {
        child.waitUntilEnded()
        exit.append(
            isGone.withLock { isGone in
                isGone = true
                return child.wait()
            })
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
        isGone.withLock { isGone in if !isGone { kill(pid, signal) } }
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
