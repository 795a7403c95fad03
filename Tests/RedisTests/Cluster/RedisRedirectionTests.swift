import Redis
import Testing

@Suite("A redirection of a cluster")
struct RedisRedirectionTests {
    private static let asked = RedisEndpoint(host: "10.0.0.9", port: 7009)!

    private static func read(_ text: String) -> RedisRedirection? { RedisRedirection(RedisError(text), asked: asked) }

    @Test(
        "names a slot and a node",
        arguments: [
            ("3999 127.0.0.1:6381", 3_999, "127.0.0.1:6381"), ("0 ::1:6381", 0, "[::1]:6381"),
            ("16383 fd00::1:2:6381", 16_383, "[fd00::1:2]:6381"), ("1 redis-3.local:1", 1, "redis-3.local:1"),
            ("1 :6381", 1, "10.0.0.9:6381"),
        ])
    func target(words: String, slot: Int, node: String) throws {
        guard case .moved(let moved, let to)? = Self.read("MOVED " + words) else { throw NotRead() }
        #expect(moved == RedisSlot(slot))
        #expect("\(to)" == node)
        guard case .ask(let asked, let at)? = Self.read("ASK " + words) else { throw NotRead() }
        #expect(asked == moved)
        #expect(at == to)
    }

    @Test(
        "that leads nowhere is none",
        arguments: [
            "", "3999", "3999 ", "3999 127.0.0.1", "3999 127.0.0.1:", "3999 127.0.0.1:0", "3999 127.0.0.1:65536",
            "16384 127.0.0.1:1", "-1 127.0.0.1:1", "x 127.0.0.1:1", "1 ?:6381", "1 a/b:6381", "1 :",
        ])
    func nowhere(words: String) {
        #expect(Self.read("MOVED " + words) == nil)
        #expect(Self.read("ASK " + words) == nil)
    }

    @Test("may be a matter of time or of the server's part")
    func others() {
        #expect(Self.read("TRYAGAIN Multiple keys request during rehashing of slot") == .tryAgain)
        #expect(Self.read("CLUSTERDOWN The cluster is down") == .clusterDown)
        #expect(Self.read("LOADING Redis is loading the dataset in memory") == .loading)
        #expect(Self.read("READONLY You can't write against a read only replica.") == .readOnly)
        #expect(Self.read("MASTERDOWN Link with MASTER is down") == .primaryLost)
        #expect(Self.read("ERR unknown command") == nil)
        #expect(Self.read("") == nil)
    }

    private struct NotRead: Error {}
}
