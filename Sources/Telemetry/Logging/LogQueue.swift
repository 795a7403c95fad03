import Bytes
import Synchronization

/// Lines between the threads that log and the one that writes.
///
/// Bounded in bytes: a line that finds no room is dropped and counted, and the count goes out behind the lines that
/// were queued before it. The lock covers an append to an array, nothing else.
final class LogQueue: Sendable {
    /// What the writer takes at once.
    struct Batch: Sendable {
        let lines: [SharedBytes]
        /// Lines dropped of which the log does not tell yet.
        let untold: UInt64
    }

    private enum Phase: Sendable {
        case open
        /// No more lines are taken; those queued are written.
        case closed
        /// Those queued are not written any more either.
        case abandoned
    }

    private struct State: Sendable {
        var phase = Phase.open
        var lines: [SharedBytes] = []
        var bytes = 0
        var untold: UInt64 = 0
        var accepted: UInt64 = 0
        var dropped: UInt64 = 0

        mutating func drop(_ count: Int) {
            untold += UInt64(count)
            dropped += UInt64(count)
        }

        mutating func takeLines() -> [SharedBytes] {
            bytes = 0
            return exchange(&lines, with: [])
        }
    }

    private let state = Mutex(State())
    private let maximumBytes: Int
    let wake: WakeSignal

    init(maximumBytes: Int, wake: WakeSignal) {
        self.maximumBytes = maximumBytes
        self.wake = wake
    }

    func append(_ line: SharedBytes) {
        let isFirst = state.withLock { state in
            guard state.phase == .open, state.bytes + line.count <= maximumBytes else {
                state.drop(1)
                return false
            }
            state.lines.append(line)
            state.bytes += line.count
            state.accepted += 1
            return state.lines.count == 1
        }
        if isFirst { wake.signal() }
    }

    func close() {
        state.withLock { if $0.phase == .open { $0.phase = .closed } }
        wake.signal()
    }

    func abandon() {
        state.withLock {
            $0.phase = .abandoned
            $0.drop($0.takeLines().count)
        }
        wake.signal()
    }

    var totals: (lines: UInt64, dropped: UInt64) { state.withLock { ($0.accepted, $0.dropped) } }
}

// MARK: - The writer's side

extension LogQueue {
    /// All lines queued; blocks while there are none. Nil after the last one of a closed queue.
    func next() -> Batch? {
        while true {
            let (batch, isOpen) = state.withLock { state -> (Batch?, Bool) in
                guard !state.lines.isEmpty else { return (nil, state.phase == .open) }
                return (Batch(lines: state.takeLines(), untold: exchange(&state.untold, with: 0)), true)
            }
            if let batch { return batch }
            guard isOpen else { return nil }
            wake.wait()
        }
    }

    var isAbandoned: Bool { state.withLock { $0.phase == .abandoned } }

    /// Counts lines that were taken and could not be written.
    func dropTaken(_ count: Int) { state.withLock { $0.drop(count) } }

    /// Takes back a count that could not be told.
    func tellLater(_ count: UInt64) { state.withLock { $0.untold += count } }
}
