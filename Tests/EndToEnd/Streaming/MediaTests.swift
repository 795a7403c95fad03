import TestKit
import Testing

@Suite("streams arrive as they were sent")
struct MediaTests {
    @Test(
        "by RTMP to ffmpeg: frames, order, times, codecs and configurations", arguments: Fixture.published, Way.allCases
    )
    func rtmp(fixture: Fixture, way: Way) async throws {
        let media = try await fixture.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/\(fixture)")
            let viewer = try FFmpeg.play(url, media.sent)
            defer { viewer.program.end() }
            try await site.origin.waitForLog("playing")
            let publisher = try FFmpeg.publish(media, to: url)
            defer { publisher.end() }
            let recording = try await viewer.recording(toTheEndOf: media.sent)
            // It begins with a key frame; a frame of sound may be in front of that.
            #expect(recording.hashes("video").count == media.sent.hashes("video").count)
            #expect(recording.hashes("audio").count >= media.sent.hashes("audio").count - 1)
            #expect(recording.differences(from: media.sent) == [])
            #expect(try await publisher.waitForExit() == .status(0), "\(publisher.errors.events)")
        }
    }

    @Test("by HTTP-FLV to ffmpeg", arguments: Fixture.published, Way.allCases)
    func flv(fixture: Fixture, way: Way) async throws {
        let media = try await fixture.make()
        try await withSite(way) { site in
            let viewer = try FFmpeg.play(site.http("/live/\(fixture).flv"), media.sent)
            defer { viewer.program.end() }
            let publisher = try FFmpeg.publish(media, to: site.rtmp("/live/\(fixture)"), speed: 2)
            defer { publisher.end() }
            let recording = try await viewer.recording(toTheEndOf: media.sent)
            for kind in media.sent.kinds {
                #expect(recording.hashes(kind).count > media.sent.hashes(kind).count / 2, "\(kind)")
            }
            #expect(recording.differences(from: media.sent) == [])
        }
    }
}
