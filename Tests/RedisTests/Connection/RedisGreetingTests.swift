import Bytes
import Glibc
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("The opening exchange")
struct RedisGreetingTests {
    static let full =
        "*3\r\n$4\r\nAUTH\r\n$5\r\nalice\r\n$7\r\nhunter2\r\n" + "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
        + "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$6\r\nsluice\r\n"

    static func settings(_ port: UInt16) -> RedisSettings {
        .local(port) { session in
            session.credentials = RedisCredentials(user: "alice", password: Secret("hunter2"))
            session.database = 3
            session.name = "sluice"
        }
    }

    static let good = [
        "+OK\r\n+OK\r\n+OK\r\n",
        "+OK\r\n+OK\r\n-NOPERM this user has no permissions to run the 'client|setname' command\r\n",
        "+OK\r\n+OK\r\n-ERR unknown command 'CLIENT'\r\n",
    ]

    @Test("says user, database and name at once, and the name may be refused", arguments: good)
    func accepted(answers: String) async throws {
        let server = try ScriptedServer([
            .expect(Self.full), .say(answers), .expect(RedisConnectionTests.ping), .say("+PONG\r\n"), .outlast,
        ])
        try await withClient(Self.settings(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            #expect(await stage.ask("PING", isolation: actor) == .success(.status("PONG")))
        }
    }

    static let bad: [(String, String)] = [
        (
            "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
            "WRONGPASS invalid username-password pair or user is disabled."
        ),
        (
            "-ERR unknown command 'AUTH', with args beginning with: 'alice' 'hunter2' \r\n",
            "ERR unknown command 'AUTH'"
        ),
        ("-ERR what is hunter2?\r\n", "ERR what is <redacted>?"),
        ("+OK\r\n-ERR DB index is out of range\r\n", "ERR DB index is out of range"),
        ("+OK\r\n+OK\r\n-NOAUTH Authentication required.\r\n", "NOAUTH Authentication required."),
    ]

    @Test("that is refused is told in the server's words, without the password", arguments: bad)
    func refused(answers: String, words: String) async throws {
        let server = try ScriptedServer([.expect(Self.full), .say(answers), .outlast])
        let directory = try TemporaryDirectory()
        let path = try directory.write("", to: "log")
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(descriptor) }
        let sink = try LogSink(to: descriptor, format: .text)
        try await withClient(Self.settings(server.port), log: sink.logger(LogSubsystem("redis"))) { stage, actor in
            try await actor.wait(for: "a refusal") { stage.listener.firstReason != nil }
            #expect(stage.listener.firstReason == .refused(RedisError(words)))
            #expect(stage.listener.ups == 0)
        }
        #expect(sink.close(within: .seconds(20)))
        let written = try FileOperation.contents(of: path, maximum: 65_536).now()
        let text = String(copying: written.bytes)
        #expect(text.contains("redis is down") && !text.contains("hunter2"), "\(text)")
    }

    @Test("has no password in anything that is printed")
    func secrecy() {
        let settings = Self.settings(1)
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(text.contains("alice") && !text.contains("hunter2"), "\(text)")
        }
    }
}
