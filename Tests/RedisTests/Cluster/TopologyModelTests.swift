import Bytes
import Redis
import RedisModel
import TestKit
import Testing

@Suite("What servers say of each other")
struct TopologyModelTests {
    @Test("is taken within its bounds, or not at all", arguments: 0..<8 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<60 {
            let entries = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.entry(&random) }
            try checkTopology(.list(entries))
            try checkTopology(
                .error(RedisError("MOVED \(Self.number(&random)) \(Self.host(&random)):\(Self.port(&random))")))
            try checkTopology(.bytes(SharedBytes("main a 1 \(Self.host(&random)) \(Self.port(&random))")))
        }
    }

    /// Mostly a good one.
    private static func entry(_ random: inout SplitMix) -> RedisReply {
        let first = number(&random)
        var parts: [RedisReply] = [.integer(first), .integer(first + Int64.random(in: -1...9_000, using: &random))]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let host = RedisReply.bytes(SharedBytes(host(&random)))
            parts.append(.list([host, .integer(port(&random)), .null]))
        }
        if Int.random(in: 0..<9, using: &random) == 0 { parts[Int.random(in: 0..<parts.count, using: &random)] = .null }
        return .list(parts)
    }

    private static func number(_ random: inout SplitMix) -> Int64 { .random(in: -2...16_400, using: &random) }

    private static func host(_ random: inout SplitMix) -> String {
        ["127.0.0.1", "::1", "", "?", "a.local", "a b", "-"].randomElement(using: &random) ?? ""
    }

    private static func port(_ random: inout SplitMix) -> Int64 { .random(in: -1...5, using: &random) }
}
