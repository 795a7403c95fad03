import Bytes
import CLinux
import Dispatch
import Glibc
import Reactor
import TestKit

/// Starts many children in many ways, and says what is left of them.
enum ChildScene {
    static func play() throws {
        // As a careless parent may leave it: without care in the reactor no exit status would be known.
        signal(SIGCHLD, SIG_IGN)
        let group = try LoopGroup(count: 2)
        let pool = try BlockingPool(name: "spawn")
        // The first one brings in what is loaded once.
        try together(1, group) { number, actor in await oneOf(0, pool, actor) }
        let before = ProcessSelf.openDescriptors
        try together(200, group) { number, actor in await oneOf(number, pool, actor) }
        sayLeftovers(before)
        group.shutdown()
        pool.shutdown()
    }

    /// Ends the loops while children run and while others are being started.
    static func stopLoops() throws {
        let before = ProcessSelf.openDescriptors
        try startAndStop()
        sayLeftovers(before)
    }

    private static func startAndStop() throws {
        let group = try LoopGroup(count: 2)
        let pool = try BlockingPool(name: "spawn")
        let started = DispatchSemaphore(value: 0)
        for index in 0..<40 {
            group.handles[index % 2].submit { loop in
                var command = ChildCommand("/bin/sleep", ["1000"])
                command.standardInput = .pipe
                command.standardOutput = .pipe
                Owner(command, loop, pool, started: { started.signal() }).stay()
            }
        }
        for _ in 0..<20 { started.wait() }
        group.shutdown()
        pool.shutdown()
    }

    /// Runs `count` tasks at once, on the loops in turn.
    private static func together(
        _ count: Int, _ group: LoopGroup, _ body: @escaping @Sendable (Int, isolated LoopActor) async -> Void
    ) throws {
        let all = DispatchGroup()
        for number in 0..<count {
            all.enter()
            _ = group.loops[number % 2].run { actor in
                await body(number, actor)
                all.leave()
            }
        }
        all.wait()
    }

    /// A child that ends by itself, fails, is not there, writes too much, takes too long, or is dropped.
    private static func oneOf(_ number: Int, _ pool: BlockingPool, _ actor: isolated LoopActor) async {
        var limits = ChildRunLimits()
        do {
            switch number % 7 {
            case 0:
                let output = try await ChildProcess.run(ChildCommand("/bin/echo", ["x"]), pool: pool, on: actor)
                expect(output.standardOutput == SharedBytes("x\n") && output.exit.isSuccess)
            case 1: expect(try await shell("exit 3", pool, actor) == .code(3))
            case 2: expect(try await shell("kill -USR1 $$", pool, actor) == .signal(.user1))
            case 3:
                _ = try await ChildProcess.run(ChildCommand("/bin/cat"), input: SharedBytes("y"), pool: pool, on: actor)
            case 4:
                Owner(ChildCommand("/bin/sleep", ["1000"]), actor.loop, pool, started: {}).startAndDrop()
            case 5:
                limits.timeout = .milliseconds(30)
                limits.grace = .milliseconds(30)
                _ = try await ChildProcess.run(
                    ChildCommand("/bin/sh", ["-c", "trap '' TERM; sleep 1000"]), limits: limits, pool: pool, on: actor)
                expect(false)
            default:
                limits.maximumOutput = 1_000
                _ = try await ChildProcess.run(
                    ChildCommand("/bin/cat", ["/dev/zero"]), limits: limits, pool: pool, on: actor)
                expect(false)
            }
        } catch {
            expect(error as? ProcessError == .timeout || error as? ProcessError == .outputTooLarge(maximum: 1_000))
        }
    }

    private static func shell(
        _ script: String, _ pool: BlockingPool, _ actor: isolated LoopActor
    ) async throws -> ChildExit {
        try await ChildProcess.run(ChildCommand("/bin/sh", ["-c", script]), pool: pool, on: actor).exit
    }

    private static func expect(_ isTrue: Bool, line: Int = #line) {
        if !isTrue { say("not as expected: line \(line)") }
    }

    private static func comesTrue(_ isMet: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + .seconds(5)
        while !isMet() {
            guard ContinuousClock.now < deadline else { return false }
            poll(nil, 0, 1)
        }
        return true
    }

    /// Waits for dropped children to be reaped, then tells whether any child or descriptor is left.
    private static func sayLeftovers(_ before: Int) {
        let hasNoChildren = comesTrue {
            var info = siginfo_t()
            return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD
        }
        say(hasNoChildren ? "no child is left" : "a child is left")
        let isBack = comesTrue { ProcessSelf.openDescriptors <= before }
        say(isBack ? "no descriptor is left" : "\(ProcessSelf.openDescriptors - before) descriptors are left")
    }
}

/// Owns one child, for as long as it stays.
private final class Owner: ChildProcessHandler {
    private let command: ChildCommand
    private let loop: EventLoop
    private let pool: BlockingPool
    private let onStart: () -> Void
    private var process: ChildProcess?
    private var itself: Owner?

    init(_ command: ChildCommand, _ loop: EventLoop, _ pool: BlockingPool, started: @escaping () -> Void) {
        self.command = command
        self.loop = loop
        self.pool = pool
        onStart = started
    }

    /// Keeps the child until it ends.
    func stay() {
        itself = self
        process = ChildProcess.start(command, on: loop, pool: pool, handler: self)
    }

    /// Lets it go before it has been started.
    func startAndDrop() {
        process = ChildProcess.start(command, on: loop, pool: pool, handler: self)
        process = nil
    }

    func started(_ process: ChildProcess) { onStart() }

    func ended(_ process: ChildProcess, _ result: Result<ChildExit, ProcessError>) {
        self.process = nil
        itself = nil
    }
}
