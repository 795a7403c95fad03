import Glibc
import TestKit
import Testing

@Suite("Origins of proxies that share a registry")
struct OriginFaultsTests {
    /// A stream that is published, and the origin that has it.
    private struct Owned {
        let media: Fixture.Media
        let publisher: Client
        let claim: SharedStream
        let owner: OriginProcess
        var other: String { claim.server == "one" ? "two" : "one" }

        /// Published through the third proxy, at which no origin beats.
        init(_ name: String, in fleet: Fleet, _ media: Fixture.Media) async throws {
            self.media = media
            publisher = try await fleet.publish(name, through: 2, media)
            try await fleet.waitForClaims("claim") { $0[name] != nil }
            claim = try #require(try await fleet.proxies[0].streams()[name])
            owner = try #require(fleet.origins[claim.server])
        }
    }

    /// Runs `body` with a fleet that shares a Redis, when a stream of this name is published there.
    private func withOwned(_ name: String, _ body: (Owned, Fleet, RedisServer) async throws -> Void) async throws {
        let media = try await Fixture.plain.make()
        let redis = try await onThread { try RedisServer() }
        try await withFleet("redis://127.0.0.1:\(redis.port)") { fleet in
            try await body(Owned(name, in: fleet, media), fleet, redis)
        }
    }

    @Test("die: new sessions go elsewhere within two seconds, and a restart is known at every proxy")
    func death() async throws {
        try await withOwned("k") { stream, fleet, redis in
            let viewer = try fleet.play("k", through: 1)
            try await viewer.wait(for: "media", count: 30)
            // They run already: to start them is not what is measured.
            let publishers = try ["k", "l", "m"].enumerated().map { index, name in
                try fleet.beginPublishing(
                    name, through: index, stream.media, ["--wait"] + Client.lasting)
            }
            for publisher in publishers { try await publisher.wait(for: "ready") }

            let killed = ContinuousClock.now
            stream.owner.program.signal(SIGKILL)
            try await stream.publisher.wait(for: "closed")
            for publisher in publishers { try publisher.program.write("\n") }
            for publisher in publishers {
                #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
            }
            let lasted = ContinuousClock.now - killed
            #expect(lasted < .seconds(2), "\(lasted)")
            try await fleet.waitForClaims("claims of the other") { streams in
                streams.count == 3 && streams.values.allSatisfy { $0.server == stream.other }
            }
            #expect(try await onThread { try redis.claims() } == 3)
            // Who watched goes on without a new connection.
            try await viewer.wait(for: "media", count: viewer.events.media.count + 50)

            let owner = stream.claim.server
            try await withOrigin(Fleet.beating(owner, at: fleet.home(of: owner))) { origin in
                try await fleet.waitForStart(of: owner, origin)
                try await fleet.waitForOrigins()
                // Nobody but the new one is left.
                fleet.origins[stream.other]?.program.signal(SIGKILL)
                for publisher in publishers { try await publisher.wait(for: "closed") }
                try await fleet.publish("k", through: 2, stream.media)
                try await fleet.waitForClaims("claim of the new one") { $0.count == 1 && $0["k"]?.server == owner }
                #expect(try await onThread { try redis.claims() } == 1)
                try await fleet.waitForRest(redis, successors: [owner: origin])
            }
        }
    }

    @Test("die together with the proxy of a publisher: it is let in elsewhere before the lease of its stream is over")
    func machine() async throws {
        try await withOwned("k") { stream, fleet, redis in
            let viewer = try fleet.play("k", through: 1)
            try await viewer.wait(for: "media", count: 30)
            let killed = ContinuousClock.now
            fleet.proxies[2].program.signal(SIGKILL)
            stream.owner.program.signal(SIGKILL)
            try await stream.publisher.wait(for: "closed")
            let reasons = try await Self.comeBack("k", in: fleet, stream.media)
            // No lease ends in less than two thirds of it, and the last renewal was ten seconds before at most.
            let lasted = ContinuousClock.now - killed
            #expect(lasted < .seconds(19), "\(lasted)")
            #expect(reasons.isSubset(of: ["The origin that has the stream cannot be reached."]), "\(reasons)")
            try await fleet.waitForClaims("claim of the other", at: Array(fleet.proxies.prefix(2))) {
                $0["k"]?.server == stream.other && $0["k"]?.epoch ?? 0 > stream.claim.epoch
            }
            try await viewer.wait(for: "media", count: viewer.events.media.count + 50)
            try await fleet.waitForRest(redis)
        }
    }

    /// Publishes through the first proxy as encoders do, again and again. Returns why it was not let in at first.
    private static func comeBack(_ name: String, in fleet: Fleet, _ media: Fixture.Media) async throws -> Set<String> {
        var reasons: Set<String> = []
        while true {
            let publisher = try fleet.beginPublishing(name, through: 0, media)
            let status = try await publisher.wait(for: "status")
            if status.code == "NetStream.Publish.Start" { return reasons }
            reasons.insert(status.text ?? "")
            _ = try await publisher.program.waitForExit()
        }
    }

    @Test("die while the registry is away: who comes back is served elsewhere, through another proxy too")
    func alone() async throws {
        try await withOwned("k") { stream, fleet, redis in
            try await onThread { redis.kill() }
            try await fleet.waitForState("detached")
            let killed = ContinuousClock.now
            stream.owner.program.signal(SIGKILL)
            try await stream.publisher.wait(for: "closed")
            let reasons = try await Self.comeBack("k", in: fleet, stream.media)
            let lasted = ContinuousClock.now - killed
            // Twelve, after what was heard of Redis last.
            #expect(lasted < .seconds(30), "\(lasted)")
            #expect(reasons.isSubset(of: ["The origin that has the stream cannot be reached."]), "\(reasons)")
            let viewers = try (0..<3).map { try fleet.play("k", through: $0) }
            for viewer in viewers { try await viewer.wait(for: "media", count: 30) }
            try await onThread { try redis.restart() }
            try await fleet.waitForClaims("claim of the other") { $0["k"]?.server == stream.other }
            for viewer in viewers { try await viewer.wait(for: "media", count: viewer.events.media.count + 50) }
            try await fleet.waitForRest(redis)
        }
    }

    @Test("are restarted before anybody misses them: their streams are theirs no more, and who comes back is served")
    func restart() async throws {
        try await withOwned("k") { stream, fleet, redis in
            let name = stream.claim.server
            stream.owner.program.signal(SIGKILL)
            try await withOrigin(Fleet.beating(name, at: fleet.home(of: name))) { origin in
                try await fleet.waitForStart(of: name, origin)
                try await fleet.waitForClaims("end of the claim", \.isEmpty)
                #expect(try await onThread { try redis.claims() } == 0)
                try await fleet.publish("k", through: 1, stream.media)
                try await fleet.waitForClaims("new claim") { ($0["k"]?.epoch ?? 0) > stream.claim.epoch }
                try await fleet.play("k", through: 0).wait(for: "media", count: 30)
                try await fleet.waitForRest(redis, successors: [name: origin])
            }
        }
    }

    @Test("stop without a word: they are found silent, others take their streams, and they are welcome again")
    func frozen() async throws {
        try await withOwned("z") { stream, fleet, redis in
            // Before that nobody knows how often it beats.
            try await fleet.everywhere("rhythm") {
                try await $0.rhythms()
            } until: {
                $0[stream.claim.server] != nil
            }
            stream.owner.program.signal(SIGSTOP)
            defer { stream.owner.program.signal(SIGCONT) }
            // One that has beaten a few times only is waited for like most, for 30 s.
            try await fleet.everywhere("silence", within: .seconds(60)) {
                try await $0.originStates()
            } until: {
                $0[stream.claim.server] != "alive"
            }

            // The first publisher of "z" is still there, and its claim is renewed: it gives way.
            for (index, name) in ["z", "y", "x"].enumerated() {
                try await fleet.publish(name, through: index, stream.media)
                try await fleet.waitForClaims("claim of \(name)") { $0[name]?.server == stream.other }
                try await fleet.play(name, through: (index + 1) % 3).wait(for: "media", count: 30)
            }
            _ = try await stream.publisher.program.waitForExit(within: .seconds(40))
            stream.owner.program.signal(SIGCONT)
            try await fleet.waitForOrigins()
            try await fleet.waitForRest(redis)
        }
    }
}
