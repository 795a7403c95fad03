package import Reactor
package import Telemetry

/// Where a server listens.
package struct RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let port: UInt16

    package static let defaultPort: UInt16 = 6379
    package static let sentinelPort: UInt16 = 26379

    package init(_ host: HostName, port: UInt16 = RedisEndpoint.defaultPort) {
        self.host = host
        self.port = port
    }

    package var description: String {
        if case .address(.v6) = host { "[\(host)]:\(port)" } else { "\(host):\(port)" }
    }
}

/// What a server is told to let a client in.
package struct RedisCredentials: Sendable {
    /// Nil for the server's one password (`requirepass`), which is that of the user `default`.
    package let user: String?
    package let password: Secret<String>

    package init(user: String? = nil, password: Secret<String>) {
        self.user = user
        self.password = password
    }
}
