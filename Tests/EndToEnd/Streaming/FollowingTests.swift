import Glibc
import TestKit
import Testing

@Suite("sluice-proxy sends viewers where their publisher is")
struct FollowingTests {
    @Test("however early they came: the publisher is at an origin that was not there then")
    func early() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await withProxy(["PROXY_LOG_LEVEL": "debug"]) { proxy in
                    try await proxy.register("one", rtmp: one.port(.rtmp), http: one.port(.http))
                    let url = proxy.url(.rtmp, "/live/early")
                    let ffmpeg = try FFmpeg.play(url, media.sent)
                    let plain = try Client.play(url)
                    let web = try Client.play(proxy.url(.media, "/live/early.flv"))
                    _ = try await one.waitForLog("playing", count: 2)
                    let listing = proxy.url(.system, "/api/v1/origins")
                    while !(try await Curl.get(listing).body.contains("\"http\":{\"open\":0,\"attempts\":1")) {
                        try #require(!web.program.hasExited)
                    }
                    try await proxy.register("one", rtmp: one.port(.rtmp), http: one.port(.http), state: "leaving")
                    try await proxy.register("two", rtmp: two.port(.rtmp), http: two.port(.http))

                    let publisher = try FFmpeg.publish(media, to: url, speed: 1)
                    defer { publisher.end() }
                    try await two.waitForLog("publishing")
                    let recording = try await ffmpeg.recording(toTheEndOf: media.sent)
                    #expect(recording.differences(from: media.sent) == [])
                    for viewer in [plain, web] { try await viewer.wait(for: "media", count: 100) }
                    #expect(
                        plain.events.count { $0.code == "NetStream.Play.Start" } == 1, "it is told once that it begins")
                    #expect(web.events.first { $0.event == "answer" }?.status == 200)
                    #expect(!one.log.contains { $0.message == "publishing" })
                    // Nobody's request has failed.
                    let page = try await MetricsPage(of: proxy)
                    #expect(page.value("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"relayed\"}") == 2)
                    #expect(
                        page.value("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"abandoned\"}") ?? 0 == 0
                    )
                    #expect(page.value("sluice_rtmp_relays_open{purpose=\"play\"}") ?? 0 <= 2)
                }
            }
        }
    }

    @Test("sixteen streams whose players all came first play all, though loads have changed meanwhile")
    func sixteen() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await withProxy { proxy in
                    for (name, origin) in [("one", one), ("two", two)] {
                        try await proxy.register(name, rtmp: origin.port(.rtmp))
                    }
                    let urls = (0..<16).map { proxy.url(.rtmp, "/live/s\($0)") }
                    let viewers = try urls.map { try Client.play($0, ["--digest"]) }
                    for viewer in viewers { try await viewer.wait(for: "status") }
                    let publishers = try urls.map {
                        try Client.publish($0, media.path, Client.lasting)
                    }
                    for publisher in publishers { try await publisher.wait(for: "status") }
                    let owners = Set(try await proxy.claims().values)
                    #expect(owners == ["one", "two"])
                    for viewer in viewers { try await viewer.wait(for: "media", count: 2) }
                }
            }
        }
    }

    @Test("also where it has come back elsewhere while they see its last pictures, on the Web by a new request")
    func elsewhere() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { one in
            try await withOrigin { two in
                try await withProxy { proxy in
                    try await proxy.register("one", rtmp: one.port(.rtmp), http: one.port(.http))
                    let url = proxy.url(.rtmp, "/live/back")
                    let first = try Client.publish(url, media.path, Client.lasting)
                    let viewers = [try Client.play(url), try Client.play(proxy.url(.media, "/live/back.flv"))]
                    for viewer in viewers { try await viewer.wait(for: "media", count: 30) }
                    try await proxy.register("one", rtmp: one.port(.rtmp), http: one.port(.http), state: "leaving")
                    try await proxy.register("two", rtmp: two.port(.rtmp), http: two.port(.http))
                    first.program.end()
                    try await proxy.waitForClaims("end of the claim") { $0.isEmpty }
                    let sofar = viewers[0].events.media.count
                    let second = try Client.publish(url, media.path, Client.lasting)
                    try await second.wait(for: "status")
                    try await viewers[0].wait(for: "media", count: sofar + 50)
                    try await viewers[1].wait(for: "closed", within: .seconds(8))
                    let again = try Client.play(proxy.url(.media, "/live/back.flv"))
                    try await again.wait(for: "media", count: 30)
                }
            }
        }
    }
}
