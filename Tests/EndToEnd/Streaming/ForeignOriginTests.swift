import TestKit
import Testing

@Suite("sluice-proxy in front of nginx-rtmp")
struct ForeignOriginTests {
    @Test(
        "passes streams both ways as they are, new ones and those that are a day old",
        arguments: [Fixture.plain, .bFrames, .mp3, .audioOnly, .videoOnly], [0, 86_400])
    func media(fixture: Fixture, age: Int) async throws {
        let media = try await fixture.make()
        let nginx = try await Nginx()
        try await withProxy(ProxyProcess.variables(before: nginx.port)) { proxy in
            let url = proxy.url(.rtmp, "/live/\(fixture)")
            // It is there first: a program that is slow to start misses nothing.
            let viewer = try FFmpeg.play(url, media.sent)
            defer { viewer.program.end() }
            try await proxy.waitForLog("relaying")
            let publisher = try FFmpeg.publish(media, to: url, speed: 1, ["-output_ts_offset", "\(age)"])
            defer { publisher.end() }
            let recording = try await viewer.recording(toTheEndOf: media.sent)
            for kind in media.sent.kinds {
                #expect(recording.hashes(kind).count > media.sent.hashes(kind).count / 3, "\(kind)")
            }
            #expect(recording.differences(from: media.sent) == [])
            #expect(try await publisher.waitForExit() == .status(0))
        }
    }

    @Test(
        "keeps the chunks of publishers whatever their size", arguments: [1, 64, 128, 4_096, 60_000, 65_536, 1 << 20])
    func chunks(size: Int) async throws {
        let media = try await Fixture.plain.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        for isForeign in [true, false] {
            try await withOrigin(isForeign ? [:] : ["SRS_CHUNK_SIZE": "\(max(128, min(size, 65_536)))"]) { origin in
                let nginx = try await Nginx()
                let port = isForeign ? nginx.port : origin.port(.rtmp)
                try await withProxy(ProxyProcess.variables(before: port)) { proxy in
                    let url = proxy.url(.rtmp, "/live/chunks")
                    let viewer = try Client.play(url, ["--chunk-size", "\(size)"])
                    try await viewer.wait(for: "asked")
                    try await proxy.waitForLog("relaying")
                    let publisher = try Client.publish(
                        url, media.path,
                        ["--speed", "6", "--chunk-size", "\(size)", "--chunk-stream", "\(size % 400 + 6)"])
                    #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
                    try await publisher.wait(for: "sent", within: .seconds(60))
                    let events = try await viewer.events(to: try #require(sent.last?.hash))
                    let pictures = events.frames("video").map(\.hash)
                    #expect(pictures.count > 100)
                    #expect(pictures == sent.frames("video").suffix(pictures.count).map(\.hash))
                }
            }
        }
    }

    @Test("passes all that clients say of themselves to the origin")
    func arguments() async throws {
        let media = try await Fixture.plain.make()
        let notified = try Client.run("notified.py")
        let callback = "http://127.0.0.1:\(try await notified.wait(for: "ready").text ?? "")"
        let nginx = try await Nginx("on_publish \(callback)/publish; on_play \(callback)/play;")
        try await withProxy(ProxyProcess.variables(before: nginx.port)) { proxy in
            let url = proxy.url(.rtmp, "/live/args?token=a%20b&x=1")
            let connect = [
                "--tc-url", "rtmp://media.example.com/live?tenant=7", "--argument", "swfUrl=http://swf.test/player.swf",
                "--argument", "pageUrl=http://page.test/watch?v=1", "--argument", "flashVer=Tester/1.2",
            ]
            let publisher = try Client.publish(url, media.path, Client.lasting + connect)
            try await publisher.wait(for: "status")
            let viewer = try Client.play(url, ["--tc-url", "rtmp://media.example.com/live?tenant=8"])
            try await viewer.wait(for: "media", count: 20)
            let told = notified.events.filter { $0.event == "request" }.compactMap(\.texts)
            let publish = try #require(told.first { $0["call"] == "publish" })
            for (name, value) in [
                ("app", "live"), ("name", "args"), ("token", "a b"), ("x", "1"), ("flashver", "Tester/1.2"),
                ("swfurl", "http://swf.test/player.swf"), ("pageurl", "http://page.test/watch?v=1"),
                ("tcurl", "rtmp://media.example.com/live?tenant=7"), ("type", "live"),
            ] { #expect(publish[name] == value, "\(name): \(publish)") }
            let play = try #require(told.first { $0["call"] == "play" })
            #expect(play["name"] == "args" && play["token"] == "a b")
            #expect(play["tcurl"] == "rtmp://media.example.com/live?tenant=8" && play["start"] == "4294965296")
        }
    }
}
