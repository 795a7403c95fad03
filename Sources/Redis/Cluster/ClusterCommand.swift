import Bytes

typealias RedisResult = Result<RedisReply, RedisFailure>

/// A command on its way through a cluster, from node to node.
final class ClusterCommand {
    let command: RedisCommand
    /// Nil where any node will do.
    let slot: RedisSlot?
    /// From here on it is not repeated.
    let deadline: Instant
    /// How often other nodes may still be asked.
    var redirectionsLeft: Int
    /// Whether `ASKING` goes in front, the next time.
    var isAsking = false
    private let then: (RedisResult) -> Void

    init(
        _ command: RedisCommand, slot: RedisSlot?, deadline: Instant, redirections: Int,
        then: @escaping (RedisResult) -> Void
    ) {
        self.command = command
        self.slot = slot
        self.deadline = deadline
        redirectionsLeft = redirections
        self.then = then
    }

    func end(_ result: RedisResult) { then(result) }
}
