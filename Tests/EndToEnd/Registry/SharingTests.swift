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
            try await fleet.waitForState("fresh")
            // They wait for what begins later. Where it begins at another origin they follow, and miss a group at most.
            let early = try [1, 2].map { try FFmpeg.play(fleet.rtmp($0, "/live/s"), media.sent) }
            try await fleet.everywhere("player", at: Array(fleet.proxies.dropFirst())) { proxy in
                proxy.log.contains { $0.message == "relaying" && $0["purpose"] == "play" }
            } until: {
                $0
            }
            let publisher = try Client.publish(
                fleet.rtmp(0, "/live/s"), media.path, ["--speed", "1", "--end", "silent"])
            try await publisher.wait(for: "status")
            let claimed = try #require(try await fleet.proxies[0].streams()["s"])
            try await fleet.waitForClaims("claim") { $0 == ["s": claimed] }
            #expect(try await onThread { try redis.claims() } == 1)
            let late = try [1, 2].map { try Client.play(fleet.rtmp($0, "/live/s")) }
            for viewer in late { try await viewer.wait(for: "media", count: 30) }
            for viewer in early {
                let recording = try await viewer.recording(toTheEndOf: media.sent)
                #expect(recording.differences(from: media.sent) == [])
                let (arrived, sent) = (recording.hashes("video"), media.sent.hashes("video"))
                #expect(arrived.count >= sent.count - 25 && arrived.elementsEqual(sent.suffix(arrived.count)))
            }
            publisher.program.end()
            try await fleet.waitForClaims("end of the claim", \.isEmpty)
            #expect(try await onThread { try redis.claims() } == 0)
            #expect(try await onThread { try redis.immortalKeys() } == [])
        }
    }

    @Test("outlive one of them: the next publisher is welcome at once, and what nobody publishes ends with its lease")
    func deathOfProxy() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            try await fleet.waitForState("fresh")
            let publishers = try ["again", "never"].map {
                try Client.publish(fleet.rtmp(2, "/live/\($0)"), media.path, ["--speed", "1", "--rounds", "99"])
            }
            for publisher in publishers { try await publisher.wait(for: "status") }
            try await fleet.waitForClaims("two claims") { $0.count == 2 }
            let before = try await fleet.proxies[0].streams()
            fleet.proxies[2].program.signal(SIGKILL)
            for publisher in publishers { try await publisher.wait(for: "closed") }

            let next = try Client.publish(
                fleet.rtmp(1, "/live/again"), media.path, ["--speed", "1", "--rounds", "99"])
            #expect(try await next.wait(for: "status").code == "NetStream.Publish.Start")
            let left = Array(fleet.proxies.prefix(2))
            try await fleet.waitForClaims("end of the lease", at: left, within: .seconds(60)) { $0["never"] == nil }
            try await fleet.waitForClaims("new claim", at: left) {
                $0.count == 1 && ($0["again"]?.epoch ?? 0) > (before["again"]?.epoch ?? 0)
            }
            #expect(try await onThread { try redis.claims() } == 1)
            #expect(try await onThread { try redis.immortalKeys() } == [])
            let viewer = try Client.play(fleet.rtmp(0, "/live/again"))
            try await viewer.wait(for: "media", count: 30)
        }
    }
}
