import Foundation
import TestKit
import Testing

@Suite("The API of all origins together")
struct AggregationTests {
    /// An origin that answers as SRS does.
    private final class SRSAPI {
        let program: RunningProgram
        let port: UInt16

        init() async throws {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
            program = try RunningProgram("/usr/bin/python3", ["\(folder)/srs_api.py"])
            let line = try await program.output.wait(count: 1)[0]
            port = UInt16(line.split(separator: " ")[1].trimmingCharacters(in: .newlines)) ?? 0
        }

        deinit { program.end() }
    }

    private static func beat(_ proxy: ProxyProcess, _ server: String, rtmp: UInt16 = 1, api: UInt16?) async throws {
        var members: [String: Any] = [
            "ip": "127.0.0.1", "server": server, "service": "s", "pid": "1", "rtmp": ["\(rtmp)"],
        ]
        if let api { members["api"] = ["\(api)"] }
        let body = String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
        let answer = try await Curl.get(proxy.url(.system, "/api/v1/srs/register"), ["--data-binary", body])
        #expect(answer.status == 200)
    }

    private static func get(_ proxy: ProxyProcess, _ path: String, _ arguments: [String] = []) async throws -> Answer {
        try await Curl.get(proxy.url(.api, path), arguments)
    }

    private static func list(
        _ proxy: ProxyProcess, _ name: String, _ query: String = ""
    ) async throws -> [[String: Any]] {
        let answer = try await get(proxy, "/api/v1/\(name)/\(query)")
        #expect(answer.status == 200 && answer.json["code"] as? Int == 0 && answer.json["service"] is String)
        return try #require(answer.json[name] as? [[String: Any]], "\(answer.body)")
    }

    private static func missing(_ answer: Answer) -> [String: String] {
        var reasons: [String: String] = [:]
        for entry in answer.json["missing"] as? [[String: Any]] ?? [] {
            reasons[entry["server"] as? String ?? ""] = entry["reason"] as? String
        }
        return reasons
    }

    private static let api = ["SRS_HTTP_API_ENABLED": "on", "SRS_HTTP_API_LISTEN": "127.0.0.1:0"]

    @Test("lists of two origins of ours and one like SRS are one; what is named is shown and ended where it is")
    func merged() async throws {
        let srs = try await SRSAPI()
        let media = try await Fixture.plain.make()
        try await withOrigin(Self.api) { one in
            try await withOrigin(Self.api) { two in
                try await withProxy { proxy in
                    try await Self.beat(proxy, "one", rtmp: one.port(.rtmp), api: one.port(.api))
                    try await Self.beat(proxy, "two", rtmp: two.port(.rtmp), api: two.port(.api))
                    try await Self.beat(proxy, "vid-srs", api: srs.port)
                    let publishers = try [one, two].map {
                        try FFmpeg.publish(media, to: $0.url(.rtmp, "/live/own"), speed: 1, isEndless: true)
                    }
                    defer { for publisher in publishers { publisher.end() } }
                    for origin in [one, two] { try await origin.waitForLog("publishing") }

                    let streams = try await Self.list(proxy, "streams")
                    #expect(streams.map { $0["server"] as? String } == ["one", "two", "vid-srs", "vid-srs"])
                    #expect(streams.map { $0["name"] as? String } == ["own", "own", "srs1", "srs2"])
                    #expect((streams[2]["publish"] as? [String: Any])?["cid"] as? String == "vid-srs~c0000000")
                    let text = try await Self.get(proxy, "/api/v1/streams").body
                    #expect(text.contains("18446744073709551615") && !text.contains("partial"))
                    try await Self.hosts(proxy)
                    for stream in streams {
                        let id = try #require(stream["id"] as? String)
                        #expect(id.hasPrefix("\(stream["server"] ?? "")~"))
                        let found = try await Self.get(proxy, "/api/v1/streams/\(id)").json["stream"] as? [String: Any]
                        #expect(found?["id"] as? String == id && found?["name"] as? String == stream["name"] as? String)
                    }
                    try await Self.kickPlayer(of: proxy)
                    try await Self.kick(streams[0], of: proxy, publishers[0], one)
                    try await Self.pages(proxy, srs)
                }
            }
        }
    }

    /// No origin is missing, and each virtual host is found by its name.
    private static func hosts(_ proxy: ProxyProcess) async throws {
        let answer = try await get(proxy, "/api/v1/vhosts")
        #expect(answer.json["missing"] == nil && answer.json["partial"] == nil, "\(answer.body)")
        let hosts = try #require(answer.json["vhosts"] as? [[String: Any]])
        let own = ["one~__defaultVhost__", "two~__defaultVhost__"]
        #expect(hosts.map { $0["id"] as? String } == own + ["vid-srs~vid-0000001"])
        #expect(hosts.prefix(2).allSatisfy { $0["streams"] as? Int == 1 && $0["clients"] as? Int == 1 })
        for id in own {
            let host = try await get(proxy, "/api/v1/vhosts/\(id)").json["vhost"] as? [String: Any]
            #expect(host?["id"] as? String == id && host?["enabled"] as? Bool == true)
        }
        #expect(try await get(proxy, "/api/v1/vhosts/one~nobody").json["code"] as? Int == 2_014)
    }

    /// An RTMP player that came through the proxy is ended at its origin, and is not brought back.
    private static func kickPlayer(of proxy: ProxyProcess) async throws {
        let arguments = ["-i", proxy.url(.rtmp, "/live/own"), "-c", "copy", "-f", "null", "-"]
        let player = try RunningProgram(FFmpeg.path, FFmpeg.quiet + arguments)
        defer { player.end() }
        let id = try await players(proxy) { $0.count == 1 }[0]
        #expect(try await get(proxy, "/api/v1/clients/\(id)", ["--request", "DELETE"]).json["code"] as? Int == 0)
        _ = try await player.waitForExit(within: .seconds(20))
        _ = try await players(proxy) { $0.isEmpty }
    }

    /// Waits until those that play by RTMP from origins of ours are as they should be.
    private static func players(_ proxy: ProxyProcess, _ isMet: ([String]) -> Bool) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let players = try await list(proxy, "clients", "?count=200").filter { $0["type"] as? String == "rtmp-play" }
            let ids = players.compactMap { $0["id"] as? String }.filter { !$0.hasPrefix("vid-srs~") }
            if isMet(ids) { return ids }
            try #require(ContinuousClock.now < deadline, "\(ids)")
        }
    }

    /// The publisher of a stream of our own origin is ended through the proxy.
    private static func kick(
        _ stream: [String: Any], of proxy: ProxyProcess, _ publisher: RunningProgram, _ origin: OriginProcess
    ) async throws {
        let id = try #require((stream["publish"] as? [String: Any])?["cid"] as? String)
        let client = try await get(proxy, "/api/v1/clients/\(id)").json["client"] as? [String: Any]
        #expect(client?["type"] as? String == "fmle-publish" && client?["id"] as? String == id)
        let script = try await get(proxy, "/api/v1/clients/\(id)?callback=f")
        #expect(script.body.hasPrefix("f({\"code\":0,") && script.body.contains("\"id\":\"\(id)\""), "\(script.body)")
        let foreign = ["--header", "Sec-Fetch-Site: cross-site"]
        let refused = try await Curl.get(proxy.url(.api, "/api/v1/clients/\(id)?callback=f&method=DELETE"), foreign)
        #expect(refused.status == 403, "\(refused.body)")
        #expect(try await get(proxy, "/api/v1/clients/\(id)", ["--request", "DELETE"]).json["code"] as? Int == 0)
        _ = try await publisher.waitForExit(within: .seconds(20))
        try await origin.waitForLog("publishing has ended")
        #expect(try await get(proxy, "/api/v1/clients/\(id)", ["--request", "DELETE"]).json["code"] as? Int == 2_049)
    }

    /// With one client of ours in front of the 120.
    private static func pages(_ proxy: ProxyProcess, _ srs: SRSAPI) async throws {
        #expect(try await list(proxy, "clients").count == 10)
        var names: [String] = []
        for start in stride(from: 0, to: 150, by: 50) {
            names += try await list(proxy, "clients", "?start=\(start)&count=50").compactMap { $0["id"] as? String }
        }
        #expect(names.count == 121 && Set(names).count == 121 && names[0].hasPrefix("two~"))
        #expect(names[1...] == (0..<120).map { "vid-srs~c\(String(1_000_0000 + $0).suffix(7))" }[...])
        #expect(try await list(proxy, "clients", "?start=9223372036854775807&count=9").isEmpty)

        let path = "/api/v1/clients/\(names[7])"
        let client = try await get(proxy, path).json["client"] as? [String: Any]
        #expect(
            client?["stream"] as? String == "vid-srs~vid-s000001"
                && client?["vhost"] as? String == "vid-srs~vid-0000001")
        #expect(((client?["extension"] as? [String: Any])?["a"] as? [Any])?.last as? String == "\u{e9}")
        #expect(try await get(proxy, path, ["--request", "DELETE"]).json["code"] as? Int == 0)
        #expect(try await get(proxy, path).json["code"] as? Int == 2_049)
        #expect(try await list(proxy, "clients", "?start=100&count=100").count == 20)
        let vhosts = try await list(proxy, "vhosts")
        #expect(vhosts.contains { $0["id"] as? String == "vid-srs~vid-0000001" })
        #expect(try await get(proxy, "/api/v1/vhosts/vid-srs~vid-0000001").json["vhost"] is [String: Any])
    }

    @Test("origins that do not answer are named, with the reason, and hold nobody up")
    func partial() async throws {
        let srs = try await SRSAPI()
        let silent = try TakenPort()
        defer { silent.close() }
        let dead = try TakenPort(.refusing)
        defer { dead.close() }
        try await withProxy { proxy in
            try await Self.beat(proxy, "vid-srs", api: srs.port)
            try await Self.beat(proxy, "dead", api: dead.port)
            try await Self.beat(proxy, "silent", api: silent.port)
            try await Self.beat(proxy, "mute", api: nil)
            for (path, name) in [
                ("streams", "streams"), ("clients", "clients"), ("vhosts", "vhosts"), ("summaries", "data"),
            ] {
                let answer = try await Self.get(proxy, "/api/v1/\(path)")
                #expect(answer.status == 200 && answer.json["code"] as? Int == 0 && answer.json[name] != nil, "\(path)")
                #expect(answer.json["partial"] as? Bool == true)
                #expect(
                    Self.missing(answer) == [
                        "dead": "it cannot be reached", "silent": "it has not answered in time",
                        "mute": "it has no API",
                    ])
            }
            let data = try await Self.get(proxy, "/api/v1/summaries").json["data"] as? [String: Any]
            let origins = data?["origins"] as? [[String: Any]]
            #expect(data?["ok"] as? Bool == false && origins?.map { $0["server"] as? String } == ["vid-srs"])
            #expect(origins?.first?["now_ms"] as? Int == 5)

            #expect(try await Self.get(proxy, "/api/v1/streams/dead~1").status == 502)
            #expect(try await Self.get(proxy, "/api/v1/streams/silent~1").status == 504)
        }
    }

    @Test("summaries have the proxy's own in front of those of its origins, with all that an origin says of itself")
    func ownSummaries() async throws {
        try await withOrigin(Self.api) { origin in
            try await withProxy { proxy in
                let alone = try await Self.get(proxy, "/api/v1/summaries").json
                let idle = try #require(alone["data"] as? [String: Any])
                #expect(idle["ok"] as? Bool == true && (idle["origins"] as? [Any])?.isEmpty == true)

                try await Self.beat(proxy, "one", api: origin.port(.api))
                let answer = try await Self.get(proxy, "/api/v1/summaries/")
                let data = try #require(answer.json["data"] as? [String: Any])
                let theirs = try #require((data["origins"] as? [[String: Any]])?.first)
                #expect(Set(theirs.keys) == Set(data.keys).subtracting(["origins"]).union(["server"]))
                var parts: [[String: Any]] = []
                for name in ["self", "system"] {
                    let own = try #require(data[name] as? [String: Any])
                    #expect(Set(own.keys) == Set(try #require(theirs[name] as? [String: Any]).keys), "\(name)")
                    parts.append(own)
                }
                let (own, machine) = (parts[0], parts[1])
                #expect(own["pid"] as? Int == Int(proxy.program.pid) && own["ppid"] as? Int == Int(getpid()))
                #expect(own["argv"] as? String == (try ProxyProcess.path()))
                #expect(own["cwd"] as? String == proxy.directory.path)
                let version = try await Self.get(proxy, "/api/v1/versions").json["data"] as? [String: Any]
                #expect(own["version"] as? String == version?["version"] as? String)
                #expect(own["mem_kbyte"] as? Int ?? 0 > 1_000 && own["srs_uptime"] as? Int ?? -1 >= 0)
                let now = try #require(data["now_ms"] as? Double)
                #expect(abs(now - Date().timeIntervalSince1970 * 1_000) < 60_000)
                #expect(machine["cpus"] as? Int ?? 0 > 0 && machine["mem_ram_kbyte"] as? Int ?? 0 > 0)
                // Who asks is one of them.
                #expect(machine["conn_srs"] as? Int ?? 0 >= 1 && machine["conn_sys"] as? Int ?? 0 >= 1)
                #expect(machine["srs_recv_bytes"] as? Int ?? -1 >= 0)
            }
        }
    }

    @Test("an id is what a list shows, percent-encoded; one that is not is refused, and the answer says why")
    func reserved() async throws {
        let srs = try await SRSAPI()
        try await withProxy { proxy in
            let names = ["thr%ee", "half%", "a/b c"]
            for name in names { try await Self.beat(proxy, name, api: srs.port) }
            let ids = try await Self.list(proxy, "clients", "?count=100").compactMap { $0["id"] as? String }
            #expect(ids.first == "a/b c~c0000000")
            for encoded in ["thr%25ee", "half%25", "a%2Fb%20c"] {
                let answer = try await Self.get(proxy, "/api/v1/clients/\(encoded)~c0000001")
                #expect(answer.status == 200 && answer.json["client"] is [String: Any], "\(answer.body)")
            }
            for raw in ["thr%ee", "half%"] {
                let answer = try await Self.get(proxy, "/api/v1/clients/\(raw)~c0000001")
                let message = answer.json["message"] as? String ?? ""
                #expect(answer.status == 400 && message.hasSuffix("a percent sign that is meant is %25"), "\(message)")
            }
        }
    }

    @Test("what is not there has SRS's code, and nothing but a name is asked of an origin")
    func unknown() async throws {
        let srs = try await SRSAPI()
        try await withProxy { proxy in
            #expect(try await Self.list(proxy, "streams").isEmpty)
            try await Self.beat(proxy, "vid-srs", api: srs.port)
            for (name, code) in [("streams", 2_048), ("clients", 2_049), ("vhosts", 2_014)] {
                for id in [
                    "x", "other~1", "vid-srs~", "~1", "vid-srs~..", "vid-srs~a%2Fb", "vid-srs~a%3Fb", "vid-srs~nobody",
                ] {
                    let answer = try await Self.get(proxy, "/api/v1/\(name)/\(id)")
                    #expect(answer.status == 200 && answer.json["code"] as? Int == code, "\(name)/\(id)")
                }
            }
            // Its port, and what it was asked: its words come by another way than its answers.
            let asked = try await srs.program.output.wait(count: 4).filter { $0.hasPrefix("asked") }
            #expect(asked.count == 3 && asked.allSatisfy { $0.contains("/nobody") }, "\(asked)")
            #expect(try await Self.get(proxy, "/api/v1/clients", ["--request", "DELETE"]).status == 405)
        }
    }
}
