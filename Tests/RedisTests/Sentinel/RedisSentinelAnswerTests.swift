import Bytes
import Redis
import TestKit
import Testing

@Suite("What sentinels say")
struct RedisSentinelAnswerTests {
    private static func list(_ words: String...) -> RedisReply { .list(words.map { .bytes(SharedBytes($0)) }) }

    @Test("is where the primary is")
    func primary() {
        #expect(
            RedisSentinelAnswer.primary(Self.list("127.0.0.1", "6379")) == RedisEndpoint(host: "127.0.0.1", port: 6_379)
        )
        #expect(RedisSentinelAnswer.primary(Self.list("::1", "6379")) == RedisEndpoint(host: "::1", port: 6_379))
        #expect(
            RedisSentinelAnswer.primary(Self.list("redis-0.svc", "6379"))
                == RedisEndpoint(host: "redis-0.svc", port: 6_379)
        )
    }

    @Test(
        "is nothing where it is of another form",
        arguments: [
            .null, .list([]), list("127.0.0.1"), list("127.0.0.1", "0"), list("127.0.0.1", "x"), list("a b", "1"),
            list("127.0.0.1", "1", "2"), .error(RedisError("IDONTKNOW")), .list([.null, .null]),
        ] as [RedisReply])
    func none(reply: RedisReply) { #expect(RedisSentinelAnswer.primary(reply) == nil) }

    @Test("is where the other sentinels are, as far as it can be understood, and no more than so many")
    func sentinels() {
        let reply = RedisReply.list([
            Self.list("name", "a", "ip", "10.0.0.1", "port", "26379", "runid", "x"), Self.list("name", "b"), .null,
            Self.list("port", "26380", "ip", "fd00::1", "half"), Self.list("ip", "10.0.0.3", "port", "26381"),
        ])
        #expect(
            RedisSentinelAnswer.sentinels(reply, maximum: 10).map(\.description)
                == ["10.0.0.1:26379", "[fd00::1]:26380", "10.0.0.3:26381"])
        #expect(RedisSentinelAnswer.sentinels(reply, maximum: 1).map(\.description) == ["10.0.0.1:26379"])
        #expect(RedisSentinelAnswer.sentinels(.null, maximum: 1).isEmpty)
    }

    @Test("is that another server is the primary now")
    func change() {
        let change = RedisPrimaryChange(message: "main 127.0.0.1 6379 127.0.0.1 6380".bytes.rawSpan)
        #expect(change?.name == "main")
        #expect(change?.primary == RedisEndpoint(host: "127.0.0.1", port: 6_380))
        for text in ["", "main", "main a 1 b", "main a 1 b x", "main a 1 b 0", "main a 1 b 2 c"] {
            let change = RedisPrimaryChange(message: text.bytes.rawSpan)
            #expect(change == nil, "\(text)")
        }
    }
}

@Suite("The role of a server")
struct RedisRoleTests {
    @Test(
        "is its answer's first word",
        arguments: [("master", .primary), ("slave", .replica), ("sentinel", .sentinel), ("other", nil)]
            as [(String, RedisRole?)])
    func role(word: String, role: RedisRole?) {
        #expect(RedisRole(.list([.bytes(SharedBytes(word)), .integer(3_129_659)])) == role)
        #expect(RedisRole(.bytes(SharedBytes(word))) == nil)
        #expect(RedisRole(.list([])) == nil)
    }
}
