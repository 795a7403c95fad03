/// What a server is at present, as it answers to `ROLE`.
package enum RedisRole: Equatable, Sendable {
    case primary
    case replica
    case sentinel

    package init?(_ reply: RedisReply) {
        guard case .list(let words) = reply else { return nil }
        switch words.first?.text {
        case "master": self = .primary
        case "slave": self = .replica
        case "sentinel": self = .sentinel
        default: return nil
        }
    }
}
