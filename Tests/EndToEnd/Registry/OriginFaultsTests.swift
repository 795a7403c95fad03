import Glibc
import TestKit
import Testing

@Suite("Origins of proxies that share a registry")
struct OriginFaultsTests {
    @Test("die: new sessions go elsewhere within two seconds, and a restart is known at every proxy")
    func death() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            try await fleet.waitForState("fresh")
            let first = try Client.publish(fleet.rtmp(2, "/live/k"), media.path, ["--speed", "1", "--rounds", "99"])
            try await first.wait(for: "status")
            try await fleet.waitForClaims("claim") { $0["k"] != nil }
            let owner = try #require(try await fleet.proxies[0].streams()["k"]?.server)
            let other = owner == "one" ? "two" : "one"
            let viewer = try Client.play(fleet.rtmp(1, "/live/k"))
            try await viewer.wait(for: "media", count: 30)

            fleet.origins[owner]?.program.signal(SIGKILL)
            let killed = ContinuousClock.now
            try await first.wait(for: "closed")
            var publishers: [Client] = []
            for (index, name) in ["k", "l", "m"].enumerated() {
                let next = try Client.publish(
                    fleet.rtmp(index, "/live/\(name)"), media.path, ["--speed", "1", "--rounds", "99"])
                publishers.append(next)
            }
            for publisher in publishers {
                #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
            }
            let lasted = ContinuousClock.now - killed
            #expect(lasted < .seconds(2), "\(lasted)")
            try await fleet.waitForClaims("claims of the other") { streams in
                streams.count == 3 && streams.values.allSatisfy { $0.server == other }
            }
            #expect(try await onThread { try redis.claims() } == 3)
            // Who watched goes on without a new connection.
            try await viewer.wait(for: "media", count: viewer.events.media.count + 50)

            let home = fleet.proxies[owner == "one" ? 0 : 1]
            try await withOrigin(Fleet.beating(owner, at: home)) { origin in
                try await fleet.everywhere("start of the origin") {
                    try await $0.pids()
                } until: {
                    $0[owner] == "\(origin.program.pid)"
                }
                try await fleet.waitForOrigins()
                // Nobody but the new one is left.
                fleet.origins[other]?.program.signal(SIGKILL)
                for publisher in publishers { try await publisher.wait(for: "closed") }
                let last = try Client.publish(fleet.rtmp(2, "/live/k"), media.path, ["--speed", "1", "--rounds", "99"])
                #expect(try await last.wait(for: "status").code == "NetStream.Publish.Start")
                try await fleet.waitForClaims("claim of the new one") { $0.count == 1 && $0["k"]?.server == owner }
                #expect(try await onThread { try redis.claims() } == 1)
            }
        }
    }

    @Test("are restarted before anybody misses them: their streams are theirs no more, and who comes back is served")
    func restart() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            try await fleet.waitForState("fresh")
            let first = try Client.publish(fleet.rtmp(2, "/live/k"), media.path, ["--speed", "1", "--rounds", "99"])
            try await first.wait(for: "status")
            try await fleet.waitForClaims("claim") { $0["k"] != nil }
            let before = try #require(try await fleet.proxies[0].streams()["k"])
            fleet.origins[before.server]?.program.signal(SIGKILL)
            let home = fleet.proxies[before.server == "one" ? 0 : 1]
            try await withOrigin(Fleet.beating(before.server, at: home)) { origin in
                try await fleet.everywhere("start of the origin") {
                    try await $0.pids()
                } until: {
                    $0[before.server] == "\(origin.program.pid)"
                }
                try await fleet.waitForClaims("end of the claim", \.isEmpty)
                #expect(try await onThread { try redis.claims() } == 0)
                let next = try Client.publish(fleet.rtmp(1, "/live/k"), media.path, ["--speed", "1", "--rounds", "99"])
                #expect(try await next.wait(for: "status").code == "NetStream.Publish.Start")
                try await fleet.waitForClaims("new claim") { ($0["k"]?.epoch ?? 0) > before.epoch }
                let viewer = try Client.play(fleet.rtmp(0, "/live/k"))
                try await viewer.wait(for: "media", count: 30)
            }
        }
    }

    @Test("stop without a word: they are found silent, others take their streams, and they are welcome again")
    func frozen() async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            try await fleet.waitForState("fresh")
            let first = try Client.publish(fleet.rtmp(2, "/live/z"), media.path, ["--speed", "1", "--rounds", "99"])
            try await first.wait(for: "status")
            try await fleet.waitForClaims("claim") { $0["z"] != nil }
            let before = try #require(try await fleet.proxies[0].streams()["z"])
            let other = before.server == "one" ? "two" : "one"
            let owner = try #require(fleet.origins[before.server])
            // Before that nobody knows how often it beats.
            try await fleet.everywhere("rhythm") {
                try await $0.rhythms()
            } until: {
                $0[before.server] != nil
            }
            owner.program.signal(SIGSTOP)
            defer { owner.program.signal(SIGCONT) }
            try await fleet.everywhere("silence") {
                try await $0.originStates()
            } until: {
                $0[before.server] != "alive"
            }

            first.program.end()
            for (index, name) in ["z", "y", "x"].enumerated() {
                let next = try Client.publish(
                    fleet.rtmp(index, "/live/\(name)"), media.path, ["--speed", "1", "--rounds", "99"])
                #expect(try await next.wait(for: "status").code == "NetStream.Publish.Start")
                try await fleet.waitForClaims("claim of \(name)") { $0[name]?.server == other }
                let viewer = try Client.play(fleet.rtmp((index + 1) % 3, "/live/\(name)"))
                try await viewer.wait(for: "media", count: 30)
            }
            owner.program.signal(SIGCONT)
            try await fleet.waitForOrigins()
        }
    }
}
