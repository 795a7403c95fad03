import Bytes
package import HTTPTransport
import Reactor
package import Telemetry

/// How an origin tells of itself.
package struct HeartbeatOptions: Sendable {
    package var pace = HeartbeatPace()
    /// From the connect to the end of the answer; an interval is the most.
    package var timeout = Duration.seconds(30)

    package init() {}
}

/// Tells proxies of an origin, on one loop: at the start, then at its pace, and when it goes.
///
///     idle ──start──► beating ──leave──► beating, as one that leaves ──sayFarewell──► over
///
/// Each target has its own exchange: one that does not answer holds up no other, and gets no second beat meanwhile. The
/// loop keeps a sender that was started until its farewell.
package final class HeartbeatSender {
    /// Finds out how the origin is, and calls back on the loop; nil where nobody knows.
    package typealias Summaries = (@escaping (HeartbeatSummaries?) -> Void) -> Void

    private enum Phase: Equatable { case idle, beating, over }

    /// What the next beat says.
    package var heartbeat: Heartbeat

    private let loop: EventLoop
    private let pace: HeartbeatPace
    private let routes: [HeartbeatRoute]
    private let summaries: Summaries
    private var random: any RandomNumberGenerator
    private var phase = Phase.idle
    private var timer: TimerID?
    /// The beat that waits for its summaries. What comes for an earlier one is too late.
    private var gathering: UInt64?
    private var beats: UInt64 = 0
    /// The next beat says what a target must not miss.
    private var hasNews = false

    /// `client` is of the loop. `random` decides the jitter.
    package init(
        _ heartbeat: Heartbeat, to targets: [HeartbeatTarget], through client: HTTPClient,
        options: HeartbeatOptions = HeartbeatOptions(),
        random: any RandomNumberGenerator = SystemRandomNumberGenerator(),
        log: Logger, metrics: HeartbeatMetrics, summaries: @escaping Summaries
    ) {
        self.heartbeat = heartbeat
        self.random = random
        self.summaries = summaries
        loop = client.loop
        pace = options.pace
        let shard = MetricsShard(client.loop.handle.index)
        routes = targets.enumerated().map { index, target in
            HeartbeatRoute(
                target, client, timeout: min(options.timeout, options.pace.interval), log: log,
                counters: (metrics.counter(index, .ok, on: shard), metrics.counter(index, .failed, on: shard)))
        }
    }

    /// What has become of the beats, in the order of the targets.
    package var counts: [HeartbeatCounts] { routes.map(\.counts) }

    package func start() {
        guard phase == .idle else { return }
        phase = .beating
        beat()
    }

    /// Says at once that the origin wants no further streams, and goes on beating.
    package func leave() {
        heartbeat.state = .leaving
        guard phase == .beating else { return }
        hasNews = true
        if let timer { loop.cancel(timer) }
        beat()
    }

    /// Tells every target that the origin is no more, and calls `then` when all have answered, or after `bound`: once,
    /// and never inside this call.
    package func sayFarewell(within bound: Duration, then: @escaping () -> Void) {
        guard phase == .beating else { return loop.afterRound(then) }
        phase = .over
        if let timer { loop.cancel(timer) }
        gathering = nil
        heartbeat.state = .gone
        let body = heartbeat.json(nil)
        let farewell = Farewell(routes.count, on: loop, then)
        for route in routes { route.sayFarewell(body) { farewell.ended() } }
        farewell.wait(at: bound) { [routes] in for route in routes { route.cancel() } }
    }

    // MARK: - Beating

    private func beat() {
        timer = loop.arm(after: pace.pause(draw: random.next()), self)
        // Summaries that have not come until now are not waited for any longer.
        if gathering != nil { post(nil) }
        beats += 1
        let number = beats
        gathering = number
        summaries { summaries in
            guard self.gathering == number else { return }
            self.post(summaries)
        }
    }

    private func post(_ summaries: HeartbeatSummaries?) {
        gathering = nil
        let body = heartbeat.json(summaries)
        for route in routes { route.beat(body, isNews: hasNews) }
        hasNews = false
    }
}

extension HeartbeatSender: TimerTarget {
    package func timerFired(_ token: UInt32) {
        timer = nil
        beat()
    }
}

/// Waits for the farewells of all targets, but not for ever.
private final class Farewell: TimerTarget {
    private let loop: EventLoop
    private var left: Int
    private var then: (() -> Void)?
    private var giveUp: (() -> Void)?
    private var timer: TimerID?

    init(_ count: Int, on loop: EventLoop, _ then: @escaping () -> Void) {
        self.loop = loop
        self.then = then
        left = count
    }

    func wait(at most: Duration, giveUp: @escaping () -> Void) {
        guard left > 0 else { return end() }
        self.giveUp = giveUp
        timer = loop.arm(after: most, self)
    }

    func ended() {
        left -= 1
        if left == 0 { end() }
    }

    func timerFired(_ token: UInt32) {
        timer = nil
        giveUp?()
        end()
    }

    private func end() {
        if let timer { loop.cancel(timer) }
        timer = nil
        giveUp = nil
        if let then = then.take() { loop.afterRound(then) }
    }
}
