import Bytes
package import Redis
package import TestKit

/// What must always hold of what servers say of each other: whatever it is, it is understood within its bounds or not
/// at all, and a map that is taken has nodes for its slots.
package func checkTopology(_ reply: RedisReply) throws(BrokenInvariant) {
    let asked = RedisEndpoint(host: "127.0.0.1", port: 6_379)!
    if case .error(let error) = reply { try checkRedirection(error, asked) }
    if let text = reply.text {
        try checkRedirection(RedisError(text), asked)
        if let change = RedisPrimaryChange(message: text.bytes.rawSpan) {
            try require(change.primary.port > 0 && !change.name.contains(" "), "\(change)")
        }
    }
    try require(RedisSentinelAnswer.sentinels(reply, maximum: 3).count <= 3, "too many sentinels")
    try require(RedisSentinelAnswer.primary(reply).map { $0.port > 0 } ?? true, "a primary without a port")
    _ = RedisRole(reply)
    var limits = RedisSlotMap.Limits()
    limits.maximumNodes = 3
    guard var map = try? RedisSlotMap(slots: reply, asked: asked, limits: limits) else { return }
    try require(map.nodes.count <= 3 && Set(map.nodes).count == map.nodes.count, "nodes: \(map.nodes)")
    try require(map.primaries.isSubset(of: map.nodes), "primaries: \(map.primaries), nodes \(map.nodes)")
    let owners = (0..<RedisSlot.count).compactMap { map[RedisSlot($0)!] }
    try require(Set(owners) == map.primaries, "owners: \(Set(owners)), primaries \(map.primaries)")
    try require(map.isComplete == (owners.count == RedisSlot.count), "\(owners.count) slots have owners")
    let moved = map.move(RedisSlot(7)!, to: asked)
    try require(moved == (map[RedisSlot(7)!] == asked), "moved: \(moved)")
}

/// The same of every reply in an input.
package func checkTopology(_ input: [UInt8]) throws(BrokenInvariant) {
    for reply in readReplies([input], limits: RedisReader.Limits()).replies { try checkTopology(reply) }
}

private func checkRedirection(_ error: RedisError, _ asked: RedisEndpoint) throws(BrokenInvariant) {
    switch RedisRedirection(error, asked: asked) {
    case .moved(_, let target), .ask(_, let target): try require(target.port > 0, "\(error) leads to \(target)")
    case .tryAgain, .clusterDown, .loading, .readOnly, .primaryLost, nil: break
    }
}
