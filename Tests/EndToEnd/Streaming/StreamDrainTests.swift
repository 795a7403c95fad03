import Glibc
import TestKit
import Testing

@Suite("programs with streams under way drain")
struct StreamDrainTests {
    @Test("they take no new ones, those go on to their end, and then it is over", arguments: Way.allCases)
    func drain(way: Way) async throws {
        let media = try await Fixture.plain.make()
        let sent = try await Client.run("tags.py", [media.path]).all()
        try await withSite(way) { site in
            let url = site.rtmp("/live/drain")
            let viewer = try Client.play(url)
            try await viewer.wait(for: "asked")
            let idle = try Client.play(site.rtmp("/live/nobody"))
            try await idle.wait(for: "asked")
            let publisher = try Client.publish(url, media.path, ["--speed", "2"])
            try await viewer.wait(for: "media", count: 30)
            let server: any ServerProcess = site.proxy ?? site.origin
            let ports = [
                site.proxy?.port(.rtmp) ?? site.origin.port(.rtmp), site.proxy?.port(.media) ?? site.origin.port(.http),
            ]
            server.terminate()
            try await server.waitForLog("draining")
            try await eventually("end of listening") { ports.allSatisfy { Peer.isRefused(port: $0) } }
            let events = try await viewer.events(to: try #require(sent.last?.hash))
            #expect(events.frames("video").count == sent.frames("video").count)
            try await publisher.wait(for: "sent")
            #expect(!server.program.hasExited)
            for client in [viewer, idle] { client.program.end() }
            #expect(try await server.waitForExit(within: .seconds(10)) == .status(0))
        }
    }
}
