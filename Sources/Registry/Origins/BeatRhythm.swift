package import Bytes

/// Learns how often an origin beats, and says when it has been silent for too long.
///
/// Three beats in a row have to be missing: the network, or a proxy that is restarted, may lose one or two. The
/// interval is the second longest of the last ones, so that a lost beat does not change it. Beats that come together,
/// as when two proxies pass one on, count as one; where an origin tells several proxies, each in its turn, the pause
/// after the last of them is what counts, and not the short ones between.
package struct BeatRhythm: Sendable, Equatable {
    /// Silence after which nobody is waited for any longer, whatever the rhythm; also as long as there is none yet.
    package static let longestSilence = Duration.seconds(300)

    /// So that the longest pause is among them twice where up to eight proxies are told in turn.
    private static let remembered = 16
    /// The first of several proxies that are told in turn may be followed by the next one soon: before there are so
    /// many intervals nobody is missed earlier than most origins would be.
    private static let fewest = 3
    private static let shortestSilence = Duration.seconds(30)
    private static let missedBeats = 3
    /// Nobody beats faster than this.
    private static let shortestInterval = Duration.seconds(1)

    /// From when silence counts.
    package private(set) var last: Instant
    /// When it was really heard.
    package private(set) var heard: Instant
    /// The newest first.
    private var intervals: [Duration] = []

    /// `interval` is how often others say it beats.
    package init(first: Instant, interval: Duration? = nil) {
        last = first
        heard = first
        if let interval { intervals = Array(repeating: max(interval, Self.shortestInterval), count: Self.fewest) }
    }

    package mutating func beat(at now: Instant) {
        if now - last >= Self.shortestInterval {
            intervals.insert(now - last, at: 0)
            if intervals.count > Self.remembered { intervals.removeLast() }
        }
        last = max(last, now)
        heard = max(heard, now)
    }

    /// Nobody could have heard it up to now.
    mutating func forgive(at now: Instant) { last = max(last, now) }

    /// How often it beats; nil before the second beat.
    package var interval: Duration? {
        let longest = intervals.sorted(by: >)
        return intervals.count > Self.fewest ? longest[1] : longest.first
    }

    /// When its silence has been too long.
    package var deadline: Instant {
        guard let interval else { return last + Self.longestSilence }
        let shortest = intervals.count < Self.fewest ? Self.shortestSilence : .zero
        return last + min(max(interval * Self.missedBeats, shortest), Self.longestSilence)
    }
}
