import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A primary that sentinels name", .ownThread)
struct SentinelTopologyTests {
    private static func wire(_ words: String...) -> String {
        "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }

    private static let question =
        wire("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main") + wire("SENTINEL", "SENTINELS", "main")

    /// A sentinel that answers this, and ends every connection on which it is asked for anything else.
    private static func sentinel(_ answer: String) throws -> ScriptedServer {
        try ScriptedServer([.expect(question), .say(answer), .outlast])
    }

    private static func sentinel(of primary: ScriptedServer) throws -> ScriptedServer {
        try sentinel(wire("127.0.0.1", "\(primary.port)") + "*0\r\n")
    }

    @Test(
        "is asked for its role before it gets commands",
        arguments: [
            (wire("master"), nil), (wire("slave"), .notPrimary), (wire("sentinel"), .notPrimary),
            (":1\r\n", .notPrimary),
            ("-ERR no\r\n", .refused(RedisError("ERR no"))), ("-NOPERM no\r\n", nil),
        ] as [(String, RedisDisconnect?)])
    func role(answer: String, end: RedisDisconnect?) async throws {
        let primary = try ScriptedServer([.expect(Self.wire("ROLE")), .say(answer), .outlast])
        let sentinel = try Self.sentinel(of: primary)
        try await withClient(RedisSettings.sentinels([sentinel.port])) { stage, actor in
            try await actor.wait(for: "a decision") { !stage.listener.heard.isEmpty }
            #expect(stage.listener.heard.first == end.map { .down($0) } ?? .up)
            #expect(stage.client.isUp == (end == nil))
        }
    }

    @Test(
        "is left where it says that it is none, and not where it has something else to say",
        arguments: [
            ("READONLY no", .unavailable, true), ("MASTERDOWN no", .unavailable, true),
            ("LOADING yet", .unavailable, false), ("ERR no", .refused(RedisError("ERR no")), false),
        ] as [(String, RedisFailure, Bool)])
    func refusals(words: String, failure: RedisFailure, leaves: Bool) async throws {
        let primary = try ScriptedServer([
            .expect(Self.wire("ROLE")), .say(Self.wire("master")),
            .expect(Self.wire("DEL", "a") + Self.wire("DEL", "b")),
            .say("-\(words)\r\n:1\r\n"), .outlast,
        ])
        let sentinel = try Self.sentinel(of: primary)
        try await withClient(RedisSettings.sentinels([sentinel.port])) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var first: Outcome?
            stage.client.send(RedisCommand("DEL", "a")) { first = $0 }
            // What was answered with it is an answer.
            #expect(await stage.ask("DEL b", isolation: actor) == .success(.integer(1)))
            #expect(first == .failure(failure))
            guard leaves else { return #expect(stage.client.isUp) }
            try await actor.wait(for: "the end") { stage.listener.firstReason != nil }
            #expect(stage.listener.firstReason == .notPrimary)
        }
    }

    @Test(
        "is nowhere where nobody knows it",
        arguments: [
            ("*-1\r\n-ERR No such master with that name\r\n", .nowhere(.primary(RedisSentinels.name))),
            ("-IDONTKNOW\r\n*0\r\n", .refused(RedisError("IDONTKNOW"))),
            ("*1\r\n$1\r\na\r\n*0\r\n", .nowhere(.primary(RedisSentinels.name))),
        ] as [(String, RedisDisconnect)])
    func nowhere(answer: String, reason: RedisDisconnect) async throws {
        let sentinel = try Self.sentinel(answer)
        try await withClient(RedisSettings.sentinels([sentinel.port])) { stage, actor in
            #expect(await stage.ask("PING", isolation: actor) == .failure(.unavailable))
            try await actor.wait(for: "an attempt") { stage.listener.firstReason != nil }
            #expect(stage.listener.firstReason == reason)
        }
    }

    @Test("is found by the sentinel that another has told of")
    func learnt() async throws {
        let primary = try ScriptedServer([.expect(Self.wire("ROLE")), .say(Self.wire("master")), .close])
        let other = try Self.sentinel(of: primary)
        let address = Self.wire("127.0.0.1", "\(primary.port)")
        let told = "*1\r\n" + Self.wire("ip", "127.0.0.1", "port", "\(other.port)")
        // Once, and then never again.
        let first = try ScriptedServer([.expect(Self.question), .say(address + told), .outlast], [.close])
        try await withClient(RedisSettings.sentinels([first.port])) { stage, actor in
            try await stage.waitUntilUp(times: 3, isolation: actor)
        }
        #expect(other.events.events.contains("accepted"))
    }
}
