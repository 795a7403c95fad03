package import Bytes

/// Learns how often an origin beats, and says when it has been silent for too long.
///
/// Three beats in a row have to be missing: the network, or a proxy that is restarted, may lose one or two. The
/// interval is the second longest of the last ones, so that a lost beat does not change it; the longest while there are
/// few. Beats that come together, as when two proxies pass one on, count as one. Where an origin tells several proxies,
/// up to four and each in its turn, the pause after the last of them is what counts, and not the short ones between.
package struct BeatRhythm: Sendable, Equatable {
    /// Silence after which nobody is waited for any longer, whatever the rhythm; also as long as there is none yet.
    package static let longestSilence = Duration.seconds(300)

    private static let remembered = 16
    /// With fewer intervals nobody is missed earlier than most origins would be: the long one may be still to come.
    private static let fewest = 4
    /// From so many on the longest one may be a beat that was lost: a long one has come twice.
    private static let enough = 8
    private static let shortestSilence = Duration.seconds(30)
    private static let missedBeats = 3
    /// Nobody beats faster than this.
    private static let shortestInterval = Duration.seconds(1)

    /// From when silence counts.
    package private(set) var last: Instant
    /// When it was really heard.
    package private(set) var heard: Instant
    /// How often it beats; nil before the second beat.
    package private(set) var interval: Duration?
    /// The newest first.
    private var intervals: [Duration] = []
    /// Before the last beat it had been missed for so long. That is how often it beats only where it comes twice in a
    /// row.
    private var gap: Duration?

    /// `interval` is how often others say it beats.
    package init(first: Instant, interval: Duration? = nil) {
        last = first
        heard = first
        guard let interval else { return }
        learn(Array(repeating: max(interval, Self.shortestInterval), count: Self.fewest))
    }

    package mutating func beat(at now: Instant) {
        let passed = now - last
        if now >= deadline {
            if let gap { learn([gap, passed]) }
            gap = gap == nil ? passed : nil
        } else if passed >= Self.shortestInterval {
            learn([passed])
            gap = nil
        }
        last = max(last, now)
        heard = max(heard, now)
    }

    private mutating func learn(_ new: [Duration]) {
        intervals = Array((new + intervals).prefix(Self.remembered))
        let longest = intervals.sorted(by: >)
        interval = intervals.count >= Self.enough ? longest[1] : longest.first
    }

    /// Nobody could have heard it up to now.
    mutating func forgive(at now: Instant) { last = max(last, now) }

    /// When its silence has been too long.
    package var deadline: Instant {
        guard let interval else { return last + Self.longestSilence }
        let shortest = intervals.count < Self.fewest ? Self.shortestSilence : .zero
        return last + min(max(interval * Self.missedBeats, shortest), Self.longestSilence)
    }
}
