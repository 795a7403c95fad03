import Redis
import Testing

@Suite("A refusal of Redis")
struct RedisErrorTests {
    @Test(
        "is of the kind that its first word says",
        arguments: [("MOVED 3999 127.0.0.1:6381", "MOVED"), ("OOM", "OOM"), ("", "")])
    func code(text: String, code: String) { #expect(RedisError(text).code == code) }
}
