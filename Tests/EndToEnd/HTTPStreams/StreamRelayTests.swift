import Foundation
import TestKit
import Testing

@Suite("sluice-proxy relays streams over HTTP")
struct StreamRelayTests {
    /// A proxy with one scripted origin.
    private static func withOrigin(
        _ variables: [String: String] = [:], _ body: (ProxyProcess, ScriptedOrigin) async throws -> Void
    ) async throws {
        let origin = try await ScriptedOrigin()
        defer { origin.end() }
        try await withProxy(variables) { proxy in
            try await origin.register(at: proxy)
            try await body(proxy, origin)
        }
    }

    @Test("a body arrives whole however the origin frames it, and whatever the viewer speaks")
    func whole() async throws {
        try await Self.withOrigin { proxy, origin in
            for name in ["chunked.flv", "length.ts", "close.mp3", "chunked-2.aac", "length-2.mp4"] {
                for version in ["--http1.1", "--http1.0"] {
                    let received = try await Received(proxy.url(.media, "/live/\(name)"), [version])
                    #expect(received.status == 200 && received.curl == 0, "\(name) \(version)")
                    #expect(received.hash == origin.hash, "\(name) \(version)")
                }
            }
            try await MetricsPage.wait(
                for: "sluice_http_relay_requests_total{form=\"http\",outcome=\"relayed\"}", of: proxy
            ) { $0 == 10 }
            try await MetricsPage.wait(for: "sluice_http_relays_open{form=\"http\"}", of: proxy) { $0 == 0 }
            let bytes = try await MetricsPage(of: proxy).value(
                "sluice_http_relay_bytes_total{direction=\"downstream\"}")
            #expect(bytes == 30_000_000)
        }
    }

    @Test("status, fields and query pass; what concerns one connection does not, and the origin learns who asks")
    func fields() async throws {
        try await Self.withOrigin { proxy, _ in
            let sent = [
                "Host: live.example.com:8080", "Authorization: Bearer t", "Cookie: a=1", "Range: bytes=0-3",
                "User-Agent: VLC", "Referer: http://page", "X-Forwarded-For: 192.0.2.1", "X-Real-IP: 192.0.2.9",
                "Connection: X-Own", "X-Own: 1", "TE: trailers", "X-Custom: kept",
            ]
            let answer = try await Curl.get(
                proxy.url(.media, "/live/echo.flv?token=a%20b&x"), sent.flatMap { ["--header", $0] })
            #expect(answer.status == 206 && answer.fields["content-range"] == "bytes 0-3/9")
            let lines = answer.body.components(separatedBy: "\r\n")
            #expect(lines[0] == "GET /live/echo.flv?token=a%20b&x HTTP/1.1")
            for line in [
                "Host: live.example.com:8080", "Authorization: Bearer t", "Cookie: a=1", "Range: bytes=0-3",
                "User-Agent: VLC", "Referer: http://page", "X-Custom: kept", "X-Forwarded-For: 192.0.2.1, 127.0.0.1",
                "X-Real-IP: 127.0.0.1", "X-Forwarded-Proto: http", "X-Forwarded-Host: live.example.com:8080",
                "Forwarded: for=127.0.0.1;host=\"live.example.com:8080\";proto=http",
            ] { #expect(lines.contains(line), "\(line) in \(lines)") }
            #expect(!lines.contains { $0.hasPrefix("X-Own") || $0.hasPrefix("TE") || $0.hasPrefix("Connection") })

            let nameless = try await onThread { [port = proxy.port(.media)] in
                let peer = try Peer(port: port)
                peer.send("GET /live/echo.flv HTTP/1.0\r\n\r\n")
                return String(decoding: peer.readToEnd().bytes, as: UTF8.self)
            }
            #expect(nameless.contains("\r\nHost: localhost\r\n"))

            let head = try await Curl.get(
                proxy.url(.media, "/live/length.flv"), ["--head", "--header", "Origin: http://x"])
            #expect(head.status == 200 && head.fields["content-length"] == "3000000" && head.body.isEmpty)
            #expect(head.fields["content-type"] == "video/x-flv" && head.fields["access-control-allow-origin"] == "*")
            let hop = try await Curl.get(proxy.url(.media, "/live/chunked.flv"), ["--head"])
            #expect(hop.fields["x-hop"] == nil && hop.fields["x-origin"] == "scripted")
            let elsewhere = try await Curl.get(proxy.url(.media, "/live/302.flv"))
            #expect(elsewhere.status == 302 && elsewhere.fields["location"] == "http://elsewhere.test/live/x.flv")
            #expect(try await Curl.get(proxy.url(.media, "/live/trickle.flv")).body == "hello")
        }
    }

    @Test("what an origin sends behind an answer is nobody's answer")
    func behind() async throws {
        try await Self.withOrigin { proxy, _ in
            // The scripted origin takes HEAD for GET, and sends a body.
            for _ in 0..<20 {
                #expect(try await Curl.get(proxy.url(.media, "/live/chunked.flv"), ["--head"]).status == 200)
                #expect(try await Curl.get(proxy.url(.media, "/live/trickle.flv")).body == "hello")
            }
            let page = try await Curl.get(proxy.url(.system, "/api/v1/origins")).body
            #expect(page.contains("\"failing\":[]") && page.contains("\"failures\":0"))
        }
    }

    @Test("a stream is relayed over HTTPS as well")
    func secure() async throws {
        let authority = try TestAuthority(name: "Root")
        let files = try TemporaryDirectory()
        _ = try authority.issue("localhost", addresses: ["127.0.0.1"]).write(to: files, name: "server")
        let variables = [
            "PROXY_HTTPS_SERVER": "0", "PROXY_TLS_CERTIFICATE": "\(files.path)/server.pem",
            "PROXY_TLS_KEY": "\(files.path)/server.key",
        ]
        try await Self.withOrigin(variables) { proxy, origin in
            let root = "https://localhost:\(proxy.port(.media, isSecure: true))"
            let received = try await Received("\(root)/live/chunked.flv", ["--insecure"])
            #expect(received.hash == origin.hash && received.curl == 0)
            let echo = try await Curl.get("\(root)/live/echo.flv", ["--insecure"])
            #expect(echo.body.contains("\r\nX-Forwarded-Proto: https\r\n"))
        }
    }

    @Test("an origin whose answer breaks off breaks off the viewer's", arguments: ["cut", "reset"])
    func cut(name: String) async throws {
        try await Self.withOrigin { proxy, _ in
            let received = try await Received(proxy.url(.media, "/live/\(name).flv"))
            #expect(received.status == 200 && [18, 56].contains(received.curl) && received.size == 1_000)
            try await MetricsPage.wait(for: "sluice_http_relay_failures_total{reason=\"cut\"}", of: proxy) { $0 == 1 }
        }
    }

    @Test("when the viewer goes, so does the origin's request: while it streams, and before it answers")
    func viewerGoes() async throws {
        try await Self.withOrigin { proxy, origin in
            let port = proxy.port(.media)
            for name in ["endless", "silent"] {
                let isAsked = try await onThread {
                    let peer = try Peer(port: port)
                    peer.send(Request.get("/live/\(name).flv"))
                    defer { peer.close() }
                    return eventually { origin.events.contains("asked /live/\(name).flv") }
                }
                #expect(isAsked)
                try await origin.wait(for: "gone \(name)")
            }
            try await MetricsPage.wait(
                for: "sluice_http_relay_requests_total{form=\"http\",outcome=\"abandoned\"}", of: proxy
            ) { $0 == 1 }
        }
    }

    @Test("a viewer that takes nothing holds the origin back, and little is kept for it")
    func backpressure() async throws {
        try await Self.withOrigin { proxy, origin in
            let (port, status) = (proxy.port(.media), proxy.status)
            try await onThread {
                let before = status.residentBytes
                let peer = try Peer(port: port, window: 16 * 1024)
                defer { peer.reset() }
                peer.send(Request.get("/live/flood.flv"))
                #expect(eventually { origin.events.contains { $0.hasPrefix("blocked ") } })
                let sent = origin.events.first { $0.hasPrefix("blocked ") }?.split(separator: " ").last
                // The kernel's buffers of three sockets, and the proxy's watermark.
                #expect(sent.flatMap { Int($0) } ?? .max < 16 << 20)
                #expect(status.residentBytes - before < 8 << 20)
            }
            try await origin.wait(for: "gone flood")
        }
    }

    @Test("as a WebSocket, a viewer gets the same bytes, whatever the origin; where there is no stream, a status")
    func webSocket() async throws {
        try await Self.withOrigin { proxy, origin in
            let root = "ws://127.0.0.1:\(proxy.port(.media))/live"
            for name in ["chunked", "length", "close"] {
                #expect(try await webSocketViewer("\(root)/\(name).flv") == ["3000000", origin.hash, "1000"])
            }
            #expect(try await webSocketViewer("\(root)/404.flv") == ["refused", "404"])
            #expect(try await webSocketViewer("\(root)/cut.flv")[2] == "1013")
            #expect(try await webSocketViewer("\(root)/endless.flv", enough: 4)[0] == "4")
            try await origin.wait(for: "gone endless")
            try await MetricsPage.wait(for: "sluice_http_relays_open{form=\"websocket\"}", of: proxy) { $0 == 0 }
        }
    }
}
