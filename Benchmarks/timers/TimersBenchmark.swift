import Glibc
import Reactor
import TestKit

/// Cancels and arms timers of one loop while a million are armed: what `bench timers` measures beside libevent.
///
/// The same work as Benchmarks/load/timers-libevent.c, with the same random choices: cancel a timer, arm it again with
/// another delay of 30 to 600 s. Afterwards half of a thousand short timers are cancelled, and the rest must fire.
@main
struct TimersBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let armed = Int(arguments[1]), let operations = Int(arguments[2]), armed > 0 else {
            print("usage: bench-timers ARMED OPERATIONS")
            exit(2)
        }
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in TimersUnderTest(on: loop, armed: armed, operations: operations).start() }
        group.join()
    }
}

private final class TimersUnderTest: TimerTarget {
    private enum Token {
        static let long: UInt32 = 0
        static let short: UInt32 = 1
        static let operate: UInt32 = 2
        static let report: UInt32 = 3
    }

    private let loop: EventLoop
    private let operations: Int
    /// The generator of Benchmarks/load/random.h.
    private var random = SplitMix(seed: 1)
    private var timers: [TimerID] = []
    private var spent = 0
    private var armedAfterwards = 0
    private var fired = 0

    init(on loop: EventLoop, armed: Int, operations: Int) {
        self.loop = loop
        self.operations = operations
        timers.reserveCapacity(armed)
        for _ in 0..<armed { timers.append(loop.arm(after: randomDelay(), self, token: Token.long)) }
    }

    func start() {
        say("ready")
        // It may block: nothing else runs on this loop.
        guard readLine() == "go" else { exit(0) }
        _ = loop.arm(after: .zero, self, token: Token.operate)
    }

    func timerFired(_ token: UInt32) {
        switch token {
        case Token.operate:
            operate()
            armShortTimers()
        case Token.report: report()
        default: fired += 1
        }
    }

    private func operate() {
        let began = ProcessSelf.threadNanoseconds
        for _ in 0..<operations {
            let index = Int(random.next() % UInt64(timers.count))
            loop.cancel(timers[index])
            timers[index] = loop.arm(after: randomDelay(), self, token: Token.long)
        }
        spent = ProcessSelf.threadNanoseconds - began
        armedAfterwards = loop.armedTimers
    }

    private func armShortTimers() {
        var shortTimers: [TimerID] = []
        for _ in 0..<1_000 {
            let delay = Duration.microseconds(Int64(1_000 + random.next() % 99_000))
            shortTimers.append(loop.arm(after: delay, self, token: Token.short))
        }
        for index in stride(from: 0, to: shortTimers.count, by: 2) { loop.cancel(shortTimers[index]) }
        _ = loop.arm(after: .milliseconds(200), self, token: Token.report)
    }

    private func report() {
        say("done operations=\(operations) ns=\(spent) armed=\(armedAfterwards) fired=\(fired)")
        while readLine() != nil {}
        exit(0)
    }

    private func randomDelay() -> Duration { .microseconds(Int64(30_000_000 + random.next() % 570_000_000)) }

    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
