import Foundation
import TestKit
import Testing

@Suite("other clients of RTMP")
struct OtherClientsTests {
    /// Those that leave FLV as it comes.
    enum Player: CaseIterable {
        case librtmp, gstreamer

        func play(_ url: String, into file: String) throws -> RunningProgram {
            switch self {
            case .librtmp:
                try RunningProgram(Tool.rtmpdump, ["--quiet", "--live", "--rtmp", url, "--flv", file])
            case .gstreamer:
                try RunningProgram(
                    Tool.gstreamer,
                    ["-q", "rtmp2src", "location=\(url)", "!", "filesink", "buffer-mode=2", "location=\(file)"])
            }
        }
    }

    @Test(
        "librtmp and GStreamer play, each with its own handshake, also what is a day old and has extended timestamps",
        .enabled(if: Tool.exists(Tool.rtmpdump) && Tool.exists(Tool.gstreamer)),
        arguments: [(Player.librtmp, 0), (.librtmp, 86_400), (.gstreamer, 0), (.gstreamer, 86_400)], Way.allCases)
    func players(_ play: (player: Player, age: Int), way: Way) async throws {
        let media = try await Fixture.bFrames.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/dump")
            let file = "\(site.origin.directory.path)/dump.flv"
            let player = try play.player.play(url, into: file)
            defer { player.end() }
            try await site.origin.waitForLog("playing")
            let publisher = try FFmpeg.publish(media, to: url, ["-output_ts_offset", "\(play.age)"])
            defer { publisher.end() }
            let size = Tool.size(of: media.path)
            try await eventually("most of it") { Tool.size(of: file) > size * 3 / 4 }
            player.end()
            let recording = try await FFmpeg.record(file: file)
            // The last may have been cut off with its program.
            let hashes = recording.hashes("video").dropLast()
            #expect(hashes.count > 50 && Array(hashes) == Array(media.sent.hashes("video").prefix(hashes.count)))
            let times = recording.tracks["video"]?.frames.map(\.decodingTime) ?? []
            #expect(zip(times, times.dropFirst()).allSatisfy { 30...50 ~= $1 - $0 }, "\(times)")
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

// MARK: - VLC

extension OtherClientsTests {
    /// VLC without a screen; what it prints goes to `file`.
    private static func vlc(_ file: String, _ arguments: [String]) throws -> RunningProgram {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Clients/vlc.py")
        return try RunningProgram("/usr/bin/python3", [script.path, file] + arguments)
    }

    /// The hashes of the pictures in a file, decoded: programs differ in where they put parameter sets.
    private static func pictures(_ file: String) async throws -> [String] {
        let result = try await RunningProgram.run(
            FFmpeg.path,
            FFmpeg.quiet + ["-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"])
        return Recording(result.output.split(separator: "\n").map(String.init)).hashes("video")
    }

    @Test(
        "VLC plays by RTMP and HTTP-FLV, picture for picture", .enabled(if: Tool.exists(Tool.vlc)),
        arguments: Way.allCases)
    func vlcPlays(way: Way) async throws {
        let media = try await Fixture.plain.make()
        let sent = try await Self.pictures(media.path)
        try await withSite(way) { site in
            let publisher = try FFmpeg.publish(media, to: site.rtmp("/live/vlc"), speed: 1, isEndless: true)
            defer { publisher.end() }
            try await site.origin.waitForLog("publishing")
            for (number, url) in [site.rtmp("/live/vlc"), site.http("/live/vlc.flv")].enumerated() {
                let file = "\(site.origin.directory.path)/\(number).ts"
                let player = try Self.vlc(file, [url, "--sout", "#std{access=file,mux=ts,dst=-}"])
                defer { player.end() }
                let deadline = ContinuousClock.now + .seconds(30)
                var seen: [String] = []
                while seen.count < 75, ContinuousClock.now < deadline { seen = try await Self.pictures(file) }
                // The file goes round and round, and is seen from a key frame on; the last picture may be cut off.
                let first = try #require(seen.first.flatMap { sent.firstIndex(of: $0) })
                let expected = (0..<seen.count - 1).map { sent[(first + $0) % sent.count] }
                #expect(first % 25 == 0 && seen.count >= 75 && seen.dropLast() == expected[...], "\(url)")
            }
        }
    }

    @Test("VLC publishes", .enabled(if: Tool.exists(Tool.vlc)), arguments: Way.allCases)
    func vlcPublishes(way: Way) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(way) { site in
            let url = site.rtmp("/live/vlc")
            let viewer = try FFmpeg.play(url, media.sent)
            defer { viewer.program.end() }
            try await site.origin.waitForLog("playing")
            let publisher = try Self.vlc(
                "/dev/null", [media.path, "--sout", "#std{access=rtmp,mux=ffmpeg{mux=flv},dst=\(url)}"])
            defer { publisher.end() }
            var arrived = Recording([])
            for (log, enough) in [(viewer.program.output, 90), (viewer.program.errors, 150)] {
                let lines = try await log.wait(for: "\(enough) frames", within: .seconds(30)) { $0.count > enough + 12 }
                arrived.add(Recording(lines))
            }
            let sounds = arrived.hashes("audio")
            // Viewers begin with a picture: the first sounds may be left out.
            let sent = media.sent.hashes("audio")
            let first = try #require(sent.firstIndex(of: sounds.first ?? ""))
            #expect(first < 10 && sounds.count >= 150 && sounds[...] == sent[first...].prefix(sounds.count))
            let pictures = arrived.hashes("video")
            let same = zip(pictures, media.sent.hashes("video")).map { $0 == $1 }
            // It puts the parameter sets in front of key frames.
            #expect(pictures.count >= 90 && same.enumerated().allSatisfy { $1 || $0 % 25 == 0 }, "\(same)")
        }
    }
}

/// Programs that need not be installed.
private enum Tool {
    static let vlc = "/usr/bin/vlc"
    static let gstreamer = "/usr/bin/gst-launch-1.0"
    static let rtmpdump = "/usr/bin/rtmpdump"

    static func size(of file: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    }

    static func exists(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
}
