import Bytes
import HTTP
import HTTPTransport
import Reactor
import TestKit
import Testing

@Suite("HTTPClient redirects")
struct HTTPClientRedirectTests {
    static let ok = Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let bench: ClientBench

    init() throws { bench = try ClientBench() }

    private static func redirect(_ status: Int, _ location: String, body: String = "gone") -> Step {
        .say("HTTP/1.1 \(status) Moved\r\nLocation: \(location)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test("a redirect is an answer where nobody has asked to follow it")
    func notAsked() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.redirect(302, "/b")])
        try await bench.client { client, actor in
            let fetched = try await client.fetch(origin.get(), on: actor)
            #expect(fetched.status == .found && fetched.fields.string(.location) == "/b")
            #expect(fetched.body == SharedBytes("gone"))
        }
    }

    @Test("a chain within one origin is followed on one connection")
    func chain() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([
            .request, Self.redirect(301, "/b/c?d=1"), .request, Self.redirect(302, "../e"), .request,
            Self.redirect(307, "?f"), .request, Self.ok,
        ])
        try await bench.client { client, actor in
            let fetched = try await client.fetch(origin.get("/a") { $0.maximumRedirects = 3 }, on: actor)
            let last = try origin.url("/e?f")
            #expect(fetched.body == SharedBytes("ok") && fetched.url == last)
            #expect(client.counters.connectionsOpened == 1 && client.counters.redirectsFollowed == 3)
        }
        #expect(
            bench.peer.requestLines == [
                "0 GET /a HTTP/1.1", "0 GET /b/c?d=1 HTTP/1.1", "0 GET /e HTTP/1.1", "0 GET /e?f HTTP/1.1",
            ])
    }

    @Test("more redirects than asked for are a failure")
    func tooMany() async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play(
            Array(repeating: [Step.request, Self.redirect(302, "/")], count: 4).flatMap { $0 })
        try await bench.client { client, actor in
            let error = await failure {
                _ = try await client.fetch(origin.get { $0.maximumRedirects = 3 }, on: actor)
            }
            #expect(error == HTTPClientError(kind: .tooManyRedirects(maximum: 3), mayRetryElsewhere: false))
        }
        #expect(bench.peer.requestLines.count == 4)
    }

    @Test(
        "what becomes of the method and the body",
        arguments: [
            (301, Method.post, "GET", false), (302, .post, "GET", false), (303, .post, "GET", false),
            (307, .post, "POST", true), (308, .post, "POST", true), (302, .put, "PUT", true),
            (303, .put, "GET", false), (303, .head, "HEAD", false),
        ])
    func methods(status: Int, method: Method, expected: String, keepsBody: Bool) async throws {
        defer { bench.group.shutdown() }
        let first: [Step] = method == .head ? [.request] : [.request, .body(3)]
        let second: [Step] = keepsBody ? [.request, .body(3)] : [.request]
        let empty = Step.say("HTTP/1.1 204 No Content\r\n\r\n")
        let origin = try await bench.play(first + [Self.redirect(status, "/b", body: "")] + second + [empty])
        try await bench.client { client, actor in
            var request = HTTPClientRequest(method, try origin.url())
            if method != .head { request.body = .bytes(SharedBytes("pay")) }
            request.fields.append(.contentType, "text/plain")
            request.maximumRedirects = 1
            let fetched = try await client.fetch(request, on: actor)
            #expect(fetched.status == .noContent)
        }
        let last = bench.peer.events.compactMap { event -> String? in
            if case .request(_, let text) = event { text } else { nil }
        }.last
        #expect(last?.hasPrefix("\(expected) /b ") == true)
        #expect(last?.contains("Content-Type") == (keepsBody || method == .head))
    }

    @Test("secrets and the name that was asked for stay with their origin")
    func secrets() async throws {
        defer { bench.group.shutdown() }
        let second = try await bench.play([.request, Self.ok])
        let first = try await bench.play([
            .request, Self.redirect(302, "/same"), .request,
            Self.redirect(302, "http://127.0.0.1:\(second.port)/other"),
        ])
        try await bench.client { client, actor in
            let request = try first.get {
                $0.maximumRedirects = 5
                $0.host = "media.test"
                $0.fields.append(.authorization, "Bearer secret")
                $0.fields.append(.cookie, "id=secret")
                $0.fields.append(.accept, "*/*")
            }
            _ = try await client.fetch(request, on: actor)
        }
        let heads = bench.peer.events.compactMap { event -> String? in
            if case .request(_, let text) = event { text } else { nil }
        }
        #expect(heads.map { $0.contains("secret") } == [true, true, false])
        #expect(heads.map { $0.contains("Host: media.test\r\n") } == [true, true, false])
        #expect(heads.allSatisfy { $0.contains("Accept: */*") })
    }

    @Test(
        "what cannot be followed is an answer",
        arguments: ["ftp://127.0.0.1/", "http://user@127.0.0.1/", "https://", "mailto:a@b"])
    func unusable(location: String) async throws {
        defer { bench.group.shutdown() }
        let origin = try await bench.play([.request, Self.redirect(302, location)])
        try await bench.client { client, actor in
            let fetched = try await client.fetch(origin.get { $0.maximumRedirects = 1 }, on: actor)
            #expect(fetched.status == .found)
        }
    }

    @Test("from `https` to `http` nobody is led")
    func downgrade() async throws {
        defer { bench.group.shutdown() }
        let trust = try Trust()
        let origin = try await bench.play([.request, Self.redirect(302, "http://127.0.0.1/")], tls: trust.server)
        var options = HTTPClientOptions()
        options.tls = trust.client
        try await bench.client(options) { client, actor in
            let fetched = try await client.fetch(origin.get { $0.maximumRedirects = 1 }, on: actor)
            #expect(fetched.status == .found)
        }
    }

    @Test("a redirect with a body without end costs a connection and not more")
    func endlessBody() async throws {
        defer { bench.group.shutdown() }
        let head = Step.say("HTTP/1.1 302 Found\r\nLocation: /b\r\nTransfer-Encoding: chunked\r\n\r\n")
        let endless: [Step] = [.request, head] + Array(repeating: .fill("5\r\nhello\r\n", 1_000), count: 30)
        let origin = try await bench.play(endless, [.request, Self.ok])
        try await bench.client { client, actor in
            let fetched = try await client.fetch(origin.get { $0.maximumRedirects = 1 }, on: actor)
            #expect(fetched.body == SharedBytes("ok") && client.counters.connectionsOpened == 2)
        }
        try await bench.peer.wait(for: .closed(0))
    }
}
