import Foundation
import TestKit
import Testing

@Suite("The origin's API of streams and clients")
struct OriginAPITests {
    private func get(_ origin: OriginProcess, _ path: String) async throws -> [String: Any] {
        let answer = try await Curl.get(origin.url(.api, path))
        #expect(answer.status == 200, "\(path)")
        return answer.json
    }

    private func list(_ origin: OriginProcess, _ path: String, _ name: String) async throws -> [[String: Any]] {
        try #require(try await get(origin, path)[name] as? [[String: Any]])
    }

    /// The only virtual host, in the list and by its name.
    private func host(_ origin: OriginProcess) async throws -> [String: Any] {
        let hosts = try await list(origin, "/api/v1/vhosts/", "vhosts")
        #expect(hosts.map { $0["id"] as? String } == ["__defaultVhost__"] && hosts[0]["enabled"] as? Bool == true)
        #expect((hosts[0]["hls"] as? [String: Any])?["enabled"] as? Bool == false)
        return try #require(
            try await get(origin, "/api/v1/vhosts/__defaultVhost__")["vhost"] as? [String: Any])
    }

    /// A viewer is shown to a script, and to none that would end it from another site.
    private func scripts(_ origin: OriginProcess, viewer: [String: Any]) async throws {
        let id = try #require(viewer["id"] as? String)
        for path in ["versions", "summaries", "streams/", "clients/", "vhosts/", "clients/\(id)"] {
            let answer = try await Curl.get(origin.url(.api, "/api/v1/\(path)?callback=jQuery1_2"))
            #expect(
                answer.status == 200 && answer.fields["content-type"] == "text/javascript; charset=utf-8", "\(path)")
            #expect(answer.body.hasPrefix("jQuery1_2({\"code\":0,") && answer.body.hasSuffix("})"), "\(answer.body)")
        }
        let nobody = try await Curl.get(origin.url(.api, "/api/v1/clients/9-9?callback=f"))
        #expect(nobody.body.hasPrefix("f({\"code\":2049,"))
        let hostile = try await Curl.get(origin.url(.api, "/api/v1/clients?callback=%3Cscript%3E"))
        #expect(hostile.status == 400 && hostile.fields["content-type"] == "application/json")
        let kick = origin.url(.api, "/api/v1/clients/\(id)?callback=f&method=DELETE")
        for field in ["Sec-Fetch-Site: cross-site", "Referer: http://evil.example/", "User-Agent: Mozilla/5.0"] {
            #expect(try await Curl.get(kick, ["--header", field]).status == 403, "\(field)")
        }
        let left = try await Curl.get(origin.url(.api, "/api/v1/clients/9-9?callback=f&method=DELETE"))
        #expect(left.status == 200 && left.body.hasPrefix("f({\"code\":2049,"))
    }

    /// Ends a client: of FLV as old consoles do, by a script.
    private func end(_ client: [String: Any], of origin: OriginProcess) async throws {
        let path = "/api/v1/clients/\(try #require(client["id"] as? String))"
        if client["type"] as? String == "flv-play" {
            let answer = try await Curl.get(origin.url(.api, "\(path)?callback=f&method=DELETE"))
            #expect(answer.status == 200 && answer.body.hasPrefix("f({\"code\":0,"), "\(client)")
        } else {
            let answer = try await Curl.get(origin.url(.api, path), ["--request", "DELETE"])
            #expect(answer.json["code"] as? Int == 0, "\(client)")
        }
    }

    @Test("shows what is published, who views it, and ends whom it is told to")
    func life() async throws {
        let media = try await Fixture.bFrames.make()
        let api = ["SRS_HTTP_API_ENABLED": "on", "SRS_HTTP_API_LISTEN": "127.0.0.1:0"]
        try await withOrigin(api) { origin in
            #expect(try await list(origin, "/api/v1/streams/", "streams").isEmpty)
            #expect(try await get(origin, "/api/v1/streams/0-1")["code"] as? Int == 2_048)
            #expect(try await get(origin, "/api/v1/clients/0-1")["code"] as? Int == 2_049)
            #expect(try await get(origin, "/api/v1/vhosts/nobody")["code"] as? Int == 2_014)

            let publisher = try FFmpeg.publish(media, to: origin.url(.rtmp, "/live/shown"), speed: 1, isEndless: true)
            defer { publisher.end() }
            let viewers = [
                try FFmpeg.play(origin.url(.rtmp, "/live/shown"), media.sent),
                try FFmpeg.play(origin.url(.http, "/live/shown.flv"), media.sent),
            ]
            defer { for viewer in viewers { viewer.program.end() } }
            for viewer in viewers { _ = try await viewer.program.output.wait(count: 20) }

            let streams = try await list(origin, "/api/v1/streams", "streams")
            let stream = try #require(streams.first)
            #expect(streams.count == 1 && stream["name"] as? String == "shown" && stream["app"] as? String == "live")
            #expect(stream["clients"] as? Int == 3 && stream["vhost"] as? String == "__defaultVhost__")
            let sent = try #require(stream["send_bytes"] as? Int)
            let received = try #require(stream["recv_bytes"] as? Int)
            #expect(received > 1_000 && sent > received && (stream["frames"] as? Int ?? 0) >= 20)
            let video = try #require(stream["video"] as? [String: Any])
            #expect(video["codec"] as? String == "H264" && (video["width"] as? Int ?? 0) > 0)
            #expect((stream["audio"] as? [String: Any])?["codec"] as? String == "AAC")
            let id = try #require(stream["id"] as? String)
            let one = try await get(origin, "/api/v1/streams/\(id)")["stream"] as? [String: Any]
            #expect(one?["name"] as? String == "shown")

            let busy = try await host(origin)
            #expect(busy["streams"] as? Int == 1 && busy["clients"] as? Int == 3)
            #expect(busy["recv_bytes"] as? Int ?? 0 >= received && busy["send_bytes"] as? Int ?? 0 >= sent)
            #expect((busy["kbps"] as? [String: Int])?.values.allSatisfy { $0 > 0 } == true)

            let clients = try await list(origin, "/api/v1/clients/", "clients")
            #expect(Set(clients.compactMap { $0["type"] as? String }) == ["fmle-publish", "rtmp-play", "flv-play"])
            #expect(clients.allSatisfy { $0["ip"] as? String == "127.0.0.1" && $0["url"] as? String == "/live/shown" })
            #expect(try await list(origin, "/api/v1/clients/?start=1&count=1", "clients").count == 1)
            try await scripts(origin, viewer: try #require(clients.first { $0["type"] as? String == "flv-play" }))
            let source = clients.first { $0["publish"] as? Bool == true }?["id"] as? String
            #expect(source != nil && (stream["publish"] as? [String: Any])?["cid"] as? String == source)

            for client in clients { try await end(client, of: origin) }
            try await origin.waitForLog("publishing has ended")
            for program in viewers.map(\.program) + [publisher] {
                _ = try await program.waitForExit(within: .seconds(20))
            }
            #expect(try await list(origin, "/api/v1/clients", "clients").isEmpty)
            #expect(try await list(origin, "/api/v1/streams", "streams").isEmpty)
            let idle = try await host(origin)
            #expect(idle["streams"] as? Int == 0 && idle["clients"] as? Int == 0)
            #expect(idle["recv_bytes"] as? Int ?? 0 >= received && idle["send_bytes"] as? Int ?? 0 >= sent)
        }
    }
}
