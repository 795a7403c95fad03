import Reactor

extension RedisEndpoint {
    /// As another server says it; nil where `host` is neither a name nor an address, or nobody can listen at `port`.
    package init?(host: String, port: Int) {
        guard let port = UInt16(exactly: port), port > 0, let host = HostName(host) else { return nil }
        self.init(host, port: port)
    }
}
