import Foundation
import TestKit
import Testing

@Suite("sluice-proxy looks for an origin that answers")
struct StreamSearchTests {
    /// How an origin fails, and what that is counted as.
    private static let faults = [
        ("404", "refused"), ("500", "refused"), ("503", "refused"), ("closes", "closed"), ("nonsense", "malformed"),
        ("refuses", "unreachable"),
    ]

    @Test("one that fails is passed over before a byte goes out: all viewers get the stream", arguments: faults)
    func passedOver(fault: String, reason: String) async throws {
        let bad = try await ScriptedOrigin("bad", always: fault)
        let good = try await ScriptedOrigin("good", always: "chunked")
        defer { good.end() }
        if fault == "refuses" { bad.end() }
        try await withProxy { proxy in
            try await bad.register(at: proxy)
            try await good.register(at: proxy)
            // Of twelve streams some belong to either, but for one in 4,096.
            for number in 0..<12 {
                let received = try await Received(proxy.url(.media, "/live/s\(number).flv"))
                #expect(received.status == 200 && received.curl == 0 && received.hash == good.hash)
            }
            let failed = "sluice_http_relay_failures_total{reason=\"\(reason)\"}"
            try await MetricsPage.wait(for: failed, of: proxy) { $0 >= 1 }
            let listed = try await Curl.get(proxy.url(.system, "/api/v1/origins")).json["data"] as? [String: Any]
            let origins = listed?["origins"] as? [[String: Any]] ?? []
            for origin in origins {
                let numbers = (origin["sessions"] as? [String: Any])?["http"] as? [String: Any]
                let isGood = origin["server"] as? String == "good"
                #expect((numbers?["failures"] as? Int == 0) == isGood, "\(origin)")
                #expect((numbers?["answer_ms"] != nil) == isGood && numbers?["open"] as? Int == 0, "\(origin)")
            }
        }
        bad.end()
    }

    @Test("where none answers with a stream, what is known is told")
    func none() async throws {
        try await withProxy { proxy in
            let url = proxy.url(.media, "/live/s.flv")
            let absent = try await Curl.get(url)
            #expect(absent.status == 503 && absent.fields["retry-after"] == "5")
            #expect(absent.json["message"] as? String == "no origin is there for the stream")
            #expect(try await Curl.get(proxy.url(.media, "/")).status == 200, "pages are not streams")
            #expect(try await Curl.get(proxy.url(.media, "/film.mp4")).status == 404)
            #expect(try await Curl.get(proxy.url(.media, "/live/a%5Cb.flv")).status == 400)
            #expect(try await Curl.get(url, ["--request", "POST"]).status == 405)

            let closing = try await ScriptedOrigin("closing", always: "closes")
            defer { closing.end() }
            try await closing.register(at: proxy)
            let failed = try await Curl.get(url)
            #expect(failed.status == 502 && failed.json["code"] as? Int == 502)

            let first = try await ScriptedOrigin("first", always: "404")
            defer { first.end() }
            try await first.register(at: proxy)
            #expect(try await Curl.get(url).status == 404, "an answer outweighs none")
            let second = try await ScriptedOrigin("second", always: "401")
            defer { second.end() }
            try await second.register(at: proxy)
            // What is said of the viewer is not asked twice.
            for number in 0..<6 {
                let answer = try await Curl.get(proxy.url(.media, "/live/t\(number).flv"))
                #expect(answer.status == 401 && answer.body == "says 401")
            }
        }
    }

    @Test("a crowd that finds none does not fill the log")
    func crowd() async throws {
        try await withProxy { proxy in
            let began = ContinuousClock.now
            let result = try await RunningProgram.run(
                "/usr/bin/curl",
                ["--silent", "--noproxy", "*", "--write-out", "%{http_code}\\n", "--output", "/dev/null"]
                    + [proxy.url(.media, "/live/s[1-300].flv")])
            let seconds = Int((ContinuousClock.now - began).components.seconds)
            #expect(result.output.split(separator: "\n").count { $0 == "503" } == 300)
            // One a second from each of two loops.
            let lines = proxy.log.filter { $0.message == "no origin for a viewer" }
            #expect((1...2 * (seconds + 2)).contains(lines.count), "\(lines.count) in \(seconds) s")
        }
    }

    @Test("one that never answers keeps no viewer from another that has the stream, and is out when a probe shows it")
    func hangs() async throws {
        let hanging = try await ScriptedOrigin("hanging", always: "silent")
        let good = try await ScriptedOrigin("good", always: "chunked")
        defer {
            hanging.end()
            good.end()
        }
        try await withProxy { proxy in
            try await hanging.register(at: proxy)
            try await good.register(at: proxy)
            let began = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                // Of eight streams some belong to either, but for one in 128.
                for number in 0..<8 {
                    group.addTask { try await Received(proxy.url(.media, "/live/s\(number).flv")) }
                }
                for try await received in group { #expect(received.status == 200 && received.hash == good.hash) }
            }
            #expect(ContinuousClock.now - began < .seconds(14))
            try await Self.waitForOutage(of: proxy)
            // A session may be its trial; even that gets the stream.
            for number in 0..<8 {
                #expect(try await Received(proxy.url(.media, "/live/s\(number).flv")).status == 200)
            }
        }
    }

    @Test("an origin is asked at its next endpoint where nobody is at the first")
    func endpoints() async throws {
        let origin = try await ScriptedOrigin("several", always: "chunked")
        defer { origin.end() }
        try await withProxy { proxy in
            try await origin.register(at: proxy, behind: ["udp://127.0.0.1:9", "127.0.0.1:1", "tcp://2"])
            let received = try await Received(proxy.url(.media, "/live/s.flv"))
            #expect(received.status == 200 && received.hash == origin.hash)
            let page = try await Curl.get(proxy.url(.system, "/api/v1/origins")).body
            #expect(page.contains("\"failing\":[]") && page.contains("\"failures\":0"))
        }
    }

    /// Waits, with a bound, until the proxy lists one that does not answer by HTTP.
    private static func waitForOutage(of proxy: ProxyProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let page = try await Curl.get(proxy.url(.system, "/api/v1/origins")).body
            if page.contains("\"failing\":[\"http\"]") { return }
        }
        throw WaitExpired(description: "no origin is out")
    }

    @Test("one that never answers is given 15 s where there is no other, and the viewer is told")
    func silent() async throws {
        let origin = try await ScriptedOrigin("silent", always: "silent")
        defer { origin.end() }
        try await withProxy { proxy in
            try await origin.register(at: proxy)
            #expect(try await Curl.get(proxy.url(.media, "/live/s.flv")).status == 504)
            try await origin.wait(for: "gone")
            // It may have waited for a publisher: a probe shows that it has not.
            try await Self.waitForOutage(of: proxy)
            #expect(proxy.log.contains { $0.message == "origin is out" })
        }
    }
}
