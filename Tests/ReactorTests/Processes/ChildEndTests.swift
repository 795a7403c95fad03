import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("ChildProcess: ending")
struct ChildEndTests {
    let group: LoopGroup
    let pool: BlockingPool
    let log = EventLog<ChildSeen>()

    init() throws {
        group = try LoopGroup(count: 1)
        pool = try BlockingPool(name: "spawn")
    }

    @Test("a program that obeys ends by SIGTERM, long before the grace is over")
    func obeys() async throws {
        defer { group.shutdown() }
        let recorder = try await group.start(.shell("echo ready; exec sleep 1000"), log, pool: pool)
        try await log.wait(for: .line("ready"))
        try await group.onLoop { _ in recorder.process?.terminate(grace: .seconds(1_000)) }
        #expect(try await log.waitForEnd() == .success(.signal(.terminate)))
        #expect(try await group.onLoop { loop in loop.armedTimers } == 0)
    }

    @Test("a program that ignores SIGTERM is killed after the grace, a later call shortens it")
    func ignores() async throws {
        defer { group.shutdown() }
        let script = "trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done"
        let recorder = try await group.start(.shell(script), log, pool: pool)
        try await log.wait(for: .line("ready"))
        let before = ContinuousClock.now
        try await group.onLoop { _ in
            recorder.process?.terminate(grace: .seconds(1_000))
            recorder.process?.terminate(grace: .seconds(1))
            recorder.process?.terminate(grace: .seconds(500))
        }
        #expect(try await log.waitForEnd() == .success(.signal(.kill)))
        #expect(ContinuousClock.now - before >= .seconds(1))
        #expect(log.events.contains(.line("asked")))
    }

    @Test("a child that is to end before it has been started ends when it has")
    func early() async throws {
        defer { group.shutdown() }
        let recorder = try await group.start(.shell("exec sleep 1000"), log, pool: pool) { _, process in
            process.terminate(grace: .seconds(1_000))
        }
        #expect(try await log.waitForEnd() == .success(.signal(.terminate)))
        _ = recorder
    }

    @Test("what the program has started dies with it when the group is ended", arguments: [true, false])
    func grandchild(isKilled: Bool) async throws {
        defer { group.shutdown() }
        let recorder = try await group.start(.shell("sleep 1000 & echo $!; wait"), log, pool: pool)
        let grandchild = try await log.waitForNumber()
        #expect(!ProcessState.isDead(grandchild))
        try await group.onLoop { _ in
            if isKilled { recorder.process?.kill() } else { recorder.process?.terminate(grace: .seconds(100)) }
        }
        _ = try await log.waitForEnd()
        #expect(await eventually { ProcessState.isDead(grandchild) })
    }

    @Test("others of the group have the rest of the grace while they hold the output, and are then killed")
    func graceOfOthers() async throws {
        defer { group.shutdown() }
        let stubborn = "trap '' TERM; echo in; sleep 1000"
        let recorder = try await group.start(
            .shell("trap 'exit 5' TERM; sh -c \"\(stubborn)\" & echo $!; while :; do sleep 0.01; done"), log, pool: pool
        )
        let grandchild = try await log.waitForNumber()
        try await log.wait(for: .line("in"))
        let before = ContinuousClock.now
        try await group.onLoop { _ in recorder.process?.terminate(grace: .seconds(2)) }
        #expect(try await log.waitForEnd() == .success(.code(5)))
        #expect(ContinuousClock.now - before >= .seconds(2))
        #expect(await eventually { ProcessState.isDead(grandchild) })
    }

    @Test("what is left behind in the group is killed, and does not hold up the end beyond the drain")
    func leftBehind() async throws {
        defer { group.shutdown() }
        var command = ChildCommand.shell("sleep 1000 & echo $!; exit 4")
        command.limits.drain = .milliseconds(50)
        let recorder = try await group.start(command, log, pool: pool)
        #expect(try await log.waitForEnd() == .success(.code(4)))
        let grandchild = try await log.waitForNumber()
        #expect(await eventually { ProcessState.isDead(grandchild) })
        #expect(recorder.process == nil)
    }

    @Test("a child whose owner lets go is killed with its group, reaped, and not heard of again")
    func dropped() async throws {
        defer { group.shutdown() }
        let recorder = try await group.start(.shell("sleep 1000 & echo $!; wait"), log, pool: pool)
        let (child, grandchild) = (try await log.waitForStart(), try await log.waitForNumber())
        try await group.onLoop { _ in recorder.process = nil }
        #expect(await eventually { ProcessState.isGone(child) && ProcessState.isDead(grandchild) })
        let left = try await group.onLoop { loop in loop.watchedDescriptors }
        #expect(left == 0)
        #expect(!log.events.contains { if case .ended = $0 { true } else { false } })
    }

    @Test("a loop that ends takes its children with it, and says so")
    func loopEnds() async throws {
        let recorder = try await group.start(.shell("trap '' TERM; sleep 1000 & echo $!; wait"), log, pool: pool)
        let (child, grandchild) = (try await log.waitForStart(), try await log.waitForNumber())
        let pool = self.pool
        let task = group.loops[0].run { actor in
            try await ChildProcess.run(ChildCommand("/bin/sleep", ["1000"]), pool: pool, on: actor)
        }
        try await group.onLoop { _ in }
        group.shutdown()
        #expect(ProcessState.isGone(child), "reaped before the loop's thread ended")
        #expect(await eventually { ProcessState.isDead(grandchild) })
        #expect(log.events.last == .ended(.failure(.shutDown)))
        await #expect(throws: ProcessError.shutDown) { try await task.value }
        #expect(recorder.process == nil)
    }

    @Test("signals reach the program")
    func send() async throws {
        defer { group.shutdown() }
        let script = "trap 'echo caught; exit 9' USR1; echo ready; while :; do sleep 0.01; done"
        let recorder = try await group.start(.shell(script), log, pool: pool)
        try await log.wait(for: .line("ready"))
        try await group.onLoop { _ in recorder.process?.send(.user1) }
        #expect(try await log.waitForEnd() == .success(.code(9)))
        #expect(log.events.contains(.line("caught")))
    }
}
