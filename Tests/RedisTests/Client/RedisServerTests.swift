import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A client of a real redis-server", .ownThread)
struct RedisServerTests {
    @Test("gets what it asks for: values, numbers, lists, refusals")
    func values() async throws {
        let server = try RedisServer()
        try await withClient(.local(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            #expect(await stage.ask("SET k v", isolation: actor) == .success(.status("OK")))
            #expect(await stage.ask("GET k", isolation: actor) == .success(.bytes(SharedBytes("v"))))
            #expect(await stage.ask("GET none", isolation: actor) == .success(.null))
            #expect(await stage.ask("RPUSH l a b", isolation: actor) == .success(.integer(2)))
            let list = RedisReply.list([.bytes(SharedBytes("a")), .bytes(SharedBytes("b"))])
            #expect(await stage.ask("LRANGE l 0 -1", isolation: actor) == .success(list))
            guard case .failure(.refused(let error)) = await stage.ask("INCR k", isolation: actor) else {
                Issue.record("a text was counted up")
                return
            }
            #expect(error.text == "ERR value is not an integer or out of range")
            #expect(stage.text(of: "sluice_redis_commands_total{result=\"answered\"}").hasSuffix(" 5"))
            #expect(stage.text(of: "sluice_redis_commands_total{result=\"refused\"}").hasSuffix(" 1"))
            #expect(stage.text(of: "sluice_redis_answer_seconds_count") == "sluice_redis_answer_seconds_count 6")
            #expect(stage.text(of: "sluice_redis_commands_waiting") == "sluice_redis_commands_waiting 0")
            #expect(stage.text(of: "sluice_redis_up") == "sluice_redis_up 1")
        }
    }

    @Test("answers ten thousand pipelined commands in their order, and large values whole")
    func pipeline() async throws {
        let server = try RedisServer()
        try await withClient(.local(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var numbers: [Outcome] = []
            for _ in 0..<10_000 { stage.client.send(RedisCommand("INCR", "n")) { numbers.append($0) } }
            let value = SharedBytes(StreamPattern.bytes(from: 0, count: 3_000_000))
            let stored = await stage.ask(RedisCommand("SET", "large", RedisWord(value)), isolation: actor)
            #expect(stored == .success(.status("OK")))
            #expect(numbers == (1...10_000).map { .success(.integer($0)) })
            #expect(await stage.ask("GET large", isolation: actor) == .success(.bytes(value)))
        }
    }

    @Test("comes back by itself when the server was killed and starts again on its port")
    func restart() async throws {
        let server = try RedisServer()
        try await withClient(.local(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            for round in 2...3 {
                try await offLoop { server.kill() }
                try await actor.wait(for: "the end") { !stage.client.isUp }
                #expect(await stage.ask("PING", isolation: actor) == .failure(.unavailable))
                try await offLoop { try server.restart() }
                try await stage.waitUntilUp(times: round, isolation: actor)
                #expect(await stage.ask("PING", isolation: actor) == .success(.status("PONG")))
            }
            #expect(!stage.text(of: "sluice_redis_reconnects_total").hasSuffix(" 0"))
        }
    }

    @Test("notices a server that stands still, and goes on when that does")
    func frozen() async throws {
        let server = try RedisServer()
        let settings = RedisSettings.local(server.port) { session in
            session.limits.commandTimeout = .milliseconds(500)
            session.limits.pingInterval = .milliseconds(100)
            session.limits.connectTimeout = .seconds(1)
            // Otherwise the kernel's half of the connection would pass for the server.
            session.name = "sluice"
        }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            server.freeze()
            try await actor.wait(for: "the end") { !stage.client.isUp }
            #expect(stage.listener.firstReason == .late(.milliseconds(500)))
            server.thaw()
            try await stage.waitUntilUp(times: 2, isolation: actor)
        }
    }

    @Test("selects its database and shows its name")
    func database() async throws {
        let server = try RedisServer()
        let settings = RedisSettings.local(server.port) { session in
            session.database = 5
            session.name = "sluice-test"
        }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            _ = await stage.ask("SET k v", isolation: actor)
            #expect(await stage.ask("CLIENT GETNAME", isolation: actor) == .success(.bytes(SharedBytes("sluice-test"))))
        }
        #expect(try server.ask("INFO keyspace").contains("db5:keys=1"))
    }

    @Test("is found by its name in a URL")
    func name() async throws {
        let server = try RedisServer(["requirepass p@ss"])
        let settings = try RedisSettings(RedisURL("redis://:p%40ss@localhost:\(server.port)/2"))
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            #expect(await stage.ask("CLIENT GETNAME", isolation: actor) == .success(.bytes(SharedBytes("sluice"))))
        }
    }

    static let access: [(lines: [String], user: String?, password: String?, refusal: String?)] = [
        (["requirepass s3cret"], nil, "s3cret", nil),
        (["requirepass s3cret"], nil, "wrong", "WRONGPASS"),
        (["requirepass s3cret"], nil, nil, "NOAUTH"),
        (["user alice on >s3cret ~* +@all", "user default off"], "alice", "s3cret", nil),
        (["user alice on >s3cret ~* +@all", "user default off"], "alice", "wrong", "WRONGPASS"),
        (["user alice on >s3cret ~* +ping", "user default off"], "alice", "s3cret", nil),
    ]

    @Test("is let in with the right password alone", arguments: access)
    func letIn(lines: [String], user: String?, password: String?, refusal: String?) async throws {
        let server = try RedisServer(lines)
        let settings = RedisSettings.local(server.port) { session in
            session.name = "sluice"
            session.credentials = password.map { RedisCredentials(user: user, password: Secret($0)) }
        }
        try await withClient(settings) { stage, actor in
            if let refusal {
                try await actor.wait(for: "a refusal") { stage.listener.firstReason != nil }
                guard case .refused(let error) = stage.listener.firstReason else {
                    Issue.record("\(stage.listener.heard)")
                    return
                }
                #expect(error.code == refusal)
            } else {
                try await stage.waitUntilUp(isolation: actor)
                #expect(await stage.ask("PING", isolation: actor) == .success(.status("PONG")))
            }
        }
    }

    @Test("speaks TLS, to a server that proves its name and to no other", arguments: ["127.0.0.1", "redis.example"])
    func security(name: String) async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue("redis.example")
        let server = try RedisServer(
            ["tls-cert-file server.pem", "tls-key-file server.key", "tls-ca-cert-file ca.pem"],
            files: [
                "server.pem": certificate.chain, "server.key": certificate.privateKey, "ca.pem": authority.certificate,
            ],
            isSecure: true)
        let url = "rediss://127.0.0.1:\(server.port)?ca=\(server.directory.path)/ca.pem&servername=\(name)"
        var limits = RedisLimits()
        limits.backoff.longest = .milliseconds(100)
        let settings = try RedisSettings(RedisURL(url), limits: limits)
        try await withClient(settings) { stage, actor in
            if name == "redis.example" {
                try await stage.waitUntilUp(isolation: actor)
                #expect(await stage.ask("PING", isolation: actor) == .success(.status("PONG")))
            } else {
                try await actor.wait(for: "a refusal") { stage.listener.firstReason != nil }
                guard case .unreachable(.failed(let attempts)) = stage.listener.firstReason,
                    case .tls(let error) = attempts.first?.reason
                else {
                    Issue.record("\(stage.listener.heard)")
                    return
                }
                #expect("\(error)".contains("IP address mismatch"), "\(error)")
            }
        }
    }

    @Test("runs a script that the server does not have yet, or has forgotten")
    func scripts() async throws {
        let server = try RedisServer()
        let script = RedisScript("return {KEYS[1], ARGV[1]}")
        let expected = RedisReply.list([.bytes(SharedBytes("k")), .bytes(SharedBytes("7"))])
        try await withClient(.local(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            for _ in 0..<2 {
                for _ in 0..<2 {
                    let answer: Outcome = await actor.wait { _, finished in
                        stage.client.run(script, key: "k", arguments: [7], then: finished)
                        return {}
                    }
                    #expect(answer == .success(expected))
                }
                #expect(
                    await stage.ask("SCRIPT EXISTS \(script.digest)", isolation: actor)
                        == .success(.list([.integer(1)])))
                #expect(await stage.ask("SCRIPT FLUSH", isolation: actor) == .success(.status("OK")))
            }
            // Once for each time that it was not there.
            #expect(stage.text(of: "sluice_redis_commands_total{result=\"refused\"}").hasSuffix(" 2"))
            let wrong: Outcome = await actor.wait { _, finished in
                stage.client.run(RedisScript("return redis.error_reply('MINE now')"), key: "k", then: finished)
                return {}
            }
            #expect(wrong == .failure(.refused(RedisError("MINE now"))))
        }
    }
}
