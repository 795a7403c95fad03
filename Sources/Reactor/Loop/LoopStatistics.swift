import Bytes

/// What a loop has done: plain numbers that only the loop touches. `LoopReporter` shows them to the outside.
package struct LoopStatistics: Sendable {
    package internal(set) var rounds: UInt64 = 0
    package internal(set) var events: UInt64 = 0

    /// Time spent outside the wait, in nanoseconds.
    package internal(set) var busyNanoseconds: UInt64 = 0

    package internal(set) var tcpAccepted: UInt64 = 0
    /// Connections reset because there was no descriptor left for them.
    package internal(set) var tcpRefused: UInt64 = 0
    package internal(set) var tcpConnected: UInt64 = 0
    package internal(set) var tcpOpen = 0
    package internal(set) var bytesReceived: UInt64 = 0
    package internal(set) var bytesSent: UInt64 = 0

    /// The longest round since `takeLongestRound()`, in nanoseconds: how late anything else on the loop may have been.
    private var longestRound: UInt64 = 0

    mutating func roundEnded(began: Instant, ended: Instant) {
        let spent = ended.nanoseconds &- began.nanoseconds
        rounds &+= 1
        busyNanoseconds &+= spent
        longestRound = max(longestRound, spent)
    }

    /// The lag: the longest round since this was last asked.
    package mutating func takeLongestRound() -> Duration {
        defer { longestRound = 0 }
        return .nanoseconds(Int64(clamping: longestRound))
    }
}
