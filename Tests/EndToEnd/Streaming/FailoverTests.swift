import Glibc
import TestKit
import Testing

@Suite("sluice-proxy finds another origin")
struct FailoverTests {
    /// Origins that take no session.
    enum Fault: String, CaseIterable {
        case denies, closes, garbage, deaf, unreachable
    }

    /// Keeps what plays the origin alive.
    private enum Bad {
        case nginx(Nginx)
        case client(Client)
        case port(TakenPort)

        func end() {
            if case .port(let port) = self { port.close() }
        }

        static func make(_ fault: Fault) async throws -> (port: UInt16, Bad) {
            switch fault {
            case .denies:
                let nginx = try await Nginx("deny publish all; deny play all;")
                return (nginx.port, .nginx(nginx))
            case .closes, .garbage, .deaf:
                let client = try Client.run("broken.py", [fault.rawValue])
                return (UInt16(try await client.wait(for: "ready").text ?? "") ?? 0, .client(client))
            case .unreachable:
                let taken = try TakenPort(.refusing)
                return (taken.port, .port(taken))
            }
        }
    }

    @Test("where the first takes no session, and the client knows nothing of it", arguments: Fault.allCases)
    func faults(fault: Fault) async throws {
        let media = try await Fixture.plain.make()
        let (port, bad) = try await Bad.make(fault)
        defer { bad.end() }
        try await withOrigin { origin in
            try await withProxy(["PROXY_LOG_LEVEL": "debug"]) { proxy in
                try await proxy.register("bad", rtmp: port, weight: 10_000)
                try await proxy.register("good", rtmp: origin.port(.rtmp), weight: 1)
                let url = proxy.url(.rtmp, "/live/f")
                let publishers = try (0..<3).map { try Client.publish("\(url)\($0)", media.path, Client.lasting) }
                for publisher in publishers {
                    #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
                }
                #expect(Set(try await proxy.claims().values) == ["good"])
                let viewer = try Client.play("\(url)0")
                try await viewer.wait(for: "media", count: 30)
                let reason =
                    switch fault {
                    case .denies, .closes: "closed"
                    case .garbage: "malformed"
                    case .deaf: "timeout"
                    case .unreachable: "unreachable"
                    }
                let series = "sluice_rtmp_relay_failures_total{reason=\"\(reason)\"}"
                try await MetricsPage.wait(for: series, of: proxy) { $0 >= 1 }
            }
        }
    }

    @Test("where the first has as many connections as it may have, and is listed as full, not as failing")
    func full() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin(["SRS_MAX_CONNECTIONS": "1"]) { small in
            try await withOrigin { large in
                try await withProxy { proxy in
                    try await proxy.register("small", rtmp: small.port(.rtmp), weight: 10_000)
                    try await proxy.register("large", rtmp: large.port(.rtmp), weight: 1)
                    var publishers: [Client] = []
                    for index in 0..<3 {
                        let publisher = try Client.publish(
                            proxy.url(.rtmp, "/live/f\(index)"), media.path, Client.lasting)
                        #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
                        publishers.append(publisher)
                        guard index == 1 else { continue }
                        let listed = try await Curl.get(proxy.url(.system, "/api/v1/origins")).json
                        let origins = (listed["data"] as? [String: Any])?["origins"] as? [[String: Any]] ?? []
                        #expect(origins.count == 2 && origins.allSatisfy { ($0["failing"] as? [String]) == [] })
                    }
                    #expect(try await proxy.claims().values.sorted() == ["large", "large", "small"])
                    let series = "sluice_rtmp_relay_retries_total{purpose=\"publish\"}"
                    try await MetricsPage.wait(for: series, of: proxy) { $0 >= 1 }
                    withExtendedLifetime(publishers) {}
                }
            }
        }
    }

    @Test("and says why where there is none")
    func nobody() async throws {
        let media = try await Fixture.plain.make()
        try await withProxy { proxy in
            let url = proxy.url(.rtmp, "/live/none")
            let publisher = try await Client.publish(url, media.path).wait(for: "status")
            #expect(publisher.code == "NetStream.Publish.Denied" && publisher.text == "No origin is there for it.")
            let player = try await Client.play(url).wait(for: "status")
            #expect(player.code == "NetStream.Play.StreamNotFound" && player.text == "No origin is there for it.")
            let ffmpeg = try FFmpeg.publish(media, to: url)
            #expect(try await ffmpeg.waitForExit() != .status(0))
            #expect(ffmpeg.errors.events.joined().contains("No origin is there for it."), "\(ffmpeg.errors.events)")

            let (port, bad) = try await Bad.make(.unreachable)
            defer { bad.end() }
            try await proxy.register("gone", rtmp: port)
            let refused = try await Client.publish(url, media.path).wait(for: "status")
            #expect(refused.text == "No origin could be reached for it.")
        }
    }

    @Test("for the publisher of an origin that died, and its viewers go on without a new connection")
    func death() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await withProxy { proxy in
                    let origins = ["one": one, "two": two]
                    for (name, origin) in origins { try await proxy.register(name, rtmp: origin.port(.rtmp)) }
                    let url = proxy.url(.rtmp, "/live/moves")
                    let publisher = try Client.publish(url, media.path, Client.lasting)
                    try await publisher.wait(for: "status")
                    let viewer = try Client.play(url)
                    try await viewer.wait(for: "media", count: 30)
                    let owner = try #require(try await proxy.claims()["__defaultVhost__/live/moves"])
                    let owning = try #require(origins[owner])
                    owning.program.signal(SIGKILL)
                    try await publisher.wait(for: "closed")
                    try await proxy.waitForClaims("end of the claim") { $0.isEmpty }

                    let sofar = viewer.events.media.count
                    let next = try Client.publish(url, media.path, Client.lasting)
                    #expect(try await next.wait(for: "status").code == "NetStream.Publish.Start")
                    let other = owner == "one" ? "two" : "one"
                    #expect(try await proxy.claims() == ["__defaultVhost__/live/moves": other])
                    let again = try Client.play(url)
                    for viewer in [viewer, again] { try await viewer.wait(for: "media", count: sofar + 50) }
                    #expect(
                        viewer.events.count { $0.code == "NetStream.Play.Start" } == 1,
                        "it is not told that it begins anew")
                }
            }
        }
    }

    @Test("and two proxies with the same origins send a stream to the same one")
    func twoProxies() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await withProxy { left in
                    try await withProxy { right in
                        for proxy in [left, right] {
                            try await proxy.register("one", rtmp: one.port(.rtmp))
                            try await proxy.register("two", rtmp: two.port(.rtmp))
                        }
                        // One after the other: a load that the other proxy does not know of would move a stream.
                        for number in 0..<6 {
                            let path = "/live/p\(number)"
                            let publisher = try Client.publish(left.url(.rtmp, path), media.path, Client.lasting)
                            try await publisher.wait(for: "status")
                            let viewer = try Client.play(right.url(.rtmp, path))
                            try await viewer.wait(for: "media", count: 20)
                            publisher.program.end()
                            try await left.waitForClaims("end of the claim") { $0.isEmpty }
                        }
                    }
                }
                let ways = [one, two].map { $0.log.count { $0.message == "publishing" } }
                #expect(ways.reduce(0, +) == 6 && !ways.contains(0), "\(ways)")
            }
        }
    }
}
