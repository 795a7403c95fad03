import Media
import Testing

@Suite("StreamPath")
struct StreamPathTests {
    @Test(
        "a path names the stream that RTMP's names do, less its ending",
        arguments: [
            (["live", "a.flv"], "10.0.0.1:8080", nil, "__defaultVhost__/live/a", .flv),
            (["live", "a.FLV"], "localhost", nil, "__defaultVhost__/live/a", .flv),
            (["live", "a.b.ts"], "a.example.com:8080", nil, "a.example.com/live/a.b", .ts),
            (["live", "x", "a.m3u8"], "a.example.com", "b.example.com", "b.example.com/live/x/a", .m3u8),
            (["a.mpd"], "h", nil, "__defaultVhost__/__defaultApp__/a", .mpd),
            (["live", "é\u{301}.mp4"], "h", nil, "__defaultVhost__/live/é\u{301}", .mp4),
        ] as [([String], String, String?, String, StreamPath.Ending)])
    func names(segments: [String], host: String, vhost: String?, key: String, ending: StreamPath.Ending) throws {
        let path = try StreamPath(segments: segments, host: host, vhost: vhost)
        #expect(path?.key.description == key)
        #expect(path?.ending == ending)
    }

    @Test(
        "other paths name no stream", arguments: [[], ["live"], ["live", ""], ["live", "a"], ["live.flv", "a.html"]])
    func others(segments: [String]) throws {
        #expect(try StreamPath(segments: segments, host: "h", vhost: nil) == nil)
    }

    @Test("an ending alone is no name")
    func nameless() {
        #expect(throws: StreamKeyError.missingStream) {
            try StreamPath(segments: ["live", ".flv"], host: "h", vhost: nil)
        }
    }
}
