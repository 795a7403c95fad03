package import Reactor
import Telemetry

/// What clients of Redis are made from; one value for all loops.
package struct RedisSettings: Sendable {
    package let deployment: RedisDeployment
    package var session: RedisSession
    /// For the sentinels themselves.
    package var sentinelCredentials: RedisCredentials?

    package init(_ deployment: RedisDeployment, session: RedisSession = RedisSession()) {
        self.deployment = deployment
        self.session = session
    }

    /// Reads the authorities' file where the URL names one: not on a loop.
    package init(_ url: RedisURL, limits: RedisLimits = RedisLimits()) throws(TLSConfigurationError) {
        deployment = url.deployment
        sentinelCredentials = url.sentinelCredentials
        session = RedisSession()
        session.credentials = url.credentials
        session.database = url.database
        session.limits = limits
        guard let security = url.security else { return }
        var configuration = TLSClientConfiguration()
        configuration.verification = security.verification
        if let file = security.authorities { configuration.authorities = .custom(.file(file)) }
        session.security = RedisSession.Security(
            try TLSClientContext(configuration), serverName: security.serverName)
    }
}

// MARK: - What is made of them

extension RedisSettings {
    func makeTopology(
        on loop: EventLoop, resolver: Resolver, log: Logger, meter: RedisMeter
    ) -> any RedisTopology {
        RedisLink(makeLocator(), session: session, on: loop, resolver: resolver, log: log, meter: meter)
    }

    func makeSubscriberLink(
        on loop: EventLoop, resolver: Resolver, log: Logger, meter: RedisMeter,
        onMessage: @escaping (RedisMessage) -> Void
    ) -> RedisLink {
        RedisLink(
            makeLocator(), session: session, on: loop, resolver: resolver, log: log, meter: meter, onMessage: onMessage)
    }

    private func makeLocator() -> any RedisLocator {
        switch deployment {
        case .single(let endpoint): FixedLocator(endpoint)
        case .sentinel, .cluster: UnknownLocator()
        }
    }
}

/// For servers that nobody can find yet: its clients are always down, and say so.
private final class UnknownLocator: RedisLocator {
    func locate(then: @escaping (Result<RedisEndpoint, RedisDisconnect>) -> Void) { then(.failure(.nowhere)) }
    func cancel() {}
}
