import Bytes
import Redis
import TestKit
import Testing

@Suite("A slot of a cluster")
struct RedisSlotTests {
    @Test(
        "is what redis-server says it is",
        arguments: [
            ("123456789", 0x31C3 % 16_384), ("foo", 12_182), ("bar", 5_061), ("hello", 866), ("", 0),
            ("sluice:{vhost/app/stream}:claim", 3_260),
        ])
    func golden(key: String, slot: Int) {
        let found = RedisSlot(of: key.bytes.rawSpan)
        #expect(found == RedisSlot(slot))
    }

    @Test(
        "is that of what stands between the first brace and the next that closes it",
        arguments: [
            ("{user1000}.following", "user1000"), ("{user1000}.followers", "user1000"), ("foo{bar}{zap}", "bar"),
            ("foo{{bar}}zap", "{bar"),
        ])
    func tag(key: String, tag: String) {
        let found = RedisSlot(of: key.bytes.rawSpan)
        let expected = RedisSlot(of: tag.bytes.rawSpan)
        #expect(found == expected)
    }

    @Test(
        "is that of the whole key where the braces hold nothing",
        arguments: [
            ("foo{}{bar}", 8_363), ("{}", 15_257), ("a}b{c", 13_587), ("{", 4_092), ("}{x}", 16_287),
        ])
    func noTag(key: String, slot: Int) {
        let found = RedisSlot(of: key.bytes.rawSpan)
        #expect(found == RedisSlot(slot))
    }

    @Test("has a number below 16,384", arguments: [(-1, false), (0, true), (16_383, true), (16_384, false)])
    func bounds(number: Int, isSlot: Bool) { #expect((RedisSlot(number) != nil) == isSlot) }
}
