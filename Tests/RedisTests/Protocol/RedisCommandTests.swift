import Bytes
import Redis
import Testing

@Suite("A command of Redis")
struct RedisCommandTests {
    static let commands: [(RedisCommand, String)] = [
        (RedisCommand("PING"), "*1\r\n$4\r\nPING\r\n"),
        (RedisCommand("SET", "k", ""), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"),
        (RedisCommand("EXPIRE", "k", 10), "*3\r\n$6\r\nEXPIRE\r\n$1\r\nk\r\n$2\r\n10\r\n"),
        (RedisCommand([RedisWord(SharedBytes([13, 10, 0]))]), "*1\r\n$3\r\n\r\n\0\r\n"),
        (RedisCommand("", "ü"), "*2\r\n$0\r\n\r\n$2\r\nü\r\n"),
    ]

    @Test("is written word by word, each with its length", arguments: commands)
    func wire(command: RedisCommand, expected: String) {
        #expect(String(copying: command.wire.bytes) == expected)
    }

    @Test("shows none of its words when it is printed")
    func secrecy() {
        let command = RedisCommand("AUTH", "hunter2")
        var dumped = ""
        dump(command, to: &dumped)
        for text in ["\(command)", String(reflecting: command), dumped] { #expect(!text.contains("hunter2")) }
    }

    @Test("of a script names the script's digest, its keys and its arguments")
    func script() {
        // The digest is what `SCRIPT LOAD` of a server gives.
        let script = RedisScript("return 1")
        #expect(script.digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        let wire = String(copying: script.byDigest(["k"], ["a", 2]).wire.bytes)
        let words = [("7", "EVALSHA"), ("40", script.digest), ("1", "1"), ("1", "k"), ("1", "a"), ("1", "2")]
        #expect(wire == "*6\r\n" + words.map { "$\($0)\r\n\($1)\r\n" }.joined())
        #expect(
            String(copying: script.bySource([], []).wire.bytes) == "*3\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n0\r\n")
    }
}
