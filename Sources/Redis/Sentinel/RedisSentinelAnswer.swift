import Bytes

/// What sentinels say of nodes.
package enum RedisSentinelAnswer {
    /// The primary, of `SENTINEL GET-MASTER-ADDR-BY-NAME`; nil where they know none of that name.
    package static func primary(_ reply: RedisReply) -> RedisEndpoint? {
        guard case .list(let words) = reply, words.count == 2 else { return nil }
        return node(words[0].text, words[1].text)
    }

    /// The other sentinels, of `SENTINEL SENTINELS`: lists of names and values. Those that cannot be understood are
    /// passed over, and so is what comes after `maximum`.
    package static func sentinels(_ reply: RedisReply, maximum: Int) -> [RedisEndpoint] {
        guard case .list(let entries) = reply else { return [] }
        return entries.prefix(maximum).compactMap { entry in
            guard case .list(let words) = entry else { return nil }
            var host: String?
            var port: String?
            for position in stride(from: 0, to: words.count - 1, by: 2) {
                switch words[position].text {
                case "ip": host = words[position + 1].text
                case "port": port = words[position + 1].text
                default: break
                }
            }
            return node(host, port)
        }
    }

    private static func node(_ host: String?, _ port: String?) -> RedisEndpoint? {
        guard let host, let port = port.flatMap({ Int($0) }) else { return nil }
        return RedisEndpoint(host: host, port: port)
    }
}

/// What sentinels publish at `+switch-master`: another server is the primary from now on.
package struct RedisPrimaryChange: Equatable, Sendable {
    package static let channel = "+switch-master"

    /// Of the primary and its replicas together.
    package let name: String
    package let primary: RedisEndpoint

    /// Of `name old-host old-port new-host new-port`.
    package init?(message: RawSpan) {
        let words = String(copying: message).split(separator: " ", maxSplits: 5)
        guard words.count == 5, let port = Int(words[4]), let node = RedisEndpoint(host: String(words[3]), port: port)
        else { return nil }
        name = String(words[0])
        primary = node
    }
}
