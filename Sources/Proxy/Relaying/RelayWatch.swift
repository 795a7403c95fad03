import Reactor

/// A relay that may have to follow its stream to another origin.
protocol WatchedRelay: AnyObject {
    /// Where it stands in its `RelayWatch`, whose own it is; nil while it is in none.
    var watchPlace: Int? { get set }

    /// Look whether media comes, and where the stream is.
    func look()
}

/// Reminds the viewers' relays of one loop to look where their streams are, about once a second each.
///
/// The timer runs only while there are any. A turn asks at most `maximumLooks` of them; of more, each is asked less
/// often.
final class RelayWatch {
    static let maximumLooks = 4_096

    private let loop: EventLoop
    private let interval: Duration
    private var watched: [any WatchedRelay] = []
    /// Whose turn it is.
    private var next = 0
    private var timer: TimerID?

    init(on loop: EventLoop, interval: Duration = .seconds(1)) {
        self.loop = loop
        self.interval = interval
    }

    var count: Int { watched.count }

    func add(_ relay: any WatchedRelay) {
        guard relay.watchPlace == nil else { return }
        relay.watchPlace = watched.count
        watched.append(relay)
        if timer == nil { timer = loop.arm(after: interval, self) }
    }

    func remove(_ relay: any WatchedRelay) {
        guard let place = relay.watchPlace else { return }
        relay.watchPlace = nil
        let last = watched.removeLast()
        if last !== relay {
            watched[place] = last
            last.watchPlace = place
        }
        guard watched.isEmpty, let timer else { return }
        loop.cancel(timer)
        self.timer = nil
    }
}

extension RelayWatch: TimerTarget {
    func timerFired(_ token: UInt32) {
        timer = loop.arm(after: interval, self)
        // Who looks may leave, and the last one takes its place: it is asked next time.
        for _ in 0..<min(watched.count, Self.maximumLooks) where !watched.isEmpty {
            if next >= watched.count { next = 0 }
            let relay = watched[next]
            next += 1
            relay.look()
        }
    }
}
