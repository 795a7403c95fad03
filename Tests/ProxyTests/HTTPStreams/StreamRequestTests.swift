import Bytes
import HTTP
import HTTPTransport
import Media
import Reactor
import Service
import Testing

@testable import Proxy

@Suite("Requests for streams")
struct StreamRequestTests {
    private static let mark = PassageMark(ServerIdentity())
    private static let peer = SocketAddress.Host(literal: "203.0.113.7")!

    private static func request(
        _ target: String, _ lines: [String] = ["Host: live.example.com:8080"], peer: SocketAddress.Host = peer,
        isSecure: Bool = false
    ) throws -> StreamRequest? {
        var head = RequestHead()
        var parser = RequestParser(limits: HeadLimits(maximumFieldCount: 128))
        let text = "GET \(target) HTTP/1.1\r\n" + lines.map { "\($0)\r\n" }.joined() + "\r\n"
        _ = try #require(try parser.parse(SharedBytes(text).bytes, into: &head))
        return try StreamRequest(head, from: peer, isSecure: isSecure, passing: mark)
    }

    @Test(
        "name their stream by path, host and query, and are asked of the origin as they came",
        arguments: [
            ("/live/a.flv", "live.example.com/live/a", "/live/a.flv"),
            ("/live/a.FLV?x=%20&y", "live.example.com/live/a", "/live/a.FLV?x=%20&y"),
            ("/live/a.flv?vhost=other", "other/live/a", "/live/a.flv?vhost=other"),
            ("/a.flv", "live.example.com/__defaultApp__/a", "/a.flv"),
            ("/live/x/a.ts", "live.example.com/live/x/a", "/live/x/a.ts"),
            ("/live/a.mp3", "live.example.com/live/a", "/live/a.mp3"),
            ("/live/b/../a.aac", "live.example.com/live/a", "/live/a.aac"),
            ("/live/%61.mp4", "live.example.com/live/a", "/live/a.mp4"),
        ])
    func streams(target: String, key: String, onward: String) throws {
        let request = try #require(try Self.request(target))
        #expect(request.key.description == key && request.target == onward)
        #expect(request.host == "live.example.com:8080" && !request.isWebSocket)
    }

    @Test(
        "are no others: pages, lists, segments, and media files at the root",
        arguments: ["/", "/index.html", "/live/a", "/live/a.m3u8", "/live/a.m4s", "/live/a.mpd", "/film.mp4", "/a.ts"])
    func pages(target: String) throws { #expect(try Self.request(target) == nil) }

    @Test("with a name that no stream can have are refused")
    func names() throws {
        let tooLong = "/live/\(String(repeating: "x", count: 193)).flv"
        for target in ["/live/.flv", tooLong] {
            #expect(throws: StreamRequestError.self) { try Self.request(target) }
        }
        let many = (0..<127).map { "X-\($0): 1" } + ["Host: a"]
        #expect(throws: StreamRequestError.fields(.tooMany(maximum: 128))) { try Self.request("/a/b.flv", many) }
    }

    @Test("say who asks, behind what others have said, and nothing that concerns one connection")
    func fields() throws {
        let lines = [
            "Host: h.example", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 192.0.2.2", "X-Real-IP: 192.0.2.9",
            "Forwarded: for=192.0.2.1", "X-Forwarded-Proto: gopher", "Connection: close, X-Own", "X-Own: 1",
            "Keep-Alive: 5", "Upgrade: websocket", "Sec-WebSocket-Key: k", "Sec-WebSocket-Version: 13",
            "Authorization: Basic a", "Cookie: c=1", "Range: bytes=0-", "X-Kept: 1", "Via: 1.1 cache",
        ]
        let request = try #require(try Self.request("/live/a.flv", lines, isSecure: true))
        var text = ByteWriter()
        request.fields.append(to: &text)
        #expect(
            String(copying: text.bytes).components == [
                "Authorization: Basic a", "Cookie: c=1", "Range: bytes=0-", "X-Kept: 1", "Via: 1.1 cache",
                "X-Forwarded-For: 192.0.2.1, 192.0.2.2, 203.0.113.7", "X-Real-IP: 203.0.113.7",
                "X-Forwarded-Proto: https", "X-Forwarded-Host: h.example",
                "Forwarded: for=192.0.2.1, for=203.0.113.7;host=\"h.example\";proto=https",
                "Via: 1.1 \(Self.mark.name)",
            ])
        let six = try #require(SocketAddress.Host(literal: "2001:db8::7"))
        let other = try #require(try Self.request("/live/a.flv", peer: six))
        #expect(other.fields.string(.xForwardedFor) == "2001:db8::7")
        #expect(
            other.fields.string(.forwarded)
                == "for=\"[2001:db8::7]\";host=\"live.example.com:8080\";proto=http")
    }

    @Test("without a host mean no virtual host, whatever the origin is called")
    func nameless() throws {
        let request = try #require(try Self.request("/live/a.flv", ["Host:"]))
        #expect(request.key.vhost == StreamKey.defaultVhost && request.host == "localhost")
        #expect(VirtualHost.resolve(host: request.host, override: nil) == StreamKey.defaultVhost)
    }
}

@Suite("Failures of origins over HTTP")
struct StreamFailureTests {
    @Test("put an origin out where they say something of it, and lead to another where it is to blame")
    func failures() {
        let kinds: [HTTPClientError.Kind] = [
            .resolve(.notFound), .connect(nil), .timeout(.connect), .timeout(.write),
        ]
        for kind in kinds {
            let failure = StreamFailure(kind, fromOwner: false)
            #expect(failure.concernsOrigin && failure.isOrigins, "\(kind)")
        }
        #expect(!StreamFailure(.timeout(.head), fromOwner: false).concernsOrigin)
        #expect(StreamFailure(.timeout(.head), fromOwner: true).concernsOrigin)
        #expect(!StreamFailure(.closed(nil), fromOwner: true).concernsOrigin)
        #expect(!StreamFailure(.overloaded, fromOwner: true).isOrigins)
    }
}

extension String {
    /// The lines of a head.
    fileprivate var components: [String] {
        split(separator: "\r\n").map(String.init)
    }
}
