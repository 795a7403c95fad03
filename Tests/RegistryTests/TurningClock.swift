import Bytes
import LoopKit
import Reactor
import Synchronization

/// A clock that goes on only as far as every loop of a test has turned, and never faster than the system's: where the
/// machine stands still, or one loop gets no processor, no lease runs out meanwhile.
final class TurningClock: Sendable {
    private static let step = Duration.milliseconds(10)

    private let start = MonotonicClock.now()
    private let turns: Mutex<[Int]>

    /// Goes on from now, with all loops of the group and for as long as they run.
    init(_ group: LoopGroup) async throws {
        turns = Mutex([Int](repeating: 0, count: group.loops.count))
        for index in group.loops.indices {
            try await group.on(index) { actor in Hand(of: self, index, on: actor.loop).arm() }
        }
    }

    var now: Instant { turns.withLock { start + Self.step * ($0.min() ?? 0) } }

    /// What turns on one loop. Its timers come in one round with those of whoever is tested.
    private final class Hand: TimerTarget {
        private let clock: TurningClock
        private let index: Int
        private let loop: EventLoop

        init(of clock: TurningClock, _ index: Int, on loop: EventLoop) {
            self.clock = clock
            self.index = index
            self.loop = loop
        }

        func arm() { _ = loop.arm(after: TurningClock.step, self) }

        func timerFired(_ token: UInt32) {
            clock.turns.withLock { $0[index] += 1 }
            arm()
        }
    }
}

extension LoopActor {
    /// Waits until so much time has passed on `clock`.
    func pass(_ duration: Duration, on clock: TurningClock) async throws {
        let end = clock.now + duration
        try await wait(for: "time") { clock.now >= end }
    }
}
