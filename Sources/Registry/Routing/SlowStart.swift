package import Bytes

/// How much of its weight an origin has after it has come or come back. Pure.
///
/// One that comes back is the least loaded of all. With its whole weight at once it would get every new stream until it
/// had as many as the others, before it has warmed up, and before it has shown that it stays.
package struct SlowStart: Sendable, Equatable {
    /// Until it has its whole weight; zero for at once.
    package let time: Duration
    /// The same in nanoseconds: for each of a thousand origins this is asked.
    private let nanoseconds: UInt64

    /// Parts of a weight.
    package static let whole: UInt32 = 1_000
    /// What it begins with.
    package static let least: UInt32 = 100

    package init(time: Duration = .seconds(30)) {
        self.time = max(time, .zero)
        nanoseconds = self.time.nanoseconds.magnitude
    }

    /// The part that one has which came at `began`, in thousandths: from a tenth to all of it, evenly.
    package func part(since began: Instant?, at now: Instant) -> UInt32 {
        guard let began else { return Self.whole }
        let age = now.nanoseconds > began.nanoseconds ? now.nanoseconds - began.nanoseconds : 0
        guard age < nanoseconds else { return Self.whole }
        // In steps of 1,024 ns, so that nothing overflows.
        let rise = UInt64(Self.whole - Self.least) * (age >> 10) / (nanoseconds >> 10 + 1)
        return Self.least + UInt32(rise)
    }
}
