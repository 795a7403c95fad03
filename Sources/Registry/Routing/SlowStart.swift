package import Bytes

/// How much of its weight an origin has after it has come or come back. Pure.
///
/// One that comes back is the least loaded of all. With its whole weight at once it would get every new stream until it had
/// as many as the others, before it has warmed up, and before it has shown that it stays.
package struct SlowStart: Sendable, Equatable {
    /// Until it has its whole weight; zero for at once.
    package var time: Duration

    /// Parts of a weight.
    package static let whole: UInt32 = 1_000
    /// What it begins with.
    package static let least: UInt32 = 100

    package init(time: Duration = .seconds(30)) { self.time = max(time, .zero) }

    /// The part that one has which came at `began`, in thousandths: from a tenth to all of it, evenly.
    package func part(since began: Instant?, at now: Instant) -> UInt32 {
        guard let began, now < began + time else { return Self.whole }
        let age = max(now - began, .zero).nanoseconds / 1_000
        let rise = Int64(Self.whole - Self.least) * age / max(time.nanoseconds / 1_000, 1)
        return min(Self.least + UInt32(rise), Self.whole)
    }
}
