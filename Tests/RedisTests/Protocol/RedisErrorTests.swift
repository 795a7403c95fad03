import Redis
import Testing

@Suite("A refusal of Redis")
struct RedisErrorTests {
    @Test(
        "is of the kind that its first word says",
        arguments: [("MOVED 3999 127.0.0.1:6381", "MOVED"), ("OOM", "OOM"), ("", "")])
    func code(text: String, code: String) { #expect(RedisError(text).code == code) }

    private static let old = "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -"

    @Test(
        "is the server's where it takes nothing now, also inside of a script",
        arguments: [
            ("OOM command not allowed when used memory > 'maxmemory'.", "OOM", true),
            (old + "OOM command not allowed when used memory > 'maxmemory'.", "OOM", true),
            (old + "READONLY You can't write against a read only replica.", "READONLY", true),
            ("MISCONF Errors writing to the AOF file: No space left on device", "MISCONF", true),
            ("NOREPLICAS Not enough good replicas to write.", "NOREPLICAS", true),
            ("NOPERM this user has no permissions to run the 'evalsha' command", "NOPERM", true),
            (
                "ERR The user executing the script can't run this command or subcommand script: 1, on @user_script:9",
                "ERR", true
            ),
            ("ERR ACL failure in script: User default has no permissions to run the 'hset' command", "ERR", true),
            ("LOADING Redis is loading the dataset in memory", "LOADING", true),
            ("ERR user_script:3: attempt to compare nil with number", "ERR", false),
            ("ERR a: -OOM", "ERR", false), ("WRONGTYPE Operation against a key", "WRONGTYPE", false), ("", "", false),
            ("ERR Error running script (call to f_1): @user_script:9: wrong", "ERR", false),
        ])
    func cause(text: String, cause: String, isOfServer: Bool) {
        #expect(RedisError(text).cause == cause && RedisError(text).isOfServer == isOfServer)
    }
}
