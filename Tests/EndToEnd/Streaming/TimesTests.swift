import TestKit
import Testing

@Suite("times of streams")
struct TimesTests {
    /// From where a publisher counts: after a day, across the end of 24, of 31 and of 32 bits.
    private static let beginnings = [0, 86_400_000, 0xFF_FFFF - 2_500, 0x7FFF_FFFF - 2_500, 0xFFFF_FFFF - 2_500]

    @Test("go on evenly wherever the publisher's begin, also where they wrap", arguments: beginnings, Way.allCases)
    func offsets(offset: Int, way: Way) async throws {
        let media = try await Fixture.bFrames.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        try await withSite(way) { site in
            let url = site.rtmp("/live/times")
            let viewers = [
                try Client.play(url), try Client.play(site.http("/live/times.flv")),
            ]
            for viewer in viewers { try await viewer.wait(for: "asked") }
            let publisher = try Client.publish(url, media.path, ["--speed", "5", "--offset", "\(offset)"])
            let last = try #require(sent.last?.hash)
            for viewer in viewers {
                let events = try await viewer.events(to: last)
                for kind in ["video", "audio"] {
                    let arrived = events.frames(kind)
                    let expected = sent.frames(kind).suffix(arrived.count)
                    #expect(arrived.map(\.hash) == expected.map(\.hash))
                    #expect(Self.steps(arrived) == Self.steps(Array(expected)), "\(kind)")
                }
            }
            #expect(try await publisher.program.waitForExit() == .status(0))
        }
    }

    private static func steps(_ frames: [Client.Event]) -> [Int] {
        let times = frames.compactMap(\.time)
        return zip(times, times.dropFirst()).map { $1 - $0 & 0xFFFF_FFFF }
    }

    @Test("of a stream that is a day old do no harm to ffmpeg, at either end", arguments: Way.allCases)
    func day(way: Way) async throws {
        let media = try await Fixture.bFrames.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/day")
            let viewer = try FFmpeg.play(url, media.sent)
            defer { viewer.program.end() }
            try await site.origin.waitForLog("playing")
            let publisher = try FFmpeg.publish(media, to: url, speed: 5, ["-output_ts_offset", "86400"])
            defer { publisher.end() }
            let recording = try await viewer.recording(toTheEndOf: media.sent)
            #expect(recording.differences(from: media.sent) == [])
        }
    }
}
