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
