import TestKit
import Testing

@Suite("codecs that FLV did not have")
struct EnhancedTests {
    enum Form: String, CaseIterable {
        case hvc1, hevc12, av01, vp09, multitrack
        case opus = "Opus"
    }

    /// Makes what ffmpeg 5 cannot send.
    private static func make(_ form: Form, in directory: TemporaryDirectory) async throws -> String {
        let file = "\(directory.path)/\(form.rawValue).flv"
        let hevc = form == .hvc1 || form == .hevc12 ? [try await Fixture.hevc.make().path] : []
        let written = try Client.run("enhanced.py", [form.rawValue, file] + hevc)
        try #require(try await written.program.waitForExit() == .status(0), "\(written.program.errors.events)")
        return file
    }

    @Test("arrive byte for byte, by RTMP and HTTP-FLV", arguments: Form.allCases, Way.allCases)
    func bytes(form: Form, way: Way) async throws {
        let directory = try TemporaryDirectory()
        let file = try await Self.make(form, in: directory)
        let sent = try await Client.run("tags.py", [file]).all().media
        let kind = form == .opus ? "audio" : "video"
        #expect(sent.frames(kind).count >= 90)
        try await withSite(way) { site in
            let url = site.rtmp("/live/\(form)")
            let viewers = [try Client.play(url), try Client.play(site.http("/live/\(form).flv"))]
            for viewer in viewers { try await viewer.wait(for: "asked") }
            let argument = ["--speed", "4", "--fourcc", "hvc1,av01,vp09,Opus"]
            let publisher = try Client.publish(url, file, argument)
            for viewer in viewers {
                let events = try await viewer.events(to: try #require(sent.last?.hash))
                #expect(events.configurations(kind).map(\.hash) == sent.configurations(kind).map(\.hash))
                #expect(events.frames(kind).map(\.hash) == sent.frames(kind).map(\.hash))
                #expect(events.isMonotonic(kind))
                let metadata = try #require(events.first { $0.name == "onMetaData" }?.numbers)
                if form == .hvc1 || form == .hevc12 {
                    #expect(metadata["width"] == 320 && metadata["height"] == 180, "read from the configuration")
                }
                if form == .opus { #expect(metadata["audiosamplerate"] == 48_000) }
            }
            #expect(try await publisher.program.waitForExit() == .status(0))
        }
    }
}
