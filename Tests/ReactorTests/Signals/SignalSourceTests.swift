import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("SignalSource")
struct SignalSourceTests {
    /// posix_spawn leaves the two signals that glibc keeps for itself, 32 and 33, ignored.
    static let ignoredByLibrary = "0000000180000000"

    @Test("each signal is told once, on the source's loop, with its sender; children inherit none of it")
    func signals() async throws {
        let group = try LoopGroup(count: 1)
        defer { group.shutdown() }
        let pool = try BlockingPool(name: "spawn")
        let log = EventLog<ChildSeen>()
        let recorder = try await group.start(Probe.scene("signals"), log, pool: pool)
        try await log.wait(for: .line("ready"))
        try await log.wait(for: .line("broken pipe: error"))
        for signal in [Signal.hangup, .user1, .hangup, .interrupt, .terminate] {
            let line = ChildSeen.line("\(signal) from the parent on loop 1")
            let before = log.events.count { $0 == line }
            try await group.onLoop { _ in recorder.process?.send(signal) }
            try await log.wait(for: "\(signal)") { events in events.count { $0 == line } > before }
        }
        #expect(try await log.waitForEnd() == .success(.code(0)))
        let lines = log.lines
        let told = ["SIGHUP", "SIGUSR1", "SIGHUP", "SIGINT", "SIGTERM"].map { "\($0) from the parent on loop 1" }
        #expect(lines.filter { $0.hasPrefix("SIG") } == told)
        let masks = lines.filter { $0.hasPrefix("child") }
        #expect(masks == ["child SigBlk: 0000000000000000", "child SigIgn: \(Self.ignoredByLibrary)"])
        #expect(lines.last == "end")
    }

    @Test("signals have their names")
    func names() {
        #expect("\(Signal.terminate) \(Signal.user2) \(Signal.kill)" == "SIGTERM SIGUSR2 SIGKILL")
        #expect("\(Signal(rawValue: 40))" == "signal 40")
    }
}
