import Glibc
import TestKit
import Testing

@Suite("publishers come, go, and get in each other's way")
struct PublishersTests {
    @Test("a second one is refused with a reason, and the first goes on", arguments: Way.allCases)
    func conflict(way: Way) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/busy")
            let viewer = try Client.play(url)
            let first = try Client.publish(url, media.path, Client.lasting)
            try await viewer.wait(for: "media", count: 30)
            let second = try Client.publish(url, media.path)
            let refusal = try await second.wait(for: "status")
            #expect(refusal.code == "NetStream.Publish.BadName" && refusal.text?.isEmpty == false)
            #expect(try await second.program.waitForExit() == .status(3))
            let third = try FFmpeg.publish(media, to: url)
            #expect(try await third.waitForExit() != .status(0))

            let sofar = viewer.events.media.count
            try await viewer.wait(for: "media", count: sofar + 60)
            #expect(!first.program.hasExited && viewer.events.isMonotonic("video"))
        }
    }

    @Test("one that ends and another that begins are one stream to those who wait", arguments: Way.allCases)
    func again(way: Way) async throws {
        let (one, other) = (try await Fixture.plain.make(), try await Fixture.bFrames.make())
        let sent = [
            try await Client.run("tags.py", [one.path]).all(), try await Client.run("tags.py", [other.path]).all(),
        ]
        try await withSite(way) { site in
            let url = site.rtmp("/live/again")
            let viewers = [
                try Client.play(url), try Client.play(site.http("/live/again.flv")),
                try Client.play(site.webSocket("/live/again.flv")),
            ]
            for viewer in viewers { try await viewer.wait(for: "asked") }
            let publishers = [("unpublish", one), ("close", other), ("unpublish", one)]
            for (number, (end, media)) in publishers.enumerated() {
                let publisher = try Client.publish(url, media.path, ["--speed", "5", "--end", end])
                #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
                try await publisher.wait(for: "sent")
                _ = try await site.origin.waitForLog("publishing has ended", count: number + 1)
            }
            let pictures = sent.map { $0.frames("video").map(\.hash) }
            let configurations = sent.map { $0.configurations("video").map(\.hash) }
            for viewer in viewers {
                try await viewer.wait(for: "media", count: 3 * 300)
                let last = try #require(sent[0].last?.hash)
                try await eventually("the end of the third") { viewer.events.media.last?.hash == last }
                let events = viewer.events
                #expect(events.frames("video").map(\.hash) == pictures[0] + pictures[1] + pictures[0])
                #expect(
                    events.configurations("video").map(\.hash)
                        == configurations[0] + configurations[1] + configurations[0])
                #expect(events.isMonotonic("video") && events.isMonotonic("audio"))
                let times = events.frames("video").compactMap(\.time)
                #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 <= 200 }, "and nowhere a leap")
            }
        }
    }

    @Test("one that is killed has gone at once", arguments: Way.allCases)
    func killed(way: Way) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/killed")
            let first = try FFmpeg.publish(media, to: url, speed: 1)
            try await site.origin.waitForLog("publishing")
            first.signal(SIGKILL)
            try await site.origin.waitForLog("publishing has ended")
            let second = try Client.publish(url, media.path)
            #expect(try await second.wait(for: "status").code == "NetStream.Publish.Start")
        }
    }

    @Test(
        "one that falls silent, or never begins, is found out, and another may come", arguments: [0, 50], Way.allCases)
    func silent(tags: Int, way: Way) async throws {
        let media = try await Fixture.plain.make()
        // A busy machine needs as much to begin.
        let timeouts = ["SRS_VHOST_PUBLISH_FIRSTPKT_TIMEOUT": "2700", "SRS_VHOST_PUBLISH_NORMAL_TIMEOUT": "2600"]
        try await withSite(way, timeouts) { site in
            let url = site.rtmp("/live/silent")
            let first = try Client.publish(url, media.path, ["--tags", "\(tags)", "--end", "silent"])
            let began = try await first.wait(for: "sent")
            let closed = try await first.wait(for: "closed")
            #expect((2_500...7_000).contains(closed.ms - began.ms))
            try await site.origin.waitForLog("publisher is silent")
            let second = try Client.publish(url, media.path)
            #expect(try await second.wait(for: "status").code == "NetStream.Publish.Start")
            try await second.wait(for: "sent")
        }
    }

    @Test("one that stands still holds its stream no longer than the timeout")
    func stopped() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin(["SRS_VHOST_PUBLISH_NORMAL_TIMEOUT": "800"]) { origin in
            let url = origin.url(.rtmp, "/live/stopped")
            let first = try FFmpeg.publish(media, to: url, speed: 1)
            defer { first.end() }
            let viewer = try Client.play(url)
            try await viewer.wait(for: "media", count: 40)
            first.signal(SIGSTOP)
            try await origin.waitForLog("publisher is silent")
            let sofar = viewer.events.media.count
            let second = try Client.publish(url, media.path, ["--speed", "5"])
            #expect(try await second.wait(for: "status").code == "NetStream.Publish.Start")
            try await viewer.wait(for: "media", count: sofar + 100)
            #expect(viewer.events.isMonotonic("video"))
        }
    }
}
