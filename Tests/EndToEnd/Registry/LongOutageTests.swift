import TestKit
import Testing

@Suite("Proxies whose registry is away for long")
struct LongOutageTests {
    @Test("for a minute, and back without a memory: media goes on, who comes is served, and in the end all agree")
    func minute() async throws {
        let redis = try await onThread { try RedisServer() }
        let strict = ["PROXY_READY_REGISTRY": "stale"]
        try await withFleet("redis://127.0.0.1:\(redis.port)", own: [2: strict]) { fleet in
            let outage = try await Outage(fleet)
            #expect(try await fleet.readiness() == [200, 200, 200])
            try await onThread { redis.kill() }
            let began = ContinuousClock.now
            try await fleet.waitForState("detached")

            var round = 0
            while ContinuousClock.now - began < .seconds(40) || round < 3 {
                try await outage.publishAndPlay("late-\(round)", through: round % 3)
                try await fleet.waitForState("detached")
                #expect(try await fleet.readiness() == [200, 200, 503])
                #expect(try await fleet.proxies[round % 3].originStates() == ["one": "alive", "two": "alive"])
                round += 1
            }

            try await outage.publishMany("many", through: 0)
            // What nobody can know of.
            let (first, second, viewer) = try await outage.publishTwice("twice", through: 0, 2)
            #expect(!first.program.hasExited)
            let epoch = try #require(try await fleet.proxies[2].streams()["twice"]?.epoch)
            let published = Set(try await fleet.proxies[0].streams().keys)
            // It is time that is tested: twice as long as a lease.
            repeat {
                try await SharedShow.waitForMedia(of: outage.shows)
            } while ContinuousClock.now - began < .seconds(60)
            try await fleet.waitForState("detached")

            try await onThread { try redis.restart() }
            try await fleet.waitForState("fresh")
            #expect(try await fleet.readiness() == [200, 200, 200])
            try await fleet.waitForOrigins()
            try await first.wait(for: "closed")
            let streams = try await outage.waitForAgreement(redis, on: published)
            #expect(streams["twice"]?.epoch == epoch && !second.program.hasExited)
            try await viewer.wait(for: "media", count: viewer.events.media.count + 60)
            try await outage.expectWholeShows(streams)
            try await fleet.waitForRest(redis)
        }
    }

    @Test("for twenty seconds in which Redis stands still, and goes on with what it was being told")
    func frozen() async throws {
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            let outage = try await Outage(fleet)
            // They come while Redis is not known to be away, and ask it in vain.
            let caught = try (0..<3).map { proxy in
                try fleet.beginPublishing(
                    "caught-\(proxy)", through: proxy, outage.media, ["--wait"] + Client.lasting)
            }
            let gone = try fleet.beginPublishing("gone", through: 1, outage.media, ["--wait", "--speed", "5"])
            for publisher in caught + [gone] { try await publisher.wait(for: "ready") }
            try await onThread { redis.freeze() }
            let began = ContinuousClock.now
            for publisher in caught + [gone] { try publisher.program.write("\n") }
            for publisher in caught + [gone] {
                #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
            }
            try await fleet.waitForState("detached")
            for (proxy, publisher) in caught.enumerated() {
                try await fleet.play("caught-\(proxy)", through: proxy).wait(for: "media", count: 30)
                #expect(!publisher.program.hasExited)
            }
            #expect(try await gone.program.waitForExit() == .status(0))
            var round = 0
            while ContinuousClock.now - began < .seconds(20) || round < 3 {
                let publisher = try await fleet.publish("late-\(round)", through: round % 3, outage.media)
                let viewer = try fleet.play("late-\(round)", through: round % 3)
                try await viewer.wait(for: "media", count: 60)
                for client in [publisher, viewer] { client.program.end() }
                try await fleet.waitForState("detached")
                round += 1
            }

            try await onThread { redis.thaw() }
            try await fleet.waitForState("fresh")
            let names = Set(outage.shows.map(\.name) + (0..<3).map { "caught-\($0)" })
            let streams = try await outage.waitForAgreement(redis, on: names)
            // All of them are asked for once more, and found to be who they were.
            let leases = try await onThread { try redis.leases() }
            try await eventually("renewals") {
                guard let now = try? redis.leases() else { return false }
                return leases.allSatisfy { (now[$0] ?? 0) > $1 }
            }
            #expect(try await outage.waitForAgreement(redis, on: names) == streams)
            for publisher in caught { #expect(!publisher.events.contains { $0.event == "closed" }) }
            try await outage.expectWholeShows(streams)
            try await fleet.waitForRest(redis)
        }
    }
}
