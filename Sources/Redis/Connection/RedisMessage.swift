package import Bytes

/// What was published on a channel that one has subscribed to.
package struct RedisMessage: Sendable, Equatable {
    package let channel: String
    package let payload: SharedBytes

    package init(channel: String, payload: SharedBytes) {
        self.channel = channel
        self.payload = payload
    }

    /// Nil for any other reply.
    init?(_ reply: RedisReply) {
        guard case .list(let elements) = reply, elements.count == 3, case .bytes(let kind) = elements[0],
            case .bytes(let channel) = elements[1], case .bytes(let payload) = elements[2],
            kind.bytes.equals(text: "message")
        else { return nil }
        self.init(channel: String(copying: channel.bytes), payload: payload)
    }
}
