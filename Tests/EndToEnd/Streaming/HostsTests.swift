import TestKit
import Testing

@Suite("virtual hosts of sluice-origin")
struct HostsTests {
    private static let configuration = """
        vhost __defaultVhost__ { http_remux { enabled on; } }
        vhost a.example.com { http_remux { enabled on; } }
        vhost off.example.com { enabled off; }

        """

    @Test("are told by ?vhost=, by the host of tcUrl and by HTTP, and mean the same stream")
    func same() async throws {
        let media = try await Fixture.plain.make()
        try await with(OriginProcess(configuration: Self.configuration)) { origin in
            let (rtmp, http) = (origin.url(.rtmp, ""), origin.url(.http, ""))
            let tc = ["--tc-url", "rtmp://a.example.com/live"]
            let insiders = [
                try Client.play("\(rtmp)/live?vhost=a.example.com/s"),
                try Client.play("\(rtmp)/live/s?vhost=a.example.com"),
                try Client.play("\(rtmp)/live/s", tc),
                try Client.play("\(rtmp)/live/s?token=1", ["--tc-url", "rtmp://A.example.com:1935/live?x=y"]),
                try Client.play("\(http)/live/s.flv", ["--host", "a.example.com"]),
                try Client.play("\(http)/live/s.flv", ["--host", "a.example.com:8080"]),
                try Client.play("\(http)/live/s.flv?vhost=a.example.com"),
            ]
            let outsiders = [
                try Client.play("\(rtmp)/live/s"), try Client.play("\(rtmp)/live/s?vhost=b.example.com"),
                try Client.play("\(http)/live/s.flv"),
            ]
            for viewer in insiders + outsiders { try await viewer.wait(for: "asked") }
            let publisher = try Client.publish("\(rtmp)/live/s?secret=1", media.path, ["--speed", "5"] + tc)
            for (number, viewer) in insiders.enumerated() {
                try await viewer.wait(for: "media", count: 100)
                #expect(!viewer.events.frames("video").isEmpty, "\(number)")
            }
            try await publisher.wait(for: "sent")
            #expect(outsiders.allSatisfy { $0.events.frames("video").isEmpty })

            // One that nobody has configured is the default one.
            let other = try Client.publish("\(rtmp)/live/s?vhost=c.example.com", media.path, ["--speed", "5"])
            for viewer in outsiders { try await viewer.wait(for: "media", count: 100) }
            try await other.wait(for: "sent")
        }
    }

    @Test("that are switched off serve nobody, and say so")
    func disabled() async throws {
        let media = try await Fixture.plain.make()
        try await with(OriginProcess(configuration: Self.configuration)) { origin in
            let url = origin.url(.rtmp, "/live/s?vhost=off.example.com")
            let publisher = try Client.publish(url, media.path)
            let refusal = try await publisher.wait(for: "status")
            #expect(refusal.code == "NetStream.Publish.BadName")
            #expect(refusal.text == "No such virtual host: off.example.com.")
            #expect(try await Client.play(url).wait(for: "status").code == "NetStream.Play.StreamNotFound")
            let answer = try await Curl.get(origin.url(.http, "/live/s.flv?vhost=off.example.com"))
            #expect(answer.status == 404)
        }
    }
}
