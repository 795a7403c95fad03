import Foundation
import TestKit
import Testing

@Suite("other clients of RTMP")
struct OtherClientsTests {
    @Test("librtmp plays, with its own handshake", .enabled(if: Tool.exists(Tool.rtmpdump)), arguments: Way.allCases)
    func librtmp(way: Way) async throws {
        let media = try await Fixture.bFrames.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/dump")
            let file = "\(site.origin.directory.path)/dump.flv"
            let player = try RunningProgram(
                Tool.rtmpdump, ["--quiet", "--live", "--rtmp", url, "--flv", file])
            defer { player.end() }
            try await site.origin.waitForLog("playing")
            let publisher = try FFmpeg.publish(media, to: url)
            defer { publisher.end() }
            let size = Tool.size(of: media.path)
            try await eventually("most of it") { Tool.size(of: file) > size * 3 / 4 }
            player.end()
            let recording = try await FFmpeg.record(file: file)
            // The last may have been cut off with its program.
            let hashes = recording.hashes("video").dropLast()
            #expect(hashes.count > 50 && Array(hashes) == Array(media.sent.hashes("video").prefix(hashes.count)))
        }
    }

    @Test(
        "GStreamer publishes and plays",
        .enabled(if: Tool.exists(Tool.gstreamer)), arguments: Way.allCases)
    func gstreamer(way: Way) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/gst")
            let file = "\(site.origin.directory.path)/gst.flv"
            let player = try RunningProgram(
                Tool.gstreamer,
                ["-q", "rtmp2src", "location=\(url)", "!", "filesink", "buffer-mode=2", "location=\(file)"])
            defer { player.end() }
            try await site.origin.waitForLog("playing")
            let publisher = try RunningProgram(
                Tool.gstreamer,
                ["-q", "filesrc", "location=\(media.path)", "!", "flvdemux", "name=d", "d.video", "!", "queue", "!"]
                    + ["h264parse", "!", "flvmux", "name=m", "streamable=true", "!", "rtmp2sink", "location=\(url)"]
                    + ["d.audio", "!", "queue", "!", "aacparse", "!", "m."])
            defer { publisher.end() }
            #expect(try await publisher.waitForExit() == .status(0), "\(publisher.errors.events)")
            try await site.origin.waitForLog("publishing has ended")
            let deadline = ContinuousClock.now + .seconds(10)
            var recording = Recording([])
            // GStreamer splits no frame, but may leave out the parameter sets or add them.
            while ContinuousClock.now < deadline, recording.hashes("audio").count < media.sent.hashes("audio").count - 2
            {
                recording = try await FFmpeg.record(file: file)
            }
            let sounds = recording.hashes("audio")
            #expect(sounds == Array(media.sent.hashes("audio").suffix(sounds.count)))
            #expect(recording.hashes("video").count == media.sent.hashes("video").count)
        }
    }
}

/// Programs that need not be installed.
private enum Tool {
    static let gstreamer = "/usr/bin/gst-launch-1.0"
    static let rtmpdump = "/usr/bin/rtmpdump"

    static func size(of file: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    }

    static func exists(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
}
