import TestKit
import Testing

@Suite("The default backend of a proxy that shares its registry")
struct SharedBackendTests {
    private static func name(of origin: OriginProcess) -> String { "default-backend-127.0.0.1-\(origin.port(.rtmp))" }

    /// Starts two proxies that share a registry, each with the origin of its place as its default backend, or with
    /// none, and waits until both know all of them.
    private static func withProxies(
        _ origins: [OriginProcess?], _ body: ([ProxyProcess]) async throws -> Void
    ) async throws {
        let redis = try await onThread { try RedisServer() }
        func setup(_ origin: OriginProcess?) -> [String: String] {
            let shared = [
                "PROXY_LOAD_BALANCER_TYPE": "redis", "PROXY_REDIS_URL": "redis://127.0.0.1:\(redis.port)",
                "PROXY_LOG_LEVEL": "debug",
            ]
            let own = origin.map { ProxyProcess.variables(before: $0.port(.rtmp), http: $0.port(.http)) }
            return shared.merging(own ?? [:]) { _, own in own }
        }
        try await withProxy(setup(origins[0])) { first in
            try await withProxy(setup(origins[1])) { second in
                for (proxy, own) in zip([first, second], origins) {
                    var states: [String: String] = [:]
                    for case let origin? in origins {
                        states[name(of: origin)] = origin === own ? "fixed" : "alive"
                    }
                    try await wait(for: states, at: proxy)
                }
                try await body([first, second])
            }
        }
    }

    private static func wait(for states: [String: String], at proxy: ProxyProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let seen = try await proxy.originStates()
            if seen == states { return }
            guard ContinuousClock.now < deadline else { throw WaitExpired(description: "\(seen) and not \(states)") }
        }
    }

    @Test("is there for proxies that have none: they publish to it and play from it", arguments: [0, 1])
    func borrowed(publishing: Int) async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { origin in
            try await Self.withProxies([origin, nil]) { proxies in
                let (near, far) = (proxies[publishing], proxies[1 - publishing])
                let viewer = try FFmpeg.play(far.url(.rtmp, "/live/s"), media.sent)
                defer { viewer.program.end() }
                let web = try Client.play(far.url(.media, "/live/s.flv"))
                defer { web.program.end() }
                try await web.wait(for: "asked")
                try await origin.waitForLog("playing")
                let publisher = try FFmpeg.publish(media, to: near.url(.rtmp, "/live/s"), speed: 1)
                defer { publisher.end() }
                for proxy in proxies {
                    try await proxy.waitForClaims("claim") {
                        $0 == ["__defaultVhost__/live/s": Self.name(of: origin)]
                    }
                }
                let recording = try await viewer.recording(toTheEndOf: media.sent)
                #expect(recording.differences(from: media.sent) == [])
                #expect(recording.hashes("video") == media.sent.hashes("video"))
                try await web.wait(for: "media", count: 100)
                #expect(try await publisher.waitForExit() == .status(0), "\(publisher.errors.events)")
                for proxy in proxies { try await proxy.waitForClaims("end of the claim", \.isEmpty) }
            }
        }
    }

    @Test("is another origin than that of another proxy, and a stream is at one of them, whoever publishes it where")
    func different() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await Self.withProxies([one, two]) { proxies in
                    for (name, near, far) in [("a", proxies[0], proxies[1]), ("b", proxies[1], proxies[0])] {
                        let path = "/live/\(name)"
                        let viewer = try FFmpeg.play(far.url(.rtmp, path), media.sent)
                        defer { viewer.program.end() }
                        _ = try await far.waitForViewer(of: name)
                        let first = try Client.publish(
                            near.url(.rtmp, path), media.path, ["--speed", "1", "--end", "silent"])
                        defer { first.program.end() }
                        #expect(try await first.wait(for: "status").code == "NetStream.Publish.Start")
                        let claim = try #require(try await near.streams()[name])
                        let second = try Client.publish(far.url(.rtmp, path), media.path)
                        #expect(try await second.wait(for: "status").code == "NetStream.Publish.BadName")
                        #expect(try await second.program.waitForExit() == .status(3))
                        // Where it began elsewhere than it was waited for, a group may be missed.
                        let recording = try await viewer.recording(toTheEndOf: media.sent)
                        #expect(recording.differences(from: media.sent) == [])
                        #expect(recording.hashes("video").count >= media.sent.hashes("video").count - 25)
                        #expect(try await near.streams()[name] == claim && !first.program.hasExited)
                        #expect(try await far.streams()[name] == claim)
                    }
                }
            }
        }
    }
}
