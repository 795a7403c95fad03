import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("UDP wake-ups")
struct UDPModerationTests {
    let log = EventLog<Told>()

    private func group(interval: Duration) throws -> LoopGroup {
        var limits = LoopLimits()
        limits.datagramInterval = interval
        return try LoopGroup(count: 1, limits: limits)
    }

    @Test("a stream wakes its loop once per interval, not once per datagram, and none of it is lost")
    func stream() async throws {
        let interval = Duration.milliseconds(5)
        let group = try group(interval: interval)
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let (target, before) = try await group.with(bound) { ($0.localAddress, $0.loop.statistics.rounds) }
        let sender = try PlainSocket()
        let began = MonotonicClock.now()
        for number in 0..<2_000 {
            try sender.send(pattern(number, 100), to: target)
            while MonotonicClock.now() < began + .microseconds(50) * (number + 1) {}
        }
        let arrived = try await log.wait(forDatagrams: 2_000)
        #expect(arrived.map(\.bytes) == (0..<2_000).map { pattern($0, 100) })
        let intervals = (MonotonicClock.now() - began) / interval
        let rounds = try await group.with(bound) { $0.loop.statistics.rounds } - before
        #expect(Double(rounds) < 2 * intervals + 50)
    }

    @Test("after a pause two datagrams are handled at once, and what follows them waits for its interval")
    func pause() async throws {
        let group = try group(interval: .seconds(3_600))
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let target = try await group.with(bound) { $0.localAddress }
        let sender = try PlainSocket()
        for number in 0..<2 {
            try sender.send([UInt8(number)], to: target)
            try await log.wait(forDatagrams: number + 1)
        }
        try sender.send([2], to: target)
        // It is with the kernel by now, and each visit is a round of the loop, which would have read it.
        for _ in 0..<3 { try await group.with(bound) { _ in } }
        #expect(log.datagrams.count == 2)
    }

    @Test("datagrams that come in groups are handled at once, however many")
    func groups() async throws {
        // In an hour nothing would be looked at: what arrives has woken the loop.
        let group = try group(interval: .seconds(3_600))
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let target = try await group.with(bound) { $0.localAddress }
        let sender = try PlainSocket()
        try sender.segment(100)
        for number in 1...20 {
            try sender.send(pattern(number, 800), to: target)
            let arrived = try await log.wait(forDatagrams: 8 * number)
            #expect(arrived.suffix(8).allSatisfy { $0.together == 8 })
        }
    }

    @Test("where the kernel refuses to watch for datagrams, the loop goes on looking for them")
    func refused() async throws {
        let interval = Duration.milliseconds(50)
        let group = try group(interval: interval)
        defer { group.shutdown() }
        let bound = try await group.bind(log)
        let target = try await group.with(bound) { $0.localAddress }
        let sender = try PlainSocket()
        var count = 0
        func relay() async throws {
            try sender.send([UInt8(truncatingIfNeeded: count)], to: target)
            count += 1
            try await log.wait(forDatagrams: count)
        }
        let paused = EventLog<String>()
        /// False where the loop is woken by datagrams at the moment.
        @Sendable func refuse(_ loop: EventLoop) throws -> Bool {
            guard !loop.isWokenByDatagrams else { return false }
            // What epoll does not watch it cannot change: ENOENT.
            loop.poller.remove(try #require(loop.datagramPoller).descriptor)
            // By then it has found nothing, and wanted to be woken again.
            _ = loop.arm(after: interval * 10, Note { paused.append("paused") })
            return true
        }
        while try await !group.with(bound, { try refuse($0.loop) }) { try await relay() }
        try await paused.wait(for: "paused")
        for _ in 0..<5 { try await relay() }
        #expect(log.datagrams.map(\.bytes) == (0..<count).map { [UInt8(truncatingIfNeeded: $0)] })
    }
}

private final class Note: TimerTarget {
    let note: () -> Void
    init(_ note: @escaping () -> Void) { self.note = note }
    func timerFired(_ token: UInt32) { note() }
}
