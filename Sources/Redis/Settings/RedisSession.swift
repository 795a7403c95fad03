package import Reactor

/// What all connections of a client have alike.
package struct RedisSession: Sendable {
    /// How a connection is protected.
    package struct Security: Sendable {
        package let context: TLSClientContext
        /// What the server's certificate shall say; its host where it is nil.
        package let serverName: String?

        package init(_ context: TLSClientContext, serverName: String? = nil) {
            self.context = context
            self.serverName = serverName
        }
    }

    package var credentials: RedisCredentials?
    package var database = 0
    /// What the server's list of clients shows, without blanks; nobody is told where it is empty.
    package var name = "sluice"
    package var security: Security?
    package var limits = RedisLimits()

    package init() {}

    func role(for endpoint: RedisEndpoint) -> TCPSecurityRole {
        guard let security else { return .none }
        return .client(security.context, serverName: security.serverName ?? endpoint.host.description)
    }

    var options: TCPOptions {
        var bounds = TCPOptions.Limits()
        // Commands are bounded before they come to the socket; this must never be what refuses them.
        bounds.maximumOutput = .max
        bounds.highWatermark = .max
        var timeouts = TCPOptions.Timeouts()
        timeouts.idle = nil
        timeouts.handshake = limits.connectTimeout
        return TCPOptions(limits: bounds, timeouts: timeouts)
    }
}
