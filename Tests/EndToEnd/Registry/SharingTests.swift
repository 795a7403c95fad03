import Glibc
import TestKit
import Testing

@Suite("Proxies that share a registry")
struct SharingTests {
    @Test("know one truth: what is published through one is played through the others, and ends at all")
    func sharing() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            // They wait for what begins later. Where it begins at another origin they follow, and miss a group at most.
            let early = try [1, 2].map { try FFmpeg.play(fleet.rtmp($0, "/live/s"), media.sent) }
            for proxy in fleet.proxies.dropFirst() { _ = try await proxy.waitForViewer(of: "s") }
            let publisher = try await fleet.publish("s", through: 0, media, ["--speed", "1", "--end", "silent"])
            let claimed = try #require(try await fleet.proxies[0].streams()["s"])
            try await fleet.waitForClaims("claim") { $0 == ["s": claimed] }
            #expect(try await onThread { try redis.claims() } == 1)
            let late = try [1, 2].map { try fleet.play("s", through: $0) }
            for viewer in late { try await viewer.wait(for: "media", count: 30) }
            for viewer in early {
                let recording = try await viewer.recording(toTheEndOf: media.sent)
                #expect(recording.differences(from: media.sent) == [])
                let (arrived, sent) = (recording.hashes("video"), media.sent.hashes("video"))
                #expect(arrived.count >= sent.count - 25 && arrived.elementsEqual(sent.suffix(arrived.count)))
            }
            publisher.program.end()
            try await fleet.waitForClaims("end of the claim", \.isEmpty)
            try await fleet.waitForRest(redis)
        }
    }

    @Test("what one has just found of an origin holds, though it is told a moment later that the origin is new")
    func lateNews() async throws {
        let redis = try await onThread { try RedisServer() }
        let shared = [
            "PROXY_LOAD_BALANCER_TYPE": "redis", "PROXY_REDIS_URL": "redis://127.0.0.1:\(redis.port)",
        ]
        try await withProxy(shared) { first in
            try await withProxy(shared) { second in
                for proxy in [first, second] {
                    try await MetricsPage.wait(for: "sluice_registry_state{state=\"fresh\"}", of: proxy) { $0 == 1 }
                }
                // Nobody is at its port.
                try await ScriptedOrigin.register("o", port: 1, at: first)
                while try await second.pids()["o"] == nil {}
                let viewer = try await Curl.get(second.url(.media, "/live/s.flv"))
                #expect(viewer.status == 502)
                let attempts = "sluice_origin_attempts_total{origin=\"o\",service=\"http\"}"
                let failing = "sluice_origin_failing{origin=\"o\",service=\"http\"}"
                let before = try await MetricsPage(of: second)
                let line = try await second.waitForLog("another proxy tells of an origin")
                #expect(line["origin"] == "o" && line["outcome"] == "registered")
                let after = try await MetricsPage(of: second)
                #expect(before.value(attempts) ?? 0 >= 1 && before.value(failing) == 1)
                #expect(after.value(attempts) == before.value(attempts) && after.value(failing) == 1)
            }
        }
    }

    @Test("outlive one of them: the next publisher is welcome at once, and what nobody publishes ends with its lease")
    func deathOfProxy() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            var publishers: [Client] = []
            for name in ["again", "never"] { publishers.append(try await fleet.publish(name, through: 2, media)) }
            try await fleet.waitForClaims("two claims") { $0.count == 2 }
            let before = try await fleet.proxies[0].streams()
            fleet.proxies[2].program.signal(SIGKILL)
            for publisher in publishers { try await publisher.wait(for: "closed") }

            try await fleet.publish("again", through: 1, media)
            let left = Array(fleet.proxies.prefix(2))
            try await fleet.waitForClaims("end of the lease", at: left, within: .seconds(60)) { $0["never"] == nil }
            try await fleet.waitForClaims("new claim", at: left) {
                $0.count == 1 && ($0["again"]?.epoch ?? 0) > (before["again"]?.epoch ?? 0)
            }
            #expect(try await onThread { try redis.claims() } == 1)
            try await fleet.play("again", through: 0).wait(for: "media", count: 30)
            try await fleet.waitForRest(redis)
        }
    }
}
