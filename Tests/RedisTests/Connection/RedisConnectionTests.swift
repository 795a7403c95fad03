import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A connection to a scripted server")
struct RedisConnectionTests {
    static let ping = "*1\r\n$4\r\nPING\r\n"

    @Test("gives answers to commands in their order, however they come")
    func order() async throws {
        let server = try ScriptedServer([
            .expect(Self.ping + Self.ping + Self.ping), .say("+a\r\n$4\r\nb"), .drip("\r\nb\r\n:3\r\n"), .outlast,
        ])
        let answers = try await withClient(.local(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var answers: [Outcome] = []
            for _ in 0..<3 { stage.client.send(RedisCommand("PING")) { answers.append($0) } }
            #expect(answers.isEmpty, "never inside the call")
            try await actor.wait(for: "answers") { answers.count == 3 }
            return answers
        }
        #expect(answers == [.success(.status("a")), .success(.bytes(SharedBytes("b\r\nb"))), .success(.integer(3))])
    }

    /// What a server says to a PING, with what becomes of it and of another one behind it.
    static let faults: [([Step], RedisDisconnect)] = [
        ([.say("$100\r\nhalf"), .close], .ended),
        ([.close], .ended),
        ([.say("*2000000000\r\n"), .outlast], .malformed(.crowded(elements: 2_000_000_000, maximum: 1 << 20))),
        (
            [.say("HTTP/1.1 400 Bad Request\r\n"), .outlast],
            .malformed(.malformed(reason: "Protocol error, got \"H\" as reply type byte"))
        ),
        ([.say("$9999999999999999999\r\n"), .outlast], .malformed(.malformed(reason: "Bad bulk string length"))),
        ([.reset], .broken(.reset)),
    ]

    @Test("that fails in the middle leaves nobody without an answer, and comes back", arguments: faults)
    func fails(fault: [Step], reason: RedisDisconnect) async throws {
        let server = try ScriptedServer(
            [.expect(Self.ping + Self.ping)] + fault, [.expect(Self.ping), .say("+PONG\r\n"), .outlast])
        try await withClient(.local(server.port)) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var answers: [Outcome] = []
            for _ in 0..<2 { stage.client.send(RedisCommand("PING")) { answers.append($0) } }
            try await actor.wait(for: "answers") { answers.count == 2 }
            #expect(answers == [.failure(.unanswered), .failure(.unanswered)])
            try await stage.waitUntilUp(times: 2, isolation: actor)
            #expect(stage.listener.heard == [.up, .down(reason), .up])
            #expect(await stage.ask("PING", isolation: actor) == .success(.status("PONG")))
        }
    }

    @Test("that answers what nobody asked is given up")
    func unasked() async throws {
        let server = try ScriptedServer([.say("+surprise\r\n"), .outlast])
        try await withClient(.local(server.port)) { stage, actor in
            try await actor.wait(for: "the end") { stage.listener.firstReason != nil }
            #expect(stage.listener.firstReason == .unasked)
        }
    }

    @Test("that refuses a client by itself is told of in its words")
    func noRoom() async throws {
        let server = try ScriptedServer([.say("-ERR max number of clients reached\r\n"), .close])
        try await withClient(.local(server.port)) { stage, actor in
            try await actor.wait(for: "the end") { stage.listener.firstReason != nil }
            #expect(stage.listener.firstReason == .refused(RedisError("ERR max number of clients reached")))
        }
    }

    @Test("is given up when the oldest command is late, and every command hears so")
    func late() async throws {
        let server = try ScriptedServer([.outlast])
        let settings = RedisSettings.local(server.port) { $0.limits.commandTimeout = .milliseconds(200) }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            // The time of the loop, which may be behind, is what counts.
            let began = actor.loop.now
            #expect(await stage.ask("PING", isolation: actor) == .failure(.unanswered))
            #expect(actor.loop.now - began >= .milliseconds(200))
            #expect(stage.listener.firstReason == .late(.milliseconds(200)))
        }
    }

    @Test("is not given up for what the loop itself was too late to read")
    func busyLoop() async throws {
        let gate = Gate()
        defer { gate.open() }
        let server = try ScriptedServer([
            .expect(Self.ping), .expect(Self.ping), .say("+PONG\r\n"), .wait(gate), .say("+PONG\r\n"), .outlast,
        ])
        let settings = RedisSettings.local(server.port) { $0.limits.commandTimeout = .milliseconds(300) }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var answers: [Outcome] = []
            // The second one is answered when the first answer has been read, which is too late.
            stage.client.send(RedisCommand("PING")) { outcome in
                answers.append(outcome)
                gate.open()
            }
            stage.client.send(RedisCommand("PING")) { answers.append($0) }
            await actor.pause(for: .milliseconds(20))
            // The loop has something else to do.
            let end = MonotonicClock.now() + .milliseconds(700)
            while MonotonicClock.now() < end {}
            try await actor.wait(for: "answers") { answers.count == 2 }
            #expect(answers == [.success(.status("PONG")), .success(.status("PONG"))])
            #expect(stage.listener.firstReason == nil)
        }
    }

    @Test("is given up where nothing comes, however late the loop is each time")
    func alwaysBusyLoop() async throws {
        let server = try ScriptedServer([.outlast])
        let settings = RedisSettings.local(server.port) { $0.limits.commandTimeout = .milliseconds(200) }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var answer: Outcome?
            stage.client.send(RedisCommand("PING")) { answer = $0 }
            // Ten times as long as one excuse lasts.
            let end = MonotonicClock.now() + .seconds(10)
            while answer == nil, MonotonicClock.now() < end {
                await actor.pause(for: .milliseconds(1))
                let busy = MonotonicClock.now() + .milliseconds(500)
                while MonotonicClock.now() < busy {}
            }
            #expect(answer == .failure(.unanswered))
            #expect(stage.listener.firstReason == .late(.milliseconds(200)))
        }
    }

    @Test("is checked while it is idle, again and again")
    func idle() async throws {
        let server = try ScriptedServer([.expect(Self.ping), .say("+PONG\r\n"), .expect(Self.ping), .close])
        try await withClient(.local(server.port) { $0.limits.pingInterval = .milliseconds(20) }) { stage, actor in
            try await actor.wait(for: "the end") { stage.listener.firstReason != nil }
            #expect(stage.listener.heard.prefix(2) == [.up, .down(.ended)])
        }
        #expect(server.events.events.allSatisfy { !$0.hasPrefix("expected") })
    }

    @Test("to a server that has gone silent is noticed though nobody asks for anything")
    func silence() async throws {
        let server = try ScriptedServer([.outlast])
        let settings = RedisSettings.local(server.port) { session in
            session.limits.pingInterval = .milliseconds(20)
            session.limits.commandTimeout = .milliseconds(100)
        }
        try await withClient(settings) { stage, actor in
            try await actor.wait(for: "the end") { stage.listener.firstReason != nil }
            #expect(stage.listener.heard.prefix(2) == [.up, .down(.late(.milliseconds(100)))])
        }
    }

    @Test("to a server that never reads refuses commands at its bounds, and keeps those it has")
    func bounds() async throws {
        let gate = Gate()
        defer { gate.open() }
        let server = try ScriptedServer([.wait(gate)])
        let settings = RedisSettings.local(server.port) { session in
            session.limits.maximumWaiting = 3
            session.limits.maximumWaitingBytes = 1 << 20
        }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var answers: [Outcome] = []
            let large = RedisCommand("SET", "k", RedisWord(SharedBytes([UInt8](repeating: 1, count: 600_000))))
            for command in [large, large, RedisCommand("PING"), RedisCommand("PING"), RedisCommand("PING")] {
                stage.client.send(command) { answers.append($0) }
            }
            try await actor.wait(for: "refusals") { answers.count == 2 }
            #expect(answers == [.failure(.full(maximum: 1 << 20)), .failure(.full(maximum: 3))])
            stage.client.stop()
            try await actor.wait(for: "the others") { answers.count == 5 }
            #expect(answers.suffix(3).allSatisfy { $0 == .failure(.unanswered) })
            #expect(stage.listener.heard == [.up], "after a stop nothing is told")
        }
    }

    @Test("that is not there fails commands at once")
    func unavailable() async throws {
        let nobody = try TakenPort(.refusing)
        defer { nobody.close() }
        try await withClient(.local(nobody.port)) { stage, actor in
            #expect(await stage.ask("PING", isolation: actor) == .failure(.unavailable))
            try await actor.wait(for: "attempts") { stage.listener.heard.count >= 3 }
            #expect(stage.listener.ups == 0 && !stage.client.isUp)
            #expect(stage.text(of: "sluice_redis_up") == "sluice_redis_up 0")
            #expect(stage.text(of: "sluice_redis_commands_total{result=\"unavailable\"}").hasSuffix(" 1"))
        }
    }
}
