import Bytes
import CLinux
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("ChildProcess")
struct ChildProcessTests {
    let group: LoopGroup
    let pool: BlockingPool
    let log = EventLog<ChildSeen>()

    init() throws {
        group = try LoopGroup(count: 1)
        pool = try BlockingPool(name: "spawn")
    }

    // MARK: - Starting

    @Test(
        "exit codes and signals are told apart",
        arguments: [
            ("exit 0", ChildExit.code(0)), ("exit 7", .code(7)), ("exit 255", .code(255)),
            ("kill -TERM $$", .signal(.terminate)), ("kill -KILL $$", .signal(.kill)),
            ("kill -ABRT $$", .signal(.abort)),
        ])
    func exits(script: String, exit: ChildExit) async throws {
        defer { group.shutdown() }
        let recorder = try await group.start(.shell(script), log, pool: pool)
        #expect(try await log.waitForEnd() == .success(exit))
        let pid = try await log.waitForStart()
        #expect(log.events.dropFirst() == [.finished(.standardOutput), .ended(.success(exit))])
        #expect(kill(pid, 0) < 0 && errno == ESRCH, "reaped by the time it is told")
        #expect(recorder.process == nil)
    }

    @Test("a program that cannot be started says why")
    func notStarted() async throws {
        defer { group.shutdown() }
        let folder = try TemporaryDirectory()
        let noProgram = try folder.write("plain", Array("text".utf8))
        var nowhere = ChildCommand("/bin/true")
        nowhere.workingDirectory = folder / "missing"
        for (command, code) in [
            (ChildCommand(folder / "missing"), ENOENT), (ChildCommand(noProgram), EACCES),
            (ChildCommand(folder.path), EACCES), (nowhere, ENOENT),
            (ChildCommand("no-such-program-anywhere", searchesPath: true), ENOENT),
        ] {
            var command = command
            command.standardInput = .pipe
            command.standardOutput = .pipe
            let log = EventLog<ChildSeen>()
            let recorder = try await group.start(command, log, pool: pool) { _, process in
                #expect(process.write(SharedBytes("early")))
            }
            let error = ProcessError.notStarted(program: command.program, SystemError("posix_spawn", code))
            #expect(try await log.waitForEnd() == .failure(error))
            #expect(log.events.count == 1 && recorder.process == nil)
        }
        #expect(try await group.onLoop { loop in loop.watchedDescriptors } == 0)
    }

    @Test("texts that the system would misread are refused")
    func invalidCommands() async throws {
        defer { group.shutdown() }
        var name = ChildCommand("/bin/true")
        name.environment = .exactly(["A=B": "c"])
        var value = ChildCommand("/bin/true")
        value.environment = .inheritedAnd(["A": "b\0c"])
        for command in [ChildCommand("/bin/true\0x"), ChildCommand("/bin/echo", ["a\0b"]), name, value] {
            let log = EventLog<ChildSeen>()
            let recorder = try await group.start(command, log, pool: pool)
            #expect(try await log.waitForEnd() == .failure(.invalidCommand))
            _ = recorder
        }
    }

    @Test("arguments, environment, directory and search path arrive as they were given")
    func surroundings() async throws {
        defer { group.shutdown() }
        let folder = try TemporaryDirectory()
        let script = "pwd; printf '%s\\n' \"$@\"; env"
        var command = ChildCommand("sh", ["-c", script, "sh", "a b", "", "ü"], searchesPath: true)
        command.environment = .exactly(["ONE": "1", "TWO": "x=y"])
        command.workingDirectory = folder.path
        let output = try await run(command)
        let text = String(copying: output.standardOutput.bytes)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.prefix(4).map(String.init) == [folder.path, "a b", "", "ü"])
        #expect(Set(lines.dropFirst(4)).isSuperset(of: ["ONE=1", "TWO=x=y"]))
        #expect(!lines.contains { $0.hasPrefix("PATH=") || $0.hasPrefix("HOME=") })

        command.environment = .inheritedAnd(["HOME": "/nowhere", "THREE": "3"])
        let inherited = String(copying: try await run(command).standardOutput.bytes).split(separator: "\n")
        #expect(inherited.contains("THREE=3") && inherited.contains { $0.hasPrefix("PATH=") })
        #expect(inherited.filter { $0.hasPrefix("HOME=") } == ["HOME=/nowhere"])
    }

    @Test("a child has its standard streams and nothing else, a group of its own, and no signal blocked")
    func inheritance() async throws {
        defer { group.shutdown() }
        // What a careless library might leave open.
        let careless = open("/dev/null", O_RDONLY)
        defer { close(careless) }
        let script = "ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f1,5 /proc/$$/stat"
        let output = try await run(ChildCommand("/bin/sh", ["-c", script]))
        let lines = String(copying: output.standardOutput.bytes).split(separator: "\n").map(String.init)
        // The fourth is ls looking.
        #expect(lines.prefix(4) == ["0", "1", "2", "3"])
        #expect(lines[4] == "SigBlk:\t0000000000000000" && lines[5] == "SigIgn:\t\(SignalSourceTests.ignoredByLibrary)")
        let ids = lines.last!.split(separator: " ")
        #expect(ids.count == 2 && ids[0] == ids[1], "the leader of its group")
    }

    @Test("a null input is at its end, null output goes nowhere")
    func nullStreams() async throws {
        defer { group.shutdown() }
        let command = ChildCommand("/bin/sh", ["-c", "cat; echo x; echo y >&2"])
        let recorder = try await group.start(command, log, pool: pool)
        #expect(try await log.waitForEnd() == .success(.code(0)))
        #expect(log.events.count == 2)
        _ = recorder
    }

    @Test("without a thread to start it the child ends with an error", arguments: [true, false])
    func overloaded(isShutDown: Bool) async throws {
        defer { group.shutdown() }
        var limits = BlockingPool.Limits()
        limits.maximumWaiting = 0
        let small = try BlockingPool(name: "small", limits: limits)
        if isShutDown { small.shutdown() }
        let recorder = try await group.start(.shell("true"), log, pool: small)
        #expect(try await log.waitForEnd() == .failure(isShutDown ? .shutDown : .overloaded))
        _ = recorder
    }

    private func run(
        _ command: ChildCommand, input: SharedBytes = .empty, limits: ChildRunLimits = ChildRunLimits()
    ) async throws -> ChildOutput {
        let pool = self.pool
        return try await group.loops[0].run { actor in
            try await ChildProcess.run(command, input: input, limits: limits, pool: pool, on: actor)
        }.value
    }

    // MARK: - Running to the end

    @Test("run collects both outputs and the exit, and feeds the input")
    func collects() async throws {
        defer { group.shutdown() }
        let input = SharedBytes((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let output = try await run(ChildCommand("/bin/sh", ["-c", "cat; echo oops >&2; exit 3"]), input: input)
        #expect(output.standardOutput == input)
        #expect(output.standardError == SharedBytes("oops\n"))
        #expect(output.exit == .code(3))
    }

    @Test("run ends a program that writes too much, takes too long, or whose task is cancelled")
    func bounds() async throws {
        defer { group.shutdown() }
        var limits = ChildRunLimits()
        limits.maximumOutput = 100_000
        let exact = try await run(ChildCommand("/usr/bin/head", ["-c", "100000", "/dev/zero"]), limits: limits)
        #expect(exact.standardOutput.count == 100_000)
        for script in ["head -c 100001 /dev/zero", "cat /dev/zero >&2"] {
            await #expect(throws: ProcessError.outputTooLarge(maximum: 100_000)) {
                try await run(ChildCommand("/bin/sh", ["-c", script]), limits: limits)
            }
        }
        limits.timeout = .milliseconds(50)
        limits.grace = .milliseconds(50)
        await #expect(throws: ProcessError.timeout) {
            try await run(ChildCommand("/bin/sh", ["-c", "trap '' TERM; echo x; sleep 1000"]), limits: limits)
        }
        let (pool, gate) = (self.pool, Gate())
        let task = group.loops[0].run { actor in
            try await ChildProcess.run(ChildCommand("/bin/sleep", ["1000"]), pool: pool, on: actor)
        }
        try pool.submit { _ in gate.open() }
        try await group.onLoop { _ in }
        task.cancel()
        await #expect(throws: ProcessError.cancelled) { try await task.value }
        #expect(try await group.onLoop { loop in loop.watchedDescriptors } == 0)
    }

    @Test(
        "200 children at once end as they should and leave no child and no descriptor",
        arguments: ["children", "stop"])
    func leavesNothing(scene: String) async throws {
        defer { group.shutdown() }
        let recorder = try await group.start(Probe.scene(scene), log, pool: pool)
        #expect(try await log.waitForEnd(within: .seconds(120)) == .success(.code(0)))
        #expect(log.lines == ["no child is left", "no descriptor is left"])
        _ = recorder
    }
}
