import TestKit
import Testing

/// What is asked of a fleet while its registry is away. Where a stream goes is then a matter of names alone.
struct Outage {
    let fleet: Fleet
    let media: Fixture.Media
    /// What is in `media`, from its first picture on: there viewers begin.
    let sent: [Client.Event]
    /// One that was published through each proxy before.
    let shows: [SharedShow]
    let before: [String: SharedStream]

    init(_ fleet: Fleet) async throws {
        self.fleet = fleet
        media = try await Fixture.plain.make()
        sent = Array(try await Client.run("tags.py", [media.path]).all().drop { $0.key != true })
        var shows: [SharedShow] = []
        for proxy in 0..<3 {
            shows.append(try await SharedShow("show-\(proxy)", through: proxy, of: fleet, media))
        }
        try await SharedShow.waitForMedia(of: shows)
        self.shows = shows
        let names = Set(shows.map(\.name))
        try await fleet.waitForClaims("claims of shows") { Set($0.keys) == names }
        before = try await fleet.proxies[0].streams()
    }

    /// Publishes through one proxy what is played through all of them, and plays what has been there before.
    ///
    /// Nobody tells another proxy of the stream. Players are served there because names alone decide where they wait
    /// and where the publisher goes; so they have to be there before it, like the one at its own proxy, and every frame
    /// arrives.
    func publishAndPlay(_ name: String, through proxy: Int) async throws {
        let viewers = try (0..<3).map { try fleet.play(name, through: $0) }
        var places: Set<String> = []
        for proxy in fleet.proxies { places.insert(try await proxy.waitForViewer(of: name)) }
        let publisher = try await fleet.publish(name, through: proxy, media, ["--speed", "0.5"])
        let owner = try await fleet.proxies[proxy].streams()[name]?.server
        #expect(places.count == 1 && owner == places.first, "\(owner ?? "nobody") of \(places)")
        let latest = try fleet.play(name, through: (proxy + 1) % 3)
        let show = try fleet.play(shows[(proxy + 1) % 3].name, through: proxy)
        for viewer in [latest, show] { try await viewer.wait(for: "media", count: 30) }
        show.program.end()
        for (number, viewer) in viewers.enumerated() {
            let events = try await viewer.events(to: try #require(sent.last?.hash))
            for kind in ["video", "audio"] {
                let (came, expected) = (events.frames(kind).map(\.hash), sent.frames(kind).map(\.hash))
                let isWhole = came == expected
                #expect(isWhole, "\(came.count) of \(expected.count) of \(kind) of \(name) through \(number)")
            }
        }
        #expect(try await publisher.program.waitForExit() == .status(0))
        for viewer in viewers + [latest] { viewer.program.end() }
        try await fleet.waitForClaims("end of \(name)", at: [fleet.proxies[proxy]]) { $0[name] == nil }
    }

    /// Publishes much through one proxy, so that origins have more and less of it, and plays it through another one.
    func publishMany(_ prefix: String, through proxy: Int) async throws {
        let names = (0..<6).map { "\(prefix)-\($0)" }
        for name in names { try await fleet.publish(name, through: proxy, media) }
        for viewer in try names.map({ try fleet.play($0, through: (proxy + 1) % 3) }) {
            try await viewer.wait(for: "media", count: 30)
            viewer.program.end()
        }
    }

    /// One stream is let in through two proxies, of which the second one has had its origin drained and alone knows of
    /// that. Returns both publishers, and one who views through the second.
    func publishTwice(_ name: String, through first: Int, _ second: Int) async throws -> (Client, Client, Client) {
        let publisher = try await fleet.publish(name, through: first, media)
        let owner = try #require(try await fleet.proxies[first].streams()[name]?.server)
        try await fleet.proxies[second].order("drain", owner)
        let later = try await fleet.publish(name, through: second, media)
        try await fleet.proxies[second].order("undrain", owner)
        let viewer = try fleet.play(name, through: second)
        try await viewer.wait(for: "media", count: 30)
        return (publisher, later, viewer)
    }

    /// Every proxy says the same of every stream, and so does Redis.
    func waitForAgreement(_ redis: RedisServer, on names: Set<String>) async throws -> [String: SharedStream] {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            var all: [[String: SharedStream]] = []
            for proxy in fleet.proxies { all.append(try await proxy.streams()) }
            let kept = try await onThread { try redis.epochs() }
            if Set(all[0].keys) == names, all.allSatisfy({ $0 == all[0] }), kept == all[0].mapValues(\.epoch) {
                return all[0]
            }
            guard ContinuousClock.now < deadline else {
                throw WaitExpired(description: "no agreement on \(names.sorted()): \(all), \(kept)")
            }
        }
    }

    /// Nothing has happened to what was there before.
    func expectWholeShows(_ streams: [String: SharedStream]) async throws {
        try await SharedShow.waitForMedia(of: shows)
        for show in shows {
            #expect(show.faults == [], "\(show.name)")
            #expect(!show.publisher.program.hasExited && streams[show.name] == before[show.name])
        }
    }
}

extension ProxyProcess {
    /// An operator's order of an origin.
    fileprivate func order(_ order: String, _ origin: String) async throws {
        let answer = try await Curl.get(url(.system, "/api/v1/origins/\(origin)/\(order)"), ["--request", "POST"])
        #expect(answer.status == 200, "\(answer.body)")
    }

    /// Waits until somebody plays a stream through it, and returns the origin at which that is.
    func waitForViewer(of name: String) async throws -> String {
        let stream = "\"__defaultVhost__/live/\(name)\""
        @Sendable func isViewer(_ line: String) -> Bool {
            line.contains("\"relaying\"") && line.contains(stream) && line.contains("\"play\"")
        }
        let lines = try await program.errors.wait(for: "player of \(name)") { $0.contains(where: isViewer) }
        return try #require(lines.first(where: isViewer).flatMap { LogLine($0)?["origin"] })
    }
}

extension RedisServer {
    /// The epoch of each claim, by the name of its stream.
    func epochs() throws -> [String: UInt64] {
        var epochs: [String: UInt64] = [:]
        for part in 0..<64 {
            let words = try words("HGETALL sluice:1:{claims-\(part)}:values")
            for index in stride(from: 0, to: words.count, by: 2) {
                let name = words[index].split(separator: "/").last.map(String.init) ?? ""
                epochs[name] = words[index + 1].split(separator: " ").first.flatMap { UInt64($0) }
            }
        }
        return epochs
    }
}
