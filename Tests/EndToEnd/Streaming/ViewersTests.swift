import Foundation
import TestKit
import Testing

@Suite("viewers of sluice-origin, by themselves and through sluice-proxy")
struct ViewersTests {
    /// The ways of viewing one stream, each by a client that shows every message.
    enum Door: String, CaseIterable {
        case rtmp, http, ws

        func url(_ site: Site, _ stream: String, _ query: String = "") -> String {
            switch self {
            case .rtmp: site.rtmp("/\(stream)\(query)")
            case .http: site.http("/\(stream).flv\(query)")
            case .ws: site.webSocket("/\(stream).flv\(query)")
            }
        }
    }

    @Test(
        "begin with metadata, configurations and a key frame, and get every byte", arguments: Door.allCases,
        Way.allCases)
    func bytes(door: Door, way: Way) async throws {
        let media = try await Fixture.bFrames.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        try await withSite(way) { site in
            let viewer = try Client.play(door.url(site, "live/bytes"))
            try await viewer.wait(for: "asked")
            let publisher = try Client.publish(site.rtmp("/live/bytes"), media.path, ["--speed", "5"])
            let events = try await viewer.events(to: try #require(sent.last?.hash))
            try await publisher.wait(for: "sent")
            let arrived = events.media.filter { $0.name?.hasPrefix("on") != false && $0.name != "onStatus" }

            try #require(arrived.count > 100)
            let metadata = arrived[0]
            #expect(metadata.name == "onMetaData")
            for (name, value) in ["width": 320.0, "height": 180, "framerate": 25, "audiosamplerate": 44_100] {
                #expect(metadata.numbers?[name] == value, "\(name)")
            }
            #expect(arrived[1...2].allSatisfy { $0.config == true })
            #expect(arrived.dropFirst(3).first?.key == true)
            for kind in ["video", "audio"] {
                #expect(arrived.configurations(kind).map(\.hash) == sent.configurations(kind).map(\.hash))
                let hashes = arrived.frames(kind).map(\.hash)
                #expect(hashes == sent.frames(kind).suffix(hashes.count).map(\.hash))
                #expect(arrived.isMonotonic(kind))
            }
            #expect(arrived.frames("video").count == sent.frames("video").count)
            if door != .rtmp { #expect(events.first { $0.event == "header" }?.flags == 5) }
        }
    }

    @Test(
        "may leave sound or pictures out",
        arguments: [
            (Door.http, "only-audio=1"), (.http, "only-video=1"), (.ws, "only-audio=1"), (.ws, "only-video=1"),
        ],
        Way.allCases)
    func selection(_ view: (door: Door, query: String), way: Way) async throws {
        let (door, query) = view
        let media = try await Fixture.plain.make()
        let (wanted, other, flags) = query == "only-audio=1" ? ("audio", "video", 4) : ("video", "audio", 1)
        try await withSite(way) { site in
            let publisher = try FFmpeg.publish(media, to: site.rtmp("/live/part"), speed: 1, isEndless: true)
            defer { publisher.end() }
            let viewer = try Client.play(door.url(site, "live/part", "?\(query)"))
            try await viewer.wait(for: "media", count: 40)
            let events = viewer.events
            #expect(events.first { $0.event == "header" }?.flags == flags)
            #expect(events.frames(wanted).count > 30 && events.media.allSatisfy { $0.kind != other })
            let numbers = try #require(events.media.first?.numbers)
            #expect((numbers["width"] != nil) == (wanted == "video"))
            #expect((numbers["audiosamplerate"] != nil) == (wanted == "audio"))
            #expect(events.configurations(wanted).count == 1 && events.isMonotonic(wanted))
        }
    }

    @Test(
        "that come late see a picture within 300 ms where a group of pictures is there", arguments: Door.allCases,
        Way.allCases)
    func late(door: Door, way: Way) async throws {
        let media = try await Fixture.longGroup.make()
        // As it is by default: writes that are merged must not hold back the first one.
        try await withSite(way, ["SRS_VHOST_PLAY_GOP_CACHE": "on", "SRS_VHOST_PLAY_MW_LATENCY": "350"]) { site in
            let publisher = try FFmpeg.publish(media, to: site.rtmp("/live/late"), speed: 1, isEndless: true)
            defer { publisher.end() }
            let first = try Client.play(door.url(site, "live/late"))
            try await first.wait(for: "media", count: 100)
            // The tests share the processors: the best of a few is what the programs take.
            var delays: [Int] = []
            while delays.count < 12, delays.allSatisfy({ $0 > 300 }) {
                let viewer = try Client.play(door.url(site, "live/late"))
                let asked = try await viewer.wait(for: "asked")
                try await viewer.wait(for: "media", count: 40)
                let picture = try #require(viewer.events.frames("video").first)
                #expect(picture.key == true)
                // The group began with the stream: they see it from the same frame on.
                #expect(picture.hash == first.events.frames("video").first?.hash)
                delays.append(picture.ms - asked.ms)
                viewer.program.end()
            }
            #expect(delays.contains { $0 <= 300 }, "\(delays) ms")
        }
    }

    @Test("begin with the next key frame where nothing is cached", arguments: Door.allCases)
    func noCache(door: Door) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(.straight, ["SRS_VHOST_PLAY_GOP_CACHE": "off", "SRS_VHOST_PLAY_MW_LATENCY": "0"]) { site in
            let publisher = try FFmpeg.publish(media, to: site.rtmp("/live/now"), speed: 1, isEndless: true)
            defer { publisher.end() }
            let first = try Client.play(door.url(site, "live/now"))
            try await first.wait(for: "media", count: 80)
            let before = first.events.frames("video").last?.time ?? 0
            let viewer = try Client.play(door.url(site, "live/now"))
            try await viewer.wait(for: "media", count: 10)
            let picture = try #require(viewer.events.frames("video").first)
            #expect(picture.key == true && picture.time ?? 0 > before)
        }
    }

    @Test("get frames one by one without merging, and together with it")
    func merging() async throws {
        let media = try await Fixture.videoOnly.make()
        for (latency, isMerged) in [("0", false), ("500", true)] {
            try await withOrigin(["SRS_VHOST_PLAY_MW_LATENCY": latency]) { origin in
                let publisher = try FFmpeg.publish(
                    media, to: origin.url(.rtmp, "/live/pace"), speed: 1, isEndless: true)
                defer { publisher.end() }
                let viewer = try Client.play(origin.url(.rtmp, "/live/pace"))
                try await viewer.wait(for: "media", count: 60)
                let times = viewer.events.frames("video").map(\.ms)
                // What there was at the beginning comes together in any case.
                let gaps = zip(times, times.dropFirst()).map { $1 - $0 }.dropFirst(20)
                // Merged, twelve come at a time; by themselves some do as well where the machine is busy.
                let share = Double(gaps.count { $0 < 10 }) / Double(gaps.count)
                #expect(isMerged == (share > 0.75), "\(latency): \(gaps)")
            }
        }
    }

    @Test("by HTTP without a publisher get 404 after a while, and those of RTMP wait")
    func nobody() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { origin in
            let player = try Client.play(origin.url(.rtmp, "/live/nobody"))
            let viewer = try Client.play(origin.url(.http, "/live/nobody.flv"))
            try await player.wait(forStatus: "NetStream.Play.Start")
            let socket = try Client.play("ws://127.0.0.1:\(origin.port(.http))/live/nobody.flv")
            let answer = try await viewer.wait(for: "answer")
            #expect(answer.status == 404 && (9_000...15_000).contains(answer.ms))
            #expect(try await socket.wait(for: "closed").code == "4404")
            #expect(player.events.media.allSatisfy { $0.kind == "data" })
            let publisher = try FFmpeg.publish(media, to: origin.url(.rtmp, "/live/nobody"))
            defer { publisher.end() }
            try await player.wait(for: "media", count: 50)
        }
    }

    @Test("by RTMP are told once each of the things they wait for", arguments: Way.allCases)
    func opening(way: Way) async throws {
        try await withSite(way) { site in
            let player = try Client.play(site.rtmp("/live/opening"))
            try await player.wait(for: "media", count: 2)
            // Anything that is said twice comes along.
            let media = try await Fixture.plain.make()
            let publisher = try Client.publish(site.rtmp("/live/opening"), media.path)
            try await publisher.wait(for: "sent")
            try await player.wait(for: "media", count: 5)
            #expect(player.events.compactMap(\.code) == ["NetStream.Play.Reset", "NetStream.Play.Start"])
            let names = player.events.media.prefix(5).compactMap(\.name)
            #expect(names == ["|RtmpSampleAccess", "onStatus", "onMetaData"])
        }
    }

    @Test("curl gets FLV with the fields that browsers want, chunked, and ffprobe finds what is in it")
    func curl() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { origin in
            let publisher = try FFmpeg.publish(media, to: origin.url(.rtmp, "/live/file"), speed: 1, isEndless: true)
            defer { publisher.end() }
            try await origin.waitForLog("publishing")
            let url = origin.url(.http, "/live/file.flv")
            let (head, file) = ("\(origin.directory.path)/head", "\(origin.directory.path)/file.flv")
            let options = [
                "--max-time", "2", "--dump-header", head, "--output", file, "--header", "Origin: http://x.test",
            ]
            let curl = try await RunningProgram.run("/usr/bin/curl", ["--silent", "--noproxy", "*"] + options + [url])
            #expect(curl.exit == .status(28), "it goes on for as long as one likes")
            let fields = try String(contentsOfFile: head, encoding: .utf8).lowercased()
            for field in [
                "http/1.1 200 ok", "content-type: video/x-flv", "transfer-encoding: chunked",
                "access-control-allow-origin: *",
            ] { #expect(fields.contains("\(field)\r\n"), "\(fields)") }
            let probe = try await RunningProgram.run(
                "/usr/bin/ffprobe",
                [
                    "-v", "error", "-show_entries", "stream=codec_name,width,height,sample_rate,profile", "-of", "csv",
                    file,
                ])
            #expect(probe.output.contains("h264,Constrained Baseline,320,180"), "\(probe.output)\(probe.errors)")
            #expect(probe.output.contains("aac,LC,44100"))
        }
    }
}
