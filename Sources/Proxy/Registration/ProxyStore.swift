import Bytes
import Reactor
import Redis
import Registry
import Service
import Telemetry

/// The registry that the configuration asks for, and what each loop does for it.
struct ProxyStore {
    let store: any RegistryStore
    private let shared: Shared?
    private let readiness: ProxyConfiguration.Registry.Readiness
    private let began = MonotonicClock.now()

    private struct Shared {
        let registry: SharedRegistry
        let settings: RedisSettings
        let metrics: RedisMetrics
    }

    /// After which a proxy that nothing was told goes on with what it hears itself.
    private static let patience = Duration.seconds(15)

    /// Reads the authorities' file where the registry's URL names one: not on a loop.
    init(_ configuration: ProxyConfiguration.Registry, metrics: MetricsRegistry) throws(TLSConfigurationError) {
        readiness = configuration.readiness
        switch configuration.store {
        case .memory:
            store = MemoryRegistry()
            shared = nil
        case .redis:
            let registry = SharedRegistry(prefix: configuration.redis.prefix, wallClock: Self.wallClock())
            store = registry
            shared = Shared(
                registry: registry, settings: try RedisSettings(configuration.redis.location),
                metrics: RedisMetrics(in: metrics))
        }
        declare(in: metrics)
    }

    /// The time since 1970 at the zero of the monotonic clock.
    private static func wallClock() -> Duration {
        .milliseconds(WallTime.now().milliseconds) - .nanoseconds(Int64(clamping: MonotonicClock.now().nanoseconds))
    }

    private func declare(in metrics: MetricsRegistry) {
        let store = store
        metrics.collect(
            [.gauge("sluice_registry_state", help: "How the registry stands to what proxies share: 1 for what it is.")],
            labels: ["state"]
        ) {
            let current = store.state(at: MonotonicClock.now())
            return StoreState.allCases.map { CollectedRow([$0.rawValue], [$0 == current ? 1 : 0]) }
        }
    }

    // MARK: - On a loop

    /// Before any session begins there.
    func attach(to loop: EventLoop, _ context: ProxyContext, shard: MetricsShard) {
        guard let shared else { return }
        shared.registry.attach(
            to: loop, shared.settings, resolver: context.resolver, log: context.log.logger(.registry),
            meter: RedisMeter(shared.metrics, shard: shard))
    }

    /// On one loop, which is attached.
    func synchronise(on loop: EventLoop, _ context: ProxyContext, shard: MetricsShard) {
        guard let shared else { return }
        shared.registry.synchronise(
            on: loop, shared.settings, resolver: context.resolver, log: context.log.logger(.registry),
            meter: RedisMeter(shared.metrics, shard: shard))
    }

    // MARK: - Readiness

    /// Why clients are not welcome, as far as the registry is concerned.
    func obstacle() -> String? {
        let now = MonotonicClock.now()
        let state = store.state(at: now)
        // Who has just begun knows nothing yet, and would send streams anywhere.
        if shared?.registry.hasBeenRead == false, now - began < Self.patience {
            return "the registry has not been read yet"
        }
        return readiness.allows(state) ? nil : "the registry is \(state.rawValue)"
    }
}

extension ProxyConfiguration.Registry.Readiness {
    fileprivate func allows(_ state: StoreState) -> Bool {
        switch (self, state) {
        case (.detached, _), (_, .fresh), (.stale, .stale): true
        case (.fresh, .stale), (.fresh, .detached), (.stale, .detached): false
        }
    }
}
