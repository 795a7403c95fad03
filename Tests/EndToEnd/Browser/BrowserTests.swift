import Foundation
import TestKit
import Testing

@Suite("a browser on the built-in page of sluice-proxy")
struct BrowserTests {
    @Test(
        "plays what ffmpeg publishes through the proxy, and goes on when that ends and begins again",
        .timeLimit(.minutes(2)), arguments: ["http-flv", "ws-flv"])
    func plays(transport: String) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(.proxied) { site in
            let proxy = try #require(site.proxy)
            func publish() throws -> RunningProgram {
                try FFmpeg.publish(media, to: site.rtmp("/live/page"), speed: 1, isEndless: true)
            }
            var publisher = try publish()
            defer { publisher.end() }
            try await site.origin.waitForLog("publishing")
            // More seconds, and more frames, than what may still wait to be played when the second round begins.
            let wanted = [
                "--transport", transport, "--rounds", "2", "--seconds", "3", "--frames", "70", "--pictures", "8",
                "--width", "320", "--height", "180",
            ]
            let folder = try await withBrowser([proxy.url(.media, "/"), "live/page"] + wanted) { browser in
                let first = try await browser.round(1)
                #expect(first.picture == "H.264, 320 × 180" && first.sound == "AAC, 44.1 kHz, stereo")
                publisher.end()
                try await site.origin.waitForLog("publishing has ended")
                publisher = try publish()
                try await site.origin.waitForLog("publishing", count: 2)
                try browser.program.write("next\n")
                let second = try await browser.round(2)
                #expect(second.time >= first.time + 3 && second.frames >= first.frames + 70)
                let (_, complaints) = try await browser.program.waitForOutput(within: .seconds(30))
                #expect(try await browser.program.waitForExit() == .status(0), "\(complaints)")
                return browser.directory.path
            }
            #expect(!FileManager.default.fileExists(atPath: folder))
            // One request, which outlived its publisher.
            let form = transport == "http-flv" ? "http" : "websocket"
            let series = "sluice_http_relay_requests_total{form=\"\(form)\",outcome=\"relayed\"}"
            try await MetricsPage.wait(for: series, of: proxy) { $0 == 1 }
        }
    }

    @Test("leaves nothing behind where it is ended in the middle", .timeLimit(.minutes(1)))
    func ended() async throws {
        try await withProxy { proxy in
            // There is no such stream: it says so in the end, and would do that much later.
            let folder = try await withBrowser([proxy.url(.media, "/"), "live/none"]) { browser in
                let folder = browser.directory.path
                try await eventually("the browser") { Browser.processes(of: folder) > 2 }
                return folder
            }
            #expect(Browser.processes(of: folder) == 0 && !FileManager.default.fileExists(atPath: folder))
        }
    }
}
