import Foundation
import TestKit
import Testing

@Suite("an origin that leads back to the proxy")
struct CircleTests {
    private static let words =
        "It has come back to a proxy that it went through: the address of an origin leads there."
    private static let rtmp = "sluice_passages_refused_total{protocol=\"rtmp\",reason=\"circle\"}"
    private static let http = "sluice_passages_refused_total{protocol=\"http\",reason=\"circle\"}"
    private static let api = "sluice_passages_refused_total{protocol=\"api\",reason=\"circle\"}"

    private static func register(_ name: String, _ other: ProxyProcess, at proxy: ProxyProcess) async throws {
        try await proxy.register(name, rtmp: other.port(.rtmp), http: other.port(.media), weight: 10_000)
    }

    /// Nobody gets anything through `proxy`, and hears why soon.
    private static func expectRefusals(_ proxy: ProxyProcess, _ media: Fixture.Media) async throws {
        let publisher = try await Client.publish(proxy.url(.rtmp, "/live/c"), media.path).wait(for: "status")
        #expect(publisher.code == "NetStream.Publish.Denied" && publisher.text == words)
        let player = try await Client.play(proxy.url(.rtmp, "/live/c")).wait(for: "status")
        #expect(player.code == "NetStream.Play.Failed" && player.text == words)
        #expect([publisher, player].allSatisfy { $0.ms < 10_000 })
        let viewer = try await Curl.get(proxy.url(.media, "/live/c.flv"))
        #expect(viewer.status == 508 && viewer.json["message"] as? String == words)
        #expect(try await webSocketViewer("ws" + proxy.url(.media, "/live/c.flv").dropFirst(4)) == ["refused", "508"])
    }

    /// Sessions come and go, and leave nothing behind.
    private static func expectQuiet(_ proxies: [ProxyProcess], atMost maximum: Double) async throws {
        for proxy in proxies {
            for series in [
                "sluice_rtmp_connections_open{scheme=\"rtmp\"}", "sluice_http_connections_open{server=\"media\"}",
            ] {
                try await MetricsPage.wait(for: series, of: proxy, within: .seconds(20)) { $0 == 0 }
            }
            let accepted = try await MetricsPage(of: proxy).value("sluice_tcp_connections_total{origin=\"accepted\"}")
            #expect(try #require(accepted) < maximum)
            let sessions = try await Curl.get(proxy.url(.system, "/api/v1/sessions")).json["data"] as? [String: Any]
            #expect(sessions?["total"] as? Int == 0)
        }
    }

    @Test("by its heartbeat: clients are refused within seconds, and one beside it gets the streams")
    func itself() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { origin in
            try await withProxy { proxy in
                try await Self.register("self", proxy, at: proxy)
                try await Self.expectRefusals(proxy, media)
                try await MetricsPage.wait(for: Self.rtmp, of: proxy) { $0 >= 2 }
                try await MetricsPage.wait(for: Self.http, of: proxy) { $0 >= 2 }
                try await Self.expectQuiet([proxy], atMost: 40)
                #expect(
                    proxy.log.contains { $0.message == "an origin leads back to a proxy" && $0["origin"] == "self" })
                #expect(proxy.log.contains { $0.message == "a session has come back to this proxy" })
                // The log is for the first of many.
                #expect(proxy.log.count { $0.level == "warning" } < 20)

                try await proxy.register("good", rtmp: origin.port(.rtmp), http: origin.port(.http), weight: 1)
                for number in 0..<3 {
                    let path = "/live/s\(number)"
                    let player = try Client.play(proxy.url(.rtmp, path))
                    let publisher = try Client.publish(proxy.url(.rtmp, path), media.path, Client.lasting)
                    #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
                    let viewer = try Client.play(proxy.url(.media, "\(path).flv"))
                    for viewer in [player, viewer] { try await viewer.wait(for: "media", count: 30) }
                }
                #expect(Set(try await proxy.claims().values).isSubset(of: ["good"]))
            }
        }
    }

    @Test("of another proxy: both refuse, and an origin of either one serves the clients of both")
    func each() async throws {
        let media = try await Fixture.plain.make()
        try await withOrigin { origin in
            try await withProxy { left in
                try await withProxy { right in
                    try await Self.register("right", right, at: left)
                    try await Self.register("left", left, at: right)
                    for proxy in [left, right] { try await Self.expectRefusals(proxy, media) }
                    try await Self.expectQuiet([left, right], atMost: 60)
                    for proxy in [left, right] { try await MetricsPage.wait(for: Self.rtmp, of: proxy) { $0 >= 1 } }

                    try await right.register("good", rtmp: origin.port(.rtmp), http: origin.port(.http), weight: 1)
                    let player = try Client.play(left.url(.rtmp, "/live/t"))
                    let publisher = try Client.publish(left.url(.rtmp, "/live/t"), media.path, Client.lasting)
                    #expect(try await publisher.wait(for: "status").code == "NetStream.Publish.Start")
                    let viewers = try [
                        player, Client.play(right.url(.rtmp, "/live/t")), Client.play(left.url(.media, "/live/t.flv")),
                        Client.play(right.url(.media, "/live/t.flv")),
                    ]
                    for viewer in viewers { try await viewer.wait(for: "media", count: 30) }
                }
            }
        }
    }

    @Test("is told at the start where it is the default backend, which is refused like any other")
    func backend() async throws {
        let port = try TakenPort(.reserved)
        defer { port.close() }
        let media = try await Fixture.plain.make()
        let variables = ProxyProcess.variables(before: port.port).merging(["PROXY_RTMP_SERVER": "\(port.port)"]) { $1 }
        try await withProxy(variables) { proxy in
            let warning = try await proxy.waitForLog("configuration")
            #expect(
                warning["warning"]
                    == "PROXY_DEFAULT_BACKEND_RTMP: port \(port.port) of 127.0.0.1 is PROXY_RTMP_SERVER of this proxy "
                    + "itself, which passes nothing on to itself")
            let publisher = try FFmpeg.publish(media, to: proxy.url(.rtmp, "/live/c"))
            #expect(try await publisher.waitForExit() != .status(0))
            #expect(publisher.errors.events.joined().contains(Self.words), "\(publisher.errors.events)")
        }
    }

    @Test("by its API: what is asked of all origins comes back once, and says of which one there is nothing")
    func aggregation() async throws {
        try await withProxy { left in
            try await withProxy { right in
                for (proxy, other) in [(left, right), (right, left)] {
                    for (name, port) in [("self", proxy.port(.api)), ("other", other.port(.api))] {
                        let beat = """
                            {"ip":"127.0.0.1","server":"\(name)","service":"s","pid":"1","rtmp":["1"],"api":["\(port)"]}
                            """
                        let url = proxy.url(.system, "/api/v1/srs/register")
                        #expect(try await Curl.get(url, ["--data-binary", beat]).status == 200)
                    }
                }
                for path in ["streams", "clients", "vhosts", "summaries"] {
                    let answer = try await Curl.get(left.url(.api, "/api/v1/\(path)"))
                    #expect(answer.status == 200 && answer.json["code"] as? Int == 0, "\(path): \(answer.body)")
                    let missing = answer.json["missing"] as? [[String: String]] ?? []
                    // The other one has answered, and has itself nothing but this.
                    #expect(
                        missing == [["server": "self", "reason": "it has answered 508"]], "\(path): \(answer.body)")
                }
                let one = try await Curl.get(left.url(.api, "/api/v1/streams/self~1"))
                #expect(one.json["code"] as? Int == 2_048, "\(one.body)")
                try await MetricsPage.wait(for: Self.api, of: left) { $0 >= 8 && $0 < 30 }
            }
        }
    }

    @Test("is no proxy in front of others: a chain of three passes on every frame")
    func chain() async throws {
        let media = try await Fixture.bFrames.make()
        try await withOrigin { origin in
            try await withProxy(ProxyProcess.variables(before: origin.port(.rtmp), http: origin.port(.http))) { third in
                try await withProxy(ProxyProcess.variables(before: third.port(.rtmp), http: third.port(.media))) {
                    second in
                    let variables = ProxyProcess.variables(before: second.port(.rtmp), http: second.port(.media))
                    try await withProxy(variables) { first in
                        let viewers = try [first.url(.rtmp, "/live/chain"), first.url(.media, "/live/chain.flv")].map {
                            try FFmpeg.play($0, media.sent)
                        }
                        defer { for viewer in viewers { viewer.program.end() } }
                        try await origin.waitForLog("playing", count: 1)
                        let publisher = try FFmpeg.publish(media, to: first.url(.rtmp, "/live/chain"), speed: 2)
                        defer { publisher.end() }
                        for viewer in viewers {
                            let recording = try await viewer.recording(toTheEndOf: media.sent)
                            #expect(recording.differences(from: media.sent) == [])
                            #expect(recording.hashes("video").count > media.sent.hashes("video").count / 2)
                        }
                        #expect(try await publisher.waitForExit() == .status(0), "\(publisher.errors.events)")
                    }
                }
            }
        }
    }

    @Test("is known by what requests say of the proxies that they came through")
    func via() async throws {
        let origin = try await ScriptedOrigin(always: "echo")
        defer { origin.end() }
        try await withProxy { second in
            try await origin.register(at: second)
            try await withProxy { first in
                try await ScriptedOrigin.register("second", port: second.port(.media), at: first)
                let url = first.url(.media, "/live/a.flv")
                let head = try await Curl.get(url, ["--header", "Via: 1.0 cache (x), 1.1 other"]).body
                let lines = head.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("via:") }
                let names = lines.dropFirst().compactMap { $0.split(separator: " ").last }
                #expect(lines.first == "Via: 1.0 cache (x), 1.1 other" && names.count == 2 && names[0] != names[1])
                #expect(names.allSatisfy { $0.hasPrefix("sluice-") })
                for name in names {
                    let answer = try await Curl.get(url, ["--header", "Via: 1.1 \(name)"])
                    #expect(answer.status == 508 && answer.json["code"] as? Int == 508)
                }
                let many = (1...8).map { "1.1 sluice-\($0)" }.joined(separator: ", ")
                let long = try await Curl.get(url, ["--header", "Via: \(many)"])
                #expect(long.status == 508)
                #expect(long.json["message"] as? String == "It has come through too many proxies.")
            }
        }
    }
}
