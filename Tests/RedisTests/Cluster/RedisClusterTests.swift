import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A client of a cluster", .ownThread)
struct RedisClusterTests {
    static func slot(_ key: String) -> Int { Int(RedisSlot(of: key.bytes.rawSpan).number) }

    /// Waits until a hundred more commands have been answered.
    static func wait(for traffic: Traffic, isolation: isolated LoopActor) async throws {
        let before = traffic.answered
        try await isolation.wait(for: "traffic") { traffic.answered > before + 100 }
    }

    private static let increment = RedisScript("return redis.call('INCR', KEYS[1])")
    private static let both = RedisScript("return redis.call('GET', KEYS[1]) .. redis.call('GET', KEYS[2])")

    @Test(
        "finds the node of each key, from any node that answers, and has a password for all of them",
        arguments: RedisProgram.installed.filter { $0 != .redis6 })
    func keys(program: RedisProgram) async throws {
        let cluster = try RedisCluster(password: "hidden", program: try #require(program.path))
        let nobody = try TakenPort(.refusing)
        defer { nobody.close() }
        let seeds = [nobody.port, cluster.nodes[4].port]
        let settings = RedisSettings.cluster(seeds) { $0.credentials = RedisCredentials(password: Secret("hidden")) }
        try await withClient(settings) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            for number in 0..<64 {
                let key = RedisKey("key:\(number)")
                let answer: Outcome = await actor.wait { _, finished in
                    stage.client.send(RedisCommand("SET", key.word, RedisWord(number)), key: key, then: finished)
                    return {}
                }
                #expect(answer == .success(.status("OK")))
            }
            // Nobody was asked who had to send it on.
            #expect(stage.text(of: "sluice_redis_commands_total{result=\"refused\"}").hasSuffix(" 0"))
        }
        for number in 0..<64 {
            let node = try cluster.primary(of: Self.slot("key:\(number)"))
            #expect(try node.words("GET key:\(number)", password: "hidden") == ["\(number)"])
        }
    }

    @Test(
        "says why a server that is no node of a cluster does not do, or one without slots",
        arguments: [
            ([], .refused(RedisError("ERR This instance has cluster support disabled"))),
            (["cluster-enabled yes"], .nowhere(.slots)),
        ] as [([String], RedisDisconnect)])
    func stranger(configuration: [String], reason: RedisDisconnect) async throws {
        let server = try RedisServer(configuration)
        try await withClient(.cluster([server.port])) { stage, actor in
            try await actor.wait(for: "an attempt") { stage.listener.firstReason != nil }
            #expect(stage.listener.firstReason == reason)
        }
    }

    @Test("speaks TLS to all of them, by the name that each has to prove")
    func security() async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue("redis.example")
        let cluster = try RedisCluster(certificate: [
            "server.pem": certificate.chain, "server.key": certificate.privateKey, "ca.pem": authority.certificate,
        ])
        let file = "\(cluster.nodes[0].directory.path)/ca.pem"
        let url = "rediss+cluster://127.0.0.1:\(cluster.securePorts[0])?ca=\(file)&servername=redis.example"
        try await withClient(try RedisSettings(RedisURL(url))) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            for number in 0..<16 {
                let key = RedisKey("key:\(number)")
                let answer: Outcome = await actor.wait { _, finished in
                    stage.client.run(Self.increment, key: key, then: finished)
                    return {}
                }
                #expect(answer == .success(.integer(1)))
            }
        }
        for number in 0..<16 {
            let node = try cluster.primary(of: Self.slot("key:\(number)"))
            #expect(try node.words("GET key:\(number)") == ["1"])
        }
    }

    @Test("loses nothing, and has no wrong answer, while a slot moves to and fro under its scripts")
    func resharding() async throws {
        let cluster = try RedisCluster()
        let slot = Self.slot("{m}")
        try await withClient(RedisSettings.cluster([cluster.nodes[0].port])) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            var expected = [Int64](repeating: 0, count: 16)
            var wrong: [RedisReply] = []
            let traffic = Traffic(on: actor.loop, lanes: expected.count) { lane, then in
                stage.client.run(Self.increment, key: RedisKey("{m}\(lane)")) { outcome in
                    expected[lane] += 1
                    if case .success(let reply) = outcome, reply != .integer(expected[lane]) { wrong.append(reply) }
                    then(outcome)
                }
            }
            for _ in 0..<4 {
                try await Self.wait(for: traffic, isolation: actor)
                let target = try await offLoop {
                    let source = try cluster.primary(of: slot)
                    let target = try #require(try cluster.primaries.first { $0 !== source })
                    try cluster.beginMove(slot, to: target)
                    try cluster.moveKeys(of: slot, to: target)
                    return target
                }
                // All by ASK, and the others by MOVED.
                try await Self.wait(for: traffic, isolation: actor)
                try await offLoop { try cluster.endMove(slot, to: target) }
            }
            try await Self.wait(for: traffic, isolation: actor)
            traffic.stop()
            try await actor.wait(for: "the end of all commands") { traffic.underWay == 0 }
            #expect(wrong.isEmpty, "\(wrong)")
            #expect(traffic.failures.isEmpty, "\(traffic.failures)")
            let values = try await offLoop {
                let node = try cluster.primary(of: slot)
                return try (0..<16).map { try Int64(node.words("GET {m}\($0)")[0]) }
            }
            #expect(values == expected)
            let refusals = try await offLoop { try cluster.nodes.map { try $0.words("INFO errorstats").joined() } }
            for kind in ["ASK", "MOVED"] {
                #expect(refusals.contains { $0.contains("errorstat_\(kind):") }, "nobody was told \(kind)")
            }
        }
    }

    @Test("waits with a command of several keys until all of them are at one node again")
    func tryAgain() async throws {
        let cluster = try RedisCluster()
        let slot = Self.slot("{m}")
        let source = try cluster.primary(of: slot)
        let target = try #require(try cluster.primaries.first { $0 !== source })
        for key in ["a", "b"] { _ = try source.words("SET {m}\(key) \(key)") }
        try await withClient(RedisSettings.cluster([source.port])) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            try await offLoop {
                try cluster.beginMove(slot, to: target)
                _ = try source.words("MIGRATE 127.0.0.1 \(target.port) {m}a 0 20000")
            }
            var outcome: Outcome?
            stage.client.run(Self.both, keys: ["{m}a", "{m}b"]) { outcome = $0 }
            let refused = "sluice_redis_commands_total{result=\"refused\"}"
            try await actor.wait(for: "refusals") { (Int(stage.text(of: refused).split(separator: " ")[1]) ?? 0) > 5 }
            #expect(outcome == nil)
            try await offLoop {
                try cluster.moveKeys(of: slot, to: target)
                try cluster.endMove(slot, to: target)
            }
            try await actor.wait(for: "the answer") { outcome != nil }
            #expect(outcome == .success(.bytes(SharedBytes("ab"))))
        }
    }

    @Test("goes on when a primary dies and its replica takes its place")
    func promotion() async throws {
        let cluster = try RedisCluster()
        try await withClient(RedisSettings.cluster([cluster.nodes[0].port])) { stage, actor in
            try await stage.waitUntilUp(isolation: actor)
            let traffic = Traffic(on: actor.loop, lanes: 24) { lane, then in
                stage.client.run(Self.increment, key: RedisKey("n\(lane)"), then: then)
            }
            try await actor.wait(for: "traffic") { traffic.answered > 200 }
            let slot = Self.slot("n0")
            let old = try await offLoop {
                let old = try cluster.primary(of: slot)
                old.kill()
                return old
            }
            try await actor.wait(for: "the end of a node") { !stage.client.isUp }
            // The other nodes' keys are there all the while, until the nodes themselves refuse.
            let new = try await offLoop { try cluster.waitForAnother(than: old, of: slot) }
            try await stage.waitUntilUp(times: 2, isolation: actor)
            let failed = traffic.failures.count
            let before = traffic.answered
            try await actor.wait(for: "traffic at the new node") { traffic.answered > before + 200 }
            #expect(traffic.failures.count == failed)
            traffic.stop()
            try await actor.wait(for: "the end of all commands") { traffic.underWay == 0 }
            #expect(traffic.failedAsMayBe, "\(traffic.failures)")
            let last: Outcome = await actor.wait { _, finished in
                stage.client.send(RedisCommand("SET", "n0", "word"), key: "n0", then: finished)
                return {}
            }
            #expect(last == .success(.status("OK")))
            #expect(try await offLoop { try new.words("GET n0") } == ["word"])
        }
    }

    @Test("hears what is published anywhere, at another node when its own dies")
    func subscriber() async throws {
        let cluster = try RedisCluster()
        try await RedisSubscriberTests.withSubscriber(["news"], RedisSettings.cluster([cluster.nodes[0].port])) {
            subscriber, listener, actor in
            try await actor.wait(for: "the subscription") { subscriber.isSubscribed }
            let node = try await offLoop {
                let node = try cluster.nodes.first { try $0.words("PUBSUB NUMSUB news") == ["news", "1"] }
                node?.kill()
                return node
            }
            try await actor.wait(for: "the subscription anew") { listener.heard.count { $0 == .subscribed } > 1 }
            // Nodes pass it on as soon as they are connected, which they are.
            try await offLoop {
                let other = try #require(cluster.nodes.last { $0 !== node && $0.isRunning })
                _ = try other.words("PUBLISH news hello")
            }
            try await actor.wait(for: "the message") { listener.heard.contains(.message("news", "hello")) }
        }
    }
}
