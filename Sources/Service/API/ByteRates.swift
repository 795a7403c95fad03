package import Bytes

/// How fast bytes have come and gone of late, worked out for whoever asks: nothing is measured in between.
///
/// Asked at least every 15 s it is about the 15 to 30 s before; otherwise about the time since it was asked last, or
/// since the beginning.
package struct ByteRates: Sendable {
    package struct Totals: Sendable, Equatable {
        package var received: UInt64
        package var sent: UInt64

        package init(received: UInt64 = 0, sent: UInt64 = 0) {
            self.received = received
            self.sent = sent
        }
    }

    /// In kbit/s.
    package struct Kilobits: Sendable, Equatable {
        package var received: UInt64 = 0
        package var sent: UInt64 = 0

        package init(received: UInt64 = 0, sent: UInt64 = 0) {
            self.received = received
            self.sent = sent
        }
    }

    private struct Mark {
        let at: Instant
        let totals: Totals
    }

    private var older: Mark
    private var newer: Mark

    private static let window = Duration.seconds(15)

    package init(at now: Instant) {
        older = Mark(at: now, totals: Totals())
        newer = older
    }

    package mutating func kilobits(_ totals: Totals, at now: Instant) -> Kilobits {
        if now - newer.at >= Self.window {
            older = newer
            newer = Mark(at: now, totals: totals)
        }
        let milliseconds = UInt64(max((now - older.at).nanoseconds / 1_000_000, 1))
        return Kilobits(
            received: Self.rate(totals.received, since: older.totals.received, milliseconds),
            sent: Self.rate(totals.sent, since: older.totals.sent, milliseconds))
    }

    /// Bits in a millisecond are kilobits in a second.
    private static func rate(_ bytes: UInt64, since earlier: UInt64, _ milliseconds: UInt64) -> UInt64 {
        guard bytes > earlier else { return 0 }
        let (bits, isTooMuch) = (bytes - earlier).multipliedReportingOverflow(by: 8)
        return isTooMuch ? .max : bits / milliseconds
    }
}
