package import Reactor

/// Where a server listens, as a setting or another server says.
package struct RedisNode: Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let port: UInt16

    package init(host: HostName, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Nil where `host` is neither a name nor an address, or nobody can listen at `port`.
    package init?(host: String, port: Int) {
        guard let port = UInt16(exactly: port), port > 0, let host = HostName(host) else { return nil }
        self.init(host: host, port: port)
    }

    package var description: String {
        if case .address(.v6) = host { "[\(host)]:\(port)" } else { "\(host):\(port)" }
    }
}
