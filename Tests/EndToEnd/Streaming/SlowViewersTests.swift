import TestKit
import Testing

@Suite("viewers that do not keep up")
struct SlowViewersTests {
    private static let ways = [
        (ViewersTests.Door.rtmp, Way.straight), (.http, .straight), (.rtmp, .proxied), (.http, .proxied),
    ]

    @Test("go on at a key frame, in bounded memory, and harm nobody", arguments: ways)
    func stalled(door: ViewersTests.Door, way: Way) async throws {
        let media = try await Fixture.plain.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        let pictures = sent.frames("video")
        let keys = pictures.count { $0.key == true }
        let rounds = 60
        // At thirty times real time: the other viewer may be late by two seconds of the clock.
        let variables = ["SRS_VHOST_PLAY_QUEUE_LENGTH": "60", "SRS_VHOST_PLAY_MW_LATENCY": "20"]
        try await withSite(way, variables) { site in
            let origin = site.origin
            let url = door.url(site, "live/slow")
            let slow = try Client.play(url, ["--digest", "--stall", "3"])
            let fast = try Client.play(url, ["--digest"])
            for viewer in [slow, fast] { try await viewer.wait(for: "asked") }
            let publisher = try Client.publish(
                site.rtmp("/live/slow"), media.path, ["--speed", "30", "--rounds", "\(rounds)"])
            try await fast.wait(for: "media", count: keys)
            let programs = [origin.status, site.proxy?.status].compactMap(\.self)
            let before = programs.map(\.residentBytes)
            try await publisher.wait(for: "sent", within: .seconds(60))
            try await fast.wait(for: "media", count: rounds * keys)
            // Twenty megabytes and more have been sent by now, of which a minute is to be kept.
            for (program, before) in zip(programs, before) { #expect(program.residentBytes - before < 16 << 20) }
            let last = try #require(fast.last)
            let lastKey = try #require(pictures.lastIndex { $0.key == true })
            #expect(last.count == (rounds - 1) * pictures.count + lastKey, "the other has got everything")

            try slow.program.write("\n")
            try await eventually("the end") { slow.last?.time == last.time }
            let leaps = slow.events.filter { $0.leap == true }
            #expect(!leaps.isEmpty && leaps.allSatisfy { $0.key == true })
            #expect(slow.events.isMonotonic("video"))
            slow.program.end()
            let label = door == .rtmp ? "rtmp" : "flv"
            try await MetricsPage.wait(for: "sluice_viewer_skips_total{form=\"\(label)\"}", of: origin) { $0 >= 1 }
        }
    }

    @Test("twelve viewers on two loops all get everything", arguments: ["rtmp", "http"])
    func loops(door: String) async throws {
        let media = try await Fixture.plain.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        let door = try #require(ViewersTests.Door(rawValue: door))
        try await withOrigin(["SRS_LOOPS": "2"]) { origin in
            let viewers = try (0..<12).map { _ in
                try Client.play(door.url(Site(origin: origin, proxy: nil), "live/hot"))
            }
            for viewer in viewers { try await viewer.wait(for: "asked") }
            let publisher = try FFmpeg.publish(media, to: origin.url(.rtmp, "/live/hot"), speed: 3)
            defer { publisher.end() }
            for viewer in viewers {
                try await viewer.wait(for: "media", count: 320)
                try await eventually("all pictures") {
                    viewer.events.frames("video").count == sent.frames("video").count
                }
                #expect(viewer.events.isMonotonic("video"))
            }
        }
    }
}
