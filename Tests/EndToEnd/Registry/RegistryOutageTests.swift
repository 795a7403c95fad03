import Glibc
import TestKit
import Testing

@Suite("Proxies whose registry is away")
struct RegistryOutageTests {
    @Test(
        "go on with what they know, take publishers meanwhile, and tell Redis of all when it is back without a memory")
    func restart() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        let strict = ["PROXY_READY_REGISTRY": "stale"]
        try await withFleet("redis://127.0.0.1:\(redis.port)", own: [2: strict]) { fleet in
            #expect(try await fleet.readiness() == [200, 200, 200])
            let show = try await SharedShow("show", through: 0, of: fleet, media)
            try await SharedShow.waitForMedia(of: [show])
            let before = try #require(try await fleet.proxies[2].streams()["show"])

            try await onThread { redis.kill() }
            try await fleet.waitForState("detached")
            #expect(try await fleet.readiness() == [200, 200, 503])
            try await fleet.publish("late", through: 1, media)
            try await fleet.play("late", through: 1).wait(for: "media", count: 30)
            try await SharedShow.waitForMedia(of: [show])

            try await onThread { try redis.restart() }
            try await fleet.waitForState("fresh")
            #expect(try await fleet.readiness() == [200, 200, 200])
            try await fleet.waitForClaims("both claims") { $0.count == 2 && $0["show"] == before }
            try await fleet.waitForOrigins()
            #expect(try await onThread { try redis.claims() } == 2)
            try await fleet.play("late", through: 2).wait(for: "media", count: 30)
            try await SharedShow.waitForMedia(of: [show])
            #expect(show.faults == [])
            try await fleet.waitForRest(redis)
        }
    }

    @Test("follow the primary that sentinels name when theirs has died")
    func failover() async throws {
        let media = try await Fixture.plain.make()
        let servers = try await onThread { try RedisSentinels() }
        let hosts = servers.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        try await withFleet("redis+sentinel://\(hosts)/\(RedisSentinels.name)") { fleet in
            let show = try await SharedShow("show", through: 0, of: fleet, media)
            try await SharedShow.waitForMedia(of: [show])
            let before = try #require(try await fleet.proxies[2].streams()["show"])
            let old = try await onThread { try servers.killPrimary() }
            try await fleet.publish("late", through: 1, media)
            let primary = try await onThread { try servers.waitForAnother(than: old) }
            try await fleet.waitForState("fresh")
            try await fleet.waitForClaims("both claims") { $0.count == 2 && $0["show"] == before }
            try await fleet.waitForOrigins()
            #expect(try await onThread { try primary.claims() } == 2)
            try await SharedShow.waitForMedia(of: [show])
            #expect(show.faults == [])
            try await fleet.waitForRest(primary)
        }
    }
}
