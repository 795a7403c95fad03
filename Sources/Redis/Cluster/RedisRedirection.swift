import Reactor

/// A refusal that says where else, or when, a command would be carried out.
package enum RedisRedirection: Equatable, Sendable {
    /// Another node has the slot, for good.
    case moved(RedisSlot, to: RedisEndpoint)
    /// Another node has this key already, while the slot moves: ask there, once, with `ASKING` in front.
    case ask(RedisSlot, at: RedisEndpoint)
    /// Some of the keys have moved and some have not.
    case tryAgain
    /// The cluster has no majority, or nobody has the slot.
    case clusterDown
    /// The server is reading its data in.
    case loading
    /// The server is a replica: it was the primary, or was thought to be.
    case readOnly
    /// The server is a replica that has lost its primary.
    case primaryLost

    /// Nil for any other refusal, and for a redirection that leads nowhere. `asked` is who refuses: the host that it
    /// means where it names none.
    package init?(_ error: RedisError, asked: RedisEndpoint) {
        switch error.cause {
        case "MOVED":
            guard let (slot, node) = Self.target(error, asked) else { return nil }
            self = .moved(slot, to: node)
        case "ASK":
            guard let (slot, node) = Self.target(error, asked) else { return nil }
            self = .ask(slot, at: node)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN": self = .clusterDown
        case "LOADING": self = .loading
        case "READONLY": self = .readOnly
        case "MASTERDOWN": self = .primaryLost
        default: return nil
        }
    }

    /// `MOVED 3999 127.0.0.1:6381`; the address may be an IPv6 one without brackets.
    private static func target(_ error: RedisError, _ asked: RedisEndpoint) -> (RedisSlot, RedisEndpoint)? {
        let words = error.text.split(separator: " ", maxSplits: 3)
        guard words.count >= 3, let number = Int(words[1]), let slot = RedisSlot(number),
            let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...])
        else { return nil }
        let host = words[2][..<colon]
        let node = RedisEndpoint(host: host.isEmpty ? asked.host.description : String(host), port: port)
        return node.map { (slot, $0) }
    }
}
