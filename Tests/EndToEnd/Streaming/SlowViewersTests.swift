import TestKit
import Testing

@Suite("viewers that do not keep up")
struct SlowViewersTests {
    private static let ways = [(ViewersTests.Door.rtmp, Way.straight), (.http, .straight), (.rtmp, .proxied)]

    @Test("go on at a key frame, in bounded memory, and harm nobody", arguments: ways)
    func stalled(door: ViewersTests.Door, way: Way) async throws {
        let media = try await Fixture.plain.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        let rounds = 60
        let variables = ["SRS_VHOST_PLAY_QUEUE_LENGTH": "1", "SRS_VHOST_PLAY_MW_LATENCY": "20"]
        try await withSite(way, variables) { site in
            let origin = site.origin
            let url = door == .rtmp ? site.rtmp("/live/slow") : door.url(origin, "live/slow")
            let slow = try Client.play(url, ["--stall", "3"])
            let fast = try Client.play(url)
            for viewer in [slow, fast] { try await viewer.wait(for: "asked") }
            let publisher = try Client.publish(
                site.rtmp("/live/slow"), media.path, ["--speed", "60", "--rounds", "\(rounds)"])
            try await fast.wait(for: "media", count: 600)
            let programs = [origin.status, site.proxy?.status].compactMap(\.self)
            let before = programs.map(\.residentBytes)
            try await publisher.wait(for: "sent", within: .seconds(40))
            // Twenty megabytes and more have been sent by now, of which a second is to be kept.
            for (program, before) in zip(programs, before) { #expect(program.residentBytes - before < 12 << 20) }
            try await fast.wait(for: "media", count: rounds * (sent.count - 3))
            #expect(fast.events.frames("video").count == rounds * sent.frames("video").count)

            try slow.program.write("\n")
            let last = try #require(fast.events.media.last?.time)
            try await eventually("the end") { slow.events.media.last?.time == last }
            let pictures = slow.events.frames("video")
            let leaps = zip(pictures, pictures.dropFirst()).filter { ($1.time ?? 0) - ($0.time ?? 0) > 200 }
            #expect(!leaps.isEmpty && leaps.allSatisfy { $1.key == true })
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
            let viewers = try (0..<12).map { _ in try Client.play(door.url(origin, "live/hot")) }
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
