package import Bytes

/// Learns how often an origin beats, and says when it has been silent for too long.
///
/// Three beats in a row have to be missing: the network, or a proxy that is restarted, may lose one or two. The interval
/// is the median of the last ones, so that a lost beat does not change it; beats that come together, as when two proxies
/// pass one on, count as one.
package struct BeatRhythm: Sendable, Equatable {
    /// Silence after which nobody is waited for any longer, whatever the rhythm; also as long as there is none yet.
    package static let longestSilence = Duration.seconds(300)

    private static let remembered = 5
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
        if let interval { intervals = [max(interval, Self.shortestInterval)] }
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
        guard !intervals.isEmpty else { return nil }
        return intervals.sorted()[intervals.count / 2]
    }

    /// When its silence has been too long.
    package var deadline: Instant {
        guard let interval else { return last + Self.longestSilence }
        return last + min(interval * Self.missedBeats, Self.longestSilence)
    }
}
