import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("ChildProcess: input and output")
struct ChildStreamTests {
    let group: LoopGroup
    let pool: BlockingPool
    let log = EventLog<ChildSeen>()

    init() throws {
        group = try LoopGroup(count: 1)
        pool = try BlockingPool(name: "spawn")
    }

    @Test("10 MB go through cat and come back byte for byte, with bounded input waiting")
    func throughCat() async throws {
        defer { group.shutdown() }
        var command = ChildCommand("/bin/cat")
        command.standardInput = .pipe
        command.standardOutput = .pipe
        let total = 10 * 1024 * 1024
        let recorder = try await group.start(command, log, pool: pool) { recorder, process in
            let pump = InputPump(total: total)
            let checker = PatternChecker()
            recorder.tellsLines = false
            recorder.onDrained = { process in pump.go(process) }
            recorder.onReceive = { bytes, process in
                checker.check(bytes)
                #expect(process.pendingInput <= ChildCommand.Limits().highWatermark + InputPump.chunk)
            }
            pump.go(process)
        }
        #expect(try await log.waitForEnd(within: .seconds(60)) == .success(.code(0)))
        #expect(log.events.contains(.bytes(total)))
        #expect(recorder.total == total)
        let (blocks, drains) = (log.events.count { $0 == .blocked }, log.events.count { $0 == .drained })
        #expect(blocks > 10)
        #expect(blocks - drains <= 1, "once the input is being closed there is nothing to go on with")
        #expect(!log.events.contains(.inputClosed))
    }

    @Test("input that is not read is refused at its bound, and nothing of a refused write is taken")
    func inputBound() async throws {
        defer { group.shutdown() }
        var command = ChildCommand("/bin/sleep", ["1000"])
        command.standardInput = .pipe
        command.limits.maximumInput = 1_000_000
        let recorder = try await group.start(command, log, pool: pool) { _, process in
            let block = SharedBytes([UInt8](repeating: 1, count: 300_000))
            #expect((0..<5).map { _ in process.write(block) } == [true, true, true, false, false])
            #expect(process.pendingInput == 900_000)
        }
        try await log.wait(for: .blocked)
        try await group.onLoop { _ in recorder.process?.kill() }
        #expect(try await log.waitForEnd() == .success(.signal(.kill)))
        #expect(log.events.count { $0 == .blocked } == 1)
    }

    @Test("a program that closes its input is noticed, with and without something to write", arguments: [0, 100_000])
    func inputClosed(waiting: Int) async throws {
        defer { group.shutdown() }
        var command = ChildCommand.shell("exec <&-; echo closed; sleep 1000")
        command.standardInput = .pipe
        let recorder = try await group.start(command, log, pool: pool) { _, process in
            if waiting > 0 { #expect(process.write(SharedBytes([UInt8](repeating: 1, count: waiting)))) }
        }
        try await log.wait(for: .inputClosed)
        try await group.onLoop { _ in
            guard let process = recorder.process else { throw WaitExpired(description: "it has ended") }
            #expect(!process.write(SharedBytes("more")))
            #expect(process.pendingInput == 0)
            process.kill()
        }
        #expect(try await log.waitForEnd() == .success(.signal(.kill)))
        #expect(log.events.count { $0 == .inputClosed } == 1)
    }

    @Test("a paused stream holds the program back, the other one goes on, and nothing is lost")
    func pausing() async throws {
        defer { group.shutdown() }
        // More than a pipe holds: the first error line shows that the program runs, the second that it got rid of all.
        var command = ChildCommand.shell("echo begun >&2; head -c 1000000 /dev/zero; echo done >&2")
        command.standardError = .pipe
        let stages = EventLog<String>()
        let recorder = try await group.start(command, log, pool: pool) { recorder, process in
            recorder.tellsLines = false
            process.pauseReading(.standardOutput)
            recorder.onReceive = { bytes, _ in
                if bytes.byteCount < 20 { stages.append(String(copying: bytes)) } else { stages.append("output") }
            }
        }
        try await stages.wait(for: "begun\n")
        // Time in which a program that is not held back would be done; the test does not depend on how much it is.
        try await group.loops[0].run { actor in
            await actor.wait(for: { loop, finished in
                let timer = loop.arm(after: .milliseconds(50), Alarm { finished(()) })
                return { loop.cancel(timer) }
            })
        }.value
        #expect(stages.events == ["begun\n"])
        try await group.onLoop { _ in recorder.process?.resumeReading(.standardOutput) }
        #expect(try await log.waitForEnd() == .success(.code(0)))
        #expect(recorder.total == 1_000_000 + "begun\ndone\n".utf8.count)
        #expect(stages.events.contains("done\n"))
    }

    @Test("output held back by its owner is kept after the program's end until it is read")
    func pausedAtTheEnd() async throws {
        defer { group.shutdown() }
        var command = ChildCommand.shell("echo last words")
        command.limits.drain = .milliseconds(20)
        let recorder = try await group.start(command, log, pool: pool) { _, process in
            process.pauseReading(.standardOutput)
        }
        let pid = try await log.waitForStart()
        #expect(await eventually { ProcessState.of(pid) == "Z" })
        try await group.onLoop { _ in
            #expect(recorder.process?.hasEnded == false)
            recorder.process?.resumeReading(.standardOutput)
        }
        #expect(try await log.waitForEnd() == .success(.code(0)))
        #expect(log.events.contains(.line("last words")))
    }
}

/// Writes a pattern until blocked, goes on when drained, and closes the input at the end.
private final class InputPump {
    static let chunk = 100_000
    private let total: Int
    private var written = 0

    init(total: Int) { self.total = total }

    func go(_ process: ChildProcess) {
        while written < total, process.pendingInput <= ChildCommand.Limits().highWatermark {
            let size = min(Self.chunk, total - written)
            guard process.write(SharedBytes(StreamPattern.bytes(from: written, count: size))) else {
                Issue.record("refused below the bound")
                return
            }
            written += size
        }
        if written == total { process.finishInput() }
    }
}

private final class PatternChecker {
    private var position = 0

    func check(_ bytes: RawSpan) {
        if !StreamPattern.matches(bytes, from: position) { Issue.record("wrong bytes from \(position) on") }
        position += bytes.byteCount
    }
}

private final class Alarm: TimerTarget {
    private let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
    func timerFired(_ token: UInt32) { body() }
}
