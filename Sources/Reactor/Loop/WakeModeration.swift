import Bytes

/// Decides when a loop looks at its datagram sockets, so that a stream of datagrams does not wake it for each.
///
///                ┌────── woken twice within an interval, by singles ─────┐
///                │                                                       ▼
///            listening: woken at once                    polling: looks once per interval
///                ▲                                                       │
///                └────────────── found nothing, or groups ───────────────┘
///
/// Waking a thread costs more than relaying a datagram, at both ends. So: what comes after a pause is handled at once,
/// what comes in a stream is gathered for at most one interval, and then handled together. The network card's driver
/// does the same with its interrupts. Datagrams that the kernel has grouped on their way (UDP_GRO) have paid for their
/// wake-up: to gather them further saves nothing, and they are handled at once.
struct WakeModeration {
    /// What a look has brought.
    enum Found: Equatable {
        case nothing
        case singles
        case groups

        /// `isReady`: any socket was ready, if only with an error. Of few datagrams to a message it pays to gather
        /// more.
        init(isReady: Bool, datagrams: Int, messages: Int) {
            guard isReady else {
                self = .nothing
                return
            }
            self = messages > 0 && datagrams >= messages * WakeModeration.fewestInGroup ? .groups : .singles
        }
    }

    enum State: Equatable {
        case listening
        case polling(next: UInt64)
    }

    private(set) var state = State.listening
    /// Nanoseconds; 0 switches moderation off.
    let interval: UInt64
    /// Datagrams to a message, on average, from which on they count as grouped.
    static var fewestInGroup: Int { 4 }
    private var lastSingles: UInt64?

    init(interval: Duration) { self.interval = UInt64(clamping: interval.nanoseconds) }

    /// When to look next, in nanoseconds on the loop's clock; nil while listening.
    var nextLook: UInt64? {
        if case .polling(let next) = state { next } else { nil }
    }

    /// The loop has looked at `now`; `isFull` is whether there may be more.
    mutating func looked(found: Found, isFull: Bool, at now: UInt64) {
        defer { if found == .singles { lastSingles = now } }
        if isFull {
            state = .polling(next: now)
            return
        }
        switch state {
        case .listening:
            guard found == .singles, let lastSingles, now &- lastSingles < interval else { return }
            state = .polling(next: now + interval)
        case .polling:
            state = found == .singles && interval > 0 ? .polling(next: now + interval) : .listening
        }
    }

    /// Nobody would wake a loop that listens: it looks again after an interval, or a millisecond where there is none.
    mutating func keepPolling(at now: UInt64) {
        state = .polling(next: now + (interval > 0 ? interval : 1_000_000))
    }
}
