import Reactor
import Registry
import Telemetry

/// Looks once a second, on the first loop, which origins have gone silent, which claims have ended, and whether origins
/// that failed answer again. The loop's timers keep it.
final class OriginWatch {
    private static let period = Duration.seconds(1)

    private let store: any RegistryStore
    private let routing: StreamRouting
    private let loop: EventLoop
    private let probe: OriginProbe
    private let log: Logger
    private var news = RepeatGate()
    private let gauges: [(Origin.Liveness, Gauge)]

    @discardableResult
    init(_ context: ProxyContext, on loop: EventLoop) throws(SystemError) {
        store = context.store
        routing = context.routing
        self.loop = loop
        // A name whose look-up hangs holds up probes alone.
        var limits = Resolver.Limits()
        limits.threads = 1
        let log = context.log.logger(.registry)
        self.log = log
        probe = OriginProbe(context.routing, on: loop, resolver: try Resolver(limits: limits)) { trial in
            log.warning(
                "origin is out",
                ["origin": trial.origin.text, "service": trial.service.rawValue, "reason": "it does not answer"])
        }
        let shard = MetricsShard(loop.handle.index)
        gauges = [Origin.Liveness.alive, .leaving, .silent, .fixed].map {
            ($0, context.registrationMetrics.gauge($0.state, on: shard))
        }
        context.shared.synchronise(on: loop, context, shard: shard)
        watch()
    }

    private func watch() {
        for news in store.news() { tell(news) }
        for outcome in store.watch(at: loop.now) {
            switch outcome {
            case .silent(let origin):
                log.warning(
                    "origin is silent",
                    [
                        "origin": origin.id.text, "host": origin.host.description,
                        "interval": origin.rhythm.interval ?? BeatRhythm.longestSilence,
                    ])
            case .forgotten(let origin):
                log.warning("origin is forgotten", ["origin": origin.id.text, "host": origin.host.description])
            }
        }
        routing.prune(at: loop.now)
        probe.probe()
        let origins = store.origins.all
        for (liveness, gauge) in gauges { gauge.set(origins.count { $0.liveness == liveness }) }
        _ = loop.arm(after: Self.period, self)
    }
}

extension OriginWatch {
    /// What origins have told other proxies, so that every log has it.
    private func tell(_ news: OriginNews) {
        log.info(
            "another proxy tells of an origin", every: &self.news, at: loop.now,
            ["origin": news.origin.text, "outcome": news.outcome.metric.rawValue])
    }
}

extension OriginWatch: TimerTarget {
    func timerFired(_ token: UInt32) { watch() }
}
