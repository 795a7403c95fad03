import Bytes
import Glibc
import Synchronization
import TestKit
import Testing

@testable import Reactor

@Suite("EventLoop")
struct EventLoopTests {
    let group: LoopGroup

    init() throws { group = try LoopGroup(count: 2) }

    @Test("messages run on the loop, in order, and can see its time")
    func messages() async throws {
        defer { group.shutdown() }
        let log = EventLog<Int>()
        for number in 0..<1_000 {
            group.handles[0].submit { loop in
                #expect(loop.handle.isCurrent)
                log.append(number)
            }
        }
        let seen = try await log.wait(count: 1_000)
        #expect(seen == Array(0..<1_000))
    }

    @Test("a full mailbox refuses, and so does one whose loop has ended")
    func mailboxBound() async throws {
        var limits = LoopLimits()
        limits.maximumMail = 10
        let small = try LoopGroup(count: 1, limits: limits)
        let gate = Gate()
        let handle = small.handles[0]
        handle.submit { _ in gate.enterAndWait() }
        gate.waitUntilEntered()
        let accepted = (0..<15).map { _ in handle.submit { _ in } }
        #expect(accepted == Array(repeating: true, count: 10) + Array(repeating: false, count: 5))
        #expect(handle.refusedMessages == 5)
        gate.open()
        small.shutdown()
        #expect(!handle.submit { _ in })
        group.shutdown()
    }

    @Test("timers fire in order of their deadlines and never early")
    func timers() async throws {
        defer { group.shutdown() }
        let log = EventLog<UInt32>()
        try await group.onLoop { loop in
            for milliseconds in [30, 5, 20, 0, 10] {
                let target = TimerProbe(loop: loop, due: loop.now + .milliseconds(milliseconds), log: log)
                _ = loop.arm(after: .milliseconds(milliseconds), target, token: UInt32(milliseconds))
            }
            let cancelled = TimerProbe(loop: loop, due: loop.now, log: log)
            loop.cancel(loop.arm(after: .milliseconds(7), cancelled, token: 99))
            #expect(loop.armedTimers == 5)
        }
        let seen = try await log.wait(count: 5)
        #expect(seen == [0, 5, 10, 20, 30])
    }

    @Test("a source that is gone hears nothing of the events that were taken before, nor does its successor")
    func staleEvents() async throws {
        defer { group.shutdown() }
        let log = EventLog<String>()
        try await group.onLoop { loop in
            // Two pairs become readable in one round; whichever is told first removes the other and puts a new source
            // on the same descriptor number.
            var ends: [CInt] = []
            for _ in 0..<2 {
                var pair: [CInt] = [0, 0]
                #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
                ends += pair
            }
            let first = PairProbe("first", loop, ends[0], log)
            let second = PairProbe("second", loop, ends[2], log)
            (first.other, second.other) = (second, first)
            try loop.register(ends[0], first)
            try loop.register(ends[2], second)
            _ = write(ends[1], "x", 1)
            _ = write(ends[3], "x", 1)
            loop.afterRound { for end in [ends[1], ends[3]] { close(end) } }
        }
        // The replacement is told of its own registration edge only, with the input that is really there.
        let seen = try await log.wait(for: "the surviving source and the replacement") { $0.count >= 2 }
        #expect(seen.count { $0 == "first" || $0 == "second" } == 1)
    }

    @Test("again gives every other source its turn in between, and does not wait for the kernel")
    func again() async throws {
        defer { group.shutdown() }
        let log = EventLog<Int>()
        try await group.onLoop { loop in loop.again(AgainProbe(loop: loop, left: 100, log: log)) }
        let seen = try await log.wait(count: 100)
        #expect(seen == Array((0..<100).reversed()))
    }

    @Test("a task stays on its loop at every suspension, and a call to another loop comes back")
    func executor() async throws {
        defer { group.shutdown() }
        let other = group.loops[1]
        let hops = try await group.loops[0].run { actor in
            var hops = 0
            for _ in 0..<100 {
                await actor.pause(for: .zero)
                guard actor.handle.isCurrent else { continue }
                let away = await other.isOnItsThread()
                guard away, actor.handle.isCurrent else { continue }
                await Self.plainAsyncFunction()
                if actor.handle.isCurrent { hops += 1 }
            }
            return hops
        }.value
        #expect(hops == 100)
    }

    private static func plainAsyncFunction() async { await Task.yield() }

    @Test("a pause on the loop takes as long as it says")
    func pause() async throws {
        defer { group.shutdown() }
        let paused = try await group.loops[0].run { actor in
            let began = MonotonicClock.now()
            await actor.pause(for: .milliseconds(25))
            return MonotonicClock.now() - began
        }.value
        #expect(paused >= .milliseconds(25))
    }

    @Test("shutdown ends every thread, closes every descriptor, and can be called twice")
    func shutdown() async throws {
        defer { group.shutdown() }
        // In a process of its own: other suites run beside this one, with threads and descriptors of theirs.
        let log = EventLog<ChildSeen>()
        let recorder = try await group.start(Probe.scene("loops"), log, pool: BlockingPool(name: "spawn"))
        #expect(try await log.waitForEnd() == .success(.code(0)))
        #expect(log.lines == ["no thread is left", "no descriptor is left"])
        #expect(recorder.process == nil)
    }
}

extension LoopActor {
    fileprivate func isOnItsThread() -> Bool { handle.isCurrent }
}

/// Holds a loop inside one message until the test lets it go.
private final class Gate: Sendable {
    private let entered = Mutex(false)
    private let opened = Mutex(false)

    func enterAndWait() {
        entered.withLock { $0 = true }
        while !opened.withLock({ $0 }) { sched_yield() }
    }

    func waitUntilEntered() { while !entered.withLock({ $0 }) { sched_yield() } }
    func open() { opened.withLock { $0 = true } }
}

private final class TimerProbe: TimerTarget {
    private let loop: EventLoop
    private let due: Instant
    private let log: EventLog<UInt32>

    init(loop: EventLoop, due: Instant, log: EventLog<UInt32>) {
        (self.loop, self.due, self.log) = (loop, due, log)
    }

    func timerFired(_ token: UInt32) {
        #expect(loop.now >= due, "fired early")
        log.append(token)
    }
}

private final class PairProbe: EventSource {
    let name: String
    let loop: EventLoop
    let descriptor: CInt
    let log: EventLog<String>
    var other: PairProbe?

    init(_ name: String, _ loop: EventLoop, _ descriptor: CInt, _ log: EventLog<String>) {
        (self.name, self.loop, self.descriptor, self.log) = (name, loop, descriptor, log)
    }

    func ready(_ readiness: Readiness) {
        guard readiness.contains(.readable) else { return }
        log.append(name)
        guard let other else { return }
        self.other = nil
        other.other = nil
        loop.deregister(other.descriptor, closing: false)
        let replacement = PairProbe("replacement", loop, other.descriptor, log)
        try? loop.register(other.descriptor, replacement)
    }
}

private final class AgainProbe: EventSource {
    private let loop: EventLoop
    private var left: Int
    private let log: EventLog<Int>

    init(loop: EventLoop, left: Int, log: EventLog<Int>) { (self.loop, self.left, self.log) = (loop, left, log) }

    func ready(_ readiness: Readiness) {
        left -= 1
        log.append(left)
        if left > 0 { loop.again(self) }
    }
}
