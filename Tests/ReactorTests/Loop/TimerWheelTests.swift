import TestKit
import Testing

@testable import Reactor

@Suite("TimerWheel")
struct TimerWheelTests {
    /// Steps a wheel to `now` and returns what fired, in order.
    private func fired(_ wheel: inout TimerWheel<Int>, now: UInt64) -> [Int] {
        var all: [Int] = []
        while let payload = wheel.popExpired(now: now) { all.append(payload) }
        return all
    }

    @Test(
        "a timer fires at its deadline and not before",
        arguments: [1, 2, 255, 256, 257, 65_535, 65_536, 70_000, 20_000_000])
    func firesOnTime(distance: UInt64) {
        for start in [0, 1, 200, 255, 256, 65_530, 1 << 32] as [UInt64] {
            var wheel = TimerWheel<Int>(tick: start)
            _ = wheel.arm(at: start + distance, 7)
            #expect(fired(&wheel, now: start + distance - 1) == [])
            #expect(fired(&wheel, now: start + distance) == [7])
            #expect(wheel.count == 0)
        }
    }

    @Test("a cancelled timer never fires and its id is stale")
    func cancel() {
        var wheel = TimerWheel<Int>()
        let first = wheel.arm(at: 10, 1)
        let once = wheel.cancel(first) != nil
        let twice = wheel.cancel(first) != nil
        #expect(once && !twice)
        let second = wheel.arm(at: 10, 2)
        let stale = wheel.cancel(first) != nil
        #expect(!stale, "the node was reused, the old id must not reach it")
        #expect(fired(&wheel, now: 100) == [2])
        let late = wheel.cancel(second) != nil
        #expect(!late)
    }

    @Test("a deadline in the past fires at the next tick")
    func past() {
        var wheel = TimerWheel<Int>(tick: 1000)
        _ = wheel.arm(at: 3, 1)
        #expect(fired(&wheel, now: 1000) == [])
        #expect(fired(&wheel, now: 1001) == [1])
    }

    @Test("nextTick is never late, and reaching it step by step fires everything on time")
    func nextTickLeadsToEveryTimer() {
        var random = SplitMix(seed: 42)
        var wheel = TimerWheel<Int>(tick: 12_345)
        var deadlines: [UInt64] = []
        for number in 0..<2_000 {
            let deadline = 12_346 + random.next() % (1 << (random.next() % 26))
            deadlines.append(deadline)
            _ = wheel.arm(at: deadline, number)
        }
        var steps = 0
        while let next = wheel.nextTick {
            for number in fired(&wheel, now: next) { #expect(deadlines[number] == next) }
            steps += 1
        }
        #expect(wheel.count == 0)
        #expect(steps < 8_000, "jumps, not a walk over every tick")
    }

    @Test("random arms, cancels and jumps agree with a sorted model")
    func model() {
        var random = SplitMix(seed: 7)
        var wheel = TimerWheel<Int>()
        var model: [Int: UInt64] = [:]
        var ids: [Int: TimerID] = [:]
        var now: UInt64 = 0
        for step in 0..<20_000 {
            switch random.next() % 4 {
            case 0, 1:
                let deadline = now + 1 + random.next() % (1 << (random.next() % 20))
                ids[step] = wheel.arm(at: deadline, step)
                model[step] = deadline
            case 2:
                guard let victim = model.keys.min(by: { $0 ^ 0x55 < $1 ^ 0x55 }) else { continue }
                let cancelled = wheel.cancel(ids[victim]!) != nil
                #expect(cancelled)
                model[victim] = nil
            default:
                now += random.next() % (1 << (random.next() % 14))
                let due = model.filter { $0.value <= now }
                let got = fired(&wheel, now: now)
                #expect(Set(got) == Set(due.keys))
                #expect(got.map { due[$0]! } == got.map { due[$0]! }.sorted(), "fired in order of deadline")
                for number in got { model[number] = nil }
            }
            #expect(wheel.count == model.count)
        }
    }
}
