import Reactor
import Registry
import Testing

@testable import Proxy

@Suite("The default backend as an origin")
struct DefaultBackendTests {
    private typealias Backend = ProxyConfiguration.DefaultBackend

    private static func backend(_ host: String, _ rtmp: UInt16 = 1_935) throws -> Backend {
        var backend = Backend()
        backend.host = try #require(HostName(host))
        backend.rtmp = rtmp
        return backend
    }

    private static let longName = Array(repeating: String(repeating: "a", count: 62), count: 4).joined(separator: ".")

    @Test(
        "is named by its host and its RTMP port",
        arguments: [
            ("127.0.0.1", 1_935, "default-backend-127.0.0.1-1935"),
            ("10.0.0.5", 19_350, "default-backend-10.0.0.5-19350"),
            ("Origin-1.Test", 1_935, "default-backend-origin-1.test-1935"),
            ("origin.test.", 1_935, "default-backend-origin.test-1935"),
            ("::1", 1_935, "default-backend-::1-1935"),
            ("[2001:DB8:0:0::5]", 1_935, "default-backend-2001:db8::5-1935"),
            ("fe80::1%7", 1_935, "default-backend-fe80::1-7-1935"),
            ("0.0.0.0", 1_935, "default-backend-127.0.0.1-1935"),
            ("::", 1_935, "default-backend-::1-1935"),
            (longName, 65_535, "default-backend-\(longName.suffix(230))-65535"),
        ] as [(String, UInt16, String)])
    func name(host: String, port: UInt16, name: String) throws {
        #expect(try Self.backend(host, port).origin.text == name)
    }

    @Test("of two addresses is two origins, whatever the other ports are of one of them")
    func identity() throws {
        let one = try Self.backend("10.0.0.5")
        var same = one
        (same.http, same.srt) = (nil, 1)
        #expect(same.origin == one.origin && same.heartbeat.instance == one.heartbeat.instance)
        let others = [try Self.backend("10.0.0.6"), try Self.backend("10.0.0.5", 1_936)]
        #expect(Set(([one] + others).map(\.origin)).count == 3)
    }

    @Test(
        "says what others read as it was meant",
        arguments: [
            "127.0.0.1", "10.0.0.5", "::1", "2001:db8::5", "fe80::1%7", "origin.test", "origin.test.", "0.0.0.0", "::",
            longName,
        ])
    func heartbeat(host: String) throws {
        var backend = try Self.backend(host)
        for port in [nil, 8_080] as [UInt16?] {
            (backend.http, backend.api, backend.webRTC, backend.srt) = (port, port, port, port)
            #expect(try Heartbeat(json: backend.heartbeat.json(nil)) == backend.heartbeat)
        }
    }

    @Test("has a name that leads to it in paths, and in front of names of its own")
    func paths() throws {
        for host in ["10.0.0.5", "2001:db8::5", "fe80::1%7", "origin.test", Self.longName] {
            let origin = try Self.backend(host).origin
            #expect(ForeignID("\(origin)~vid-1")?.origin == origin)
            // What a path holds without being escaped (RFC 3986 §3.3).
            #expect(origin.text.utf8.count <= 256 && origin.text.allSatisfy { $0.isASCII && !"%/?#[]@ ".contains($0) })
        }
    }
}
