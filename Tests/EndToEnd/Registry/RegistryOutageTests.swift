import Glibc
import TestKit
import Testing

@Suite("Proxies whose registry is away")
struct RegistryOutageTests {
    /// Something goes on at the first proxy, and is watched through the other two.
    private struct Show {
        let publisher: Client
        let viewers: [Client]

        init(_ fleet: Fleet, _ media: Fixture.Media) async throws {
            publisher = try Client.publish(
                fleet.rtmp(0, "/live/show"), media.path, ["--speed", "1", "--rounds", "99"])
            try await publisher.wait(for: "status")
            try await fleet.waitForClaims("claim") { $0["show"] != nil }
            viewers = try [1, 2].map { try Client.play(fleet.rtmp($0, "/live/show")) }
            for viewer in viewers { try await viewer.wait(for: "media", count: 30) }
        }

        /// Waits for what is sent from now on.
        func goesOn() async throws {
            for viewer in viewers { try await viewer.wait(for: "media", count: viewer.events.media.count + 60) }
        }

        /// Whether nobody noticed anything.
        var wasWhole: Bool {
            viewers.allSatisfy { viewer in
                viewer.events.isMonotonic("video") && !viewer.events.contains { $0.event == "closed" }
                    && viewer.events.count { $0.code == "NetStream.Play.Start" } == 1
            }
        }
    }

    private static func readiness(_ fleet: Fleet) async throws -> [Int] {
        var statuses: [Int] = []
        for proxy in fleet.proxies { statuses.append(try await Curl.get(proxy.url(.system, "/readyz")).status) }
        return statuses
    }

    @Test(
        "go on with what they know, take publishers meanwhile, and tell Redis of all when it is back without a memory")
    func restart() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        let strict = ["PROXY_READY_REGISTRY": "stale"]
        try await withFleet("redis://127.0.0.1:\(redis.port)", own: [2: strict]) { fleet in
            try await fleet.waitForState("fresh")
            #expect(try await Self.readiness(fleet) == [200, 200, 200])
            let show = try await Show(fleet, media)
            let before = try #require(try await fleet.proxies[2].streams()["show"])

            try await onThread { redis.kill() }
            try await fleet.waitForState("detached")
            #expect(try await Self.readiness(fleet) == [200, 200, 503])
            let late = try Client.publish(fleet.rtmp(1, "/live/late"), media.path, ["--speed", "1", "--rounds", "99"])
            #expect(try await late.wait(for: "status").code == "NetStream.Publish.Start")
            let lateViewer = try Client.play(fleet.rtmp(1, "/live/late"))
            try await lateViewer.wait(for: "media", count: 30)
            try await show.goesOn()

            try await onThread { try redis.restart() }
            try await fleet.waitForState("fresh")
            #expect(try await Self.readiness(fleet) == [200, 200, 200])
            try await fleet.waitForClaims("both claims") { $0.count == 2 && $0["show"] == before }
            try await fleet.waitForOrigins()
            #expect(try await onThread { try redis.claims() } == 2)
            let elsewhere = try Client.play(fleet.rtmp(2, "/live/late"))
            try await elsewhere.wait(for: "media", count: 30)
            try await show.goesOn()
            #expect(show.wasWhole)

            for publisher in [show.publisher, late] { publisher.program.end() }
            try await fleet.waitForClaims("end of the claims", \.isEmpty)
            #expect(try await onThread { try redis.claims() } == 0)
        }
    }

    @Test("follow the primary that sentinels name when theirs has died")
    func failover() async throws {
        let media = try await Fixture.plain.make()
        let servers = try await onThread { try RedisSentinels() }
        let hosts = servers.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        try await withFleet("redis+sentinel://\(hosts)/\(RedisSentinels.name)") { fleet in
            try await fleet.waitForState("fresh")
            let show = try await Show(fleet, media)
            let before = try #require(try await fleet.proxies[2].streams()["show"])
            let old = try await onThread { try servers.killPrimary() }
            let late = try Client.publish(fleet.rtmp(1, "/live/late"), media.path, ["--speed", "1", "--rounds", "99"])
            #expect(try await late.wait(for: "status").code == "NetStream.Publish.Start")
            let primary = try await onThread { try servers.waitForAnother(than: old) }
            try await fleet.waitForState("fresh")
            try await fleet.waitForClaims("both claims") { $0.count == 2 && $0["show"] == before }
            try await fleet.waitForOrigins()
            #expect(try await onThread { try primary.claims() } == 2)
            try await show.goesOn()
            #expect(show.wasWhole)
            for publisher in [show.publisher, late] { publisher.program.end() }
            try await fleet.waitForClaims("end of the claims", \.isEmpty)
            #expect(try await onThread { try primary.claims() } == 0)
        }
    }
}
