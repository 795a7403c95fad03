import Glibc
import TestKit
import Testing

@Suite("sluice-proxy and clients that do as they like")
struct HostileClientTests {
    /// Bytes that are no request.
    private static let garbage: [(name: String, bytes: [UInt8])] = [
        ("zeros", [UInt8](repeating: 0, count: 4_096)),
        ("a TLS client hello", [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00]),
        ("RTMP", [3] + (0..<1_536).map { UInt8(truncatingIfNeeded: $0) }),
        ("HTTP/2", Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)),
        ("two lengths", Array("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".utf8)),
        ("a head without end", Array("GET / HTTP/1.1\r\n".utf8) + Array(repeating: UInt8(ascii: "a"), count: 1 << 20)),
        ("random bytes", pattern(64 * 1024)),
    ]

    private static func pattern(_ count: Int) -> [UInt8] {
        var random = SplitMix(seed: 11)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test("what is no request is answered with an error or cut, and others are served as before")
    func garbage() async throws {
        try await withProxy { proxy in
            let port = proxy.port(.api)
            for (name, bytes) in Self.garbage {
                try await onThread {
                    let peer = try Peer(port: port)
                    peer.send(bytes)
                    peer.finishSending()
                    let (answer, end) = peer.readToEnd()
                    #expect(end != .stillOpen, "\(name)")
                    let text = String(decoding: answer, as: UTF8.self)
                    // A reset overtakes the answer where a client goes on sending; nothing but an error may come.
                    #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 4") || text.hasPrefix("HTTP/1.1 505"), "\(name)")
                }
                #expect(try await Curl.get(proxy.url(.api, "/readyz")).status == 200, "after \(name)")
            }
            #expect(
                try await MetricsPage(of: proxy).value(#"sluice_http_requests_total{server="api",status="5xx"}"#) ?? 0
                    <= 1)
        }
    }

    @Test("a request that comes byte by byte is as good as any")
    func byteByByte() async throws {
        try await withProxy { proxy in
            let port = proxy.port(.api)
            try await onThread {
                let peer = try Peer(port: port)
                for _ in 0..<3 {
                    for byte in Request.get("/healthz").utf8 { #expect(peer.send([byte])) }
                    #expect(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
                }
            }
        }
    }

    @Test("a pipeline of a thousand requests is answered in order")
    func pipeline() async throws {
        try await withProxy { proxy in
            let port = proxy.port(.api)
            try await onThread {
                let peer = try Peer(port: port)
                let paths = (0..<1_000).map { $0 % 3 == 0 ? "/healthz" : $0 % 3 == 1 ? "/missing" : "/api/v1/versions" }
                #expect(peer.send(paths.map { Request.get($0) }.joined()))
                peer.finishSending()
                for path in paths {
                    let answer = try #require(peer.answer(), "\(path)")
                    #expect(answer.hasPrefix(path == "/missing" ? "HTTP/1.1 404 " : "HTTP/1.1 200 "))
                    #expect(answer.contains("\"version\"") == (path == "/api/v1/versions"))
                }
                #expect(peer.readToEnd() == ([], .closed))
            }
        }
    }

    @Test("more connections than are allowed are told so, and room is made when others leave")
    func tooMany() async throws {
        try await withProxy(["PROXY_LOOPS": "1", "PROXY_MAX_CONNECTIONS": "10"]) { proxy in
            let port = proxy.port(.api)
            try await onThread {
                let peers = try (0..<10).map { _ in try Peer(port: port) }
                for peer in peers {
                    peer.send(Request.get("/healthz"))
                    #expect(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
                }
                let further = try Peer(port: port)
                #expect(further.answer()?.hasPrefix("HTTP/1.1 503 ") == true)
                #expect(further.readToEnd() == ([], .closed))
                for peer in peers { peer.close() }
                let served = eventually {
                    guard let peer = try? Peer(port: port) else { return false }
                    peer.send(Request.get("/healthz"))
                    return peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true
                }
                #expect(served)
            }
            #expect(
                (try await MetricsPage(of: proxy).value(#"sluice_http_connections_refused_total{server="api"}"#) ?? 0)
                    >= 1)
        }
    }
}
