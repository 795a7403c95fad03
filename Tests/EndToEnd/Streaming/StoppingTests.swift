import TestKit
import Testing

@Suite("clients of sluice-proxy that stop and stay")
struct StoppingTests {
    @Test("a publisher gives its stream back at once, and publishes again on the same connection, wherever that leads")
    func publisher() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await withProxy { proxy in
                    try await proxy.register("one", rtmp: one.port(.rtmp))
                    let url = proxy.url(.rtmp, "/live/stops")
                    let publisher = try Client.publish(
                        url, media.path, ["--speed", "5", "--again", "2", "--end", "silent"])
                    try await publisher.wait(for: "stopped")
                    try await proxy.waitForClaims("end of the claim") { $0.isEmpty }
                    let open = "sluice_rtmp_relays_open{purpose=\"publish\"}"
                    try await MetricsPage.wait(for: open, of: proxy) { $0 == 0 }
                    try await one.waitForLog("publishing has ended")

                    let viewer = try Client.play(url)
                    try await viewer.wait(for: "asked")
                    try publisher.program.write("\n")
                    try await publisher.wait(forStatus: "NetStream.Publish.Start", count: 2)
                    try await viewer.wait(for: "media", count: 100)
                    try await publisher.wait(for: "stopped", count: 2)
                    try await proxy.waitForClaims("end of the claim") { $0.isEmpty }

                    try await proxy.register("one", rtmp: one.port(.rtmp), state: "leaving")
                    try await proxy.register("two", rtmp: two.port(.rtmp))
                    try publisher.program.write("\n")
                    try await publisher.wait(forStatus: "NetStream.Publish.Start", count: 3)
                    #expect(try await proxy.claims() == ["__defaultVhost__/live/stops": "two"])
                    let sofar = viewer.events.media.count
                    try await viewer.wait(for: "media", count: sofar + 50)
                    #expect(!publisher.program.hasExited)
                }
            }
        }
    }

    @Test("a second stream on one connection is refused with a reason, and the first goes on")
    func second() async throws {
        let media = try await Fixture.plain.make()
        try await withSite(.proxied) { site in
            let url = site.rtmp("/live/first")
            let viewer = try Client.play(url)
            try await viewer.wait(for: "asked")
            let client = try Client.run("second.py", [url, media.path])
            try await client.wait(for: "sent")
            let answers = client.events.filter { $0.event == "status" }
            #expect(
                answers.map(\.code) == [
                    "NetStream.Publish.Start", "NetStream.Publish.Denied", "NetStream.Play.Failed",
                ])
            #expect(answers.dropFirst().allSatisfy { $0.text?.contains("connection of its own") == true })
            try await viewer.wait(for: "media", count: 300)
        }
    }

    @Test("a player that asks for another stream gets that one, and nothing of the one before behind its beginning")
    func player() async throws {
        let (one, other) = (try await Fixture.plain.make(), try await Fixture.bFrames.make())
        var hashes: [Set<String>] = []
        for media in [one, other] {
            hashes.append(Set(try await Client.run("tags.py", [media.path]).all().frames("video").compactMap(\.hash)))
        }
        try await withSite(.proxied) { site in
            let names = ["a", "b"]
            let publishers = try zip(names, [one, other]).map { name, media in
                try Client.publish(site.rtmp("/live/\(name)"), media.path, Client.lasting)
            }
            for publisher in publishers { try await publisher.wait(for: "status") }
            let player = try Client.run("switch.py", [site.rtmp("/live/a"), "60", "a", "b", "a"])
            let events = try await player.all()
            let frames = events.frames("video")
            #expect(events.media.count == 180)
            for (name, hashes) in zip(names, hashes) {
                let own = frames.filter { $0.text == name }
                #expect(own.count > 15 && own.allSatisfy { hashes.contains($0.hash ?? "") })
            }
        }
    }
}
