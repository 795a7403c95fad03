import Media
import RTMP
import Testing

@Suite("StreamAddress") struct StreamAddressTests {
    struct Address: Sendable, CustomTestStringConvertible {
        let tcUrl: String?
        let app: String?
        let name: String
        let key: String
        var query = ""
        var testDescription: String { "\(tcUrl ?? "-") \(app ?? "-") \(name)" }

        init(_ tcUrl: String?, _ app: String?, _ name: String, _ key: String, query: String = "") {
            self.tcUrl = tcUrl
            self.app = app
            self.name = name
            self.key = key
            self.query = query
        }

        func read() throws(StreamKeyError) -> StreamAddress {
            try StreamAddress(
                tcUrl: tcUrl.map { AMFString($0) }, app: app.map { AMFString($0) }, name: AMFString(name))
        }
    }

    static let hosts = [
        Address("rtmp://live.example.com/live", "live", "s", "live.example.com/live/s"),
        Address("rtmp://Live.Example.COM:1935/live", "live", "s", "live.example.com/live/s"),
        Address("rtmps://live.example.com.:443/live", "live", "s", "live.example.com/live/s"),
        Address("rtmp://user:pass@live.example.com/live", "live", "s", "live.example.com/live/s"),
        Address("live.example.com/live", "live", "s", "live.example.com/live/s"),
        Address("rtmp://127.0.0.1:19350/live", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp://[::1]:1935/live", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp://[2001:db8::1.2.3.4]/live", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp://localhost/live", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp://localhost./live", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp://10.1/live", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp:///live", "live", "s", "__defaultVhost__/live/s"),
        Address(nil, "live", "s", "__defaultVhost__/live/s"),
        Address("", "live", "s", "__defaultVhost__/live/s"),
        Address("rtmp://__defaultVhost__/live", "live", "s", "__defaultVhost__/live/s"),
    ]

    static let overrides = [
        Address("rtmp://1.2.3.4/live?vhost=a.com", "live", "s", "a.com/live/s", query: "vhost=a.com"),
        Address("rtmp://1.2.3.4/live", "live?vhost=a.com", "s", "a.com/live/s", query: "vhost=a.com"),
        Address("rtmp://1.2.3.4/live?vhost=a.com", "live?vhost=a.com", "s", "a.com/live/s", query: "vhost=a.com"),
        Address("rtmp://b.com/live", "live", "s?k=v&vhost=A.com", "a.com/live/s", query: "k=v&vhost=A.com"),
        Address(
            "rtmp://x.com/live?vhost=c.com", "live?vhost=b.com", "s?vhost=a.com", "a.com/live/s",
            query: "vhost=a.com&vhost=b.com&vhost=c.com"),
        Address("rtmp://b.com/live", "live", "s?vhost=", "b.com/live/s", query: "vhost="),
        Address("rtmp://b.com/live", "live", "s?myvhost=a.com", "b.com/live/s", query: "myvhost=a.com"),
        Address("rtmp://b.com/live", "live", "s?vhost=test", "test/live/s", query: "vhost=test"),
        Address("rtmp://b.com/live", "live", "s?vhost=a%2Ecom", "a.com/live/s", query: "vhost=a%2Ecom"),
        Address("rtmp://b.com/live", "live", "s?vhost=..", "__defaultVhost__/live/s", query: "vhost=.."),
        Address("rtmp://b.com/live", "live", "s?vhost=1.2.3.4", "__defaultVhost__/live/s", query: "vhost=1.2.3.4"),
        Address(
            "rtmp://b.com/live", "live", "s?vhost=__defaultVhost__", "__defaultVhost__/live/s",
            query: "vhost=__defaultVhost__"),
        Address(
            "rtmp://1.2.3.4/live...vhost...a.com", "live...vhost...a.com", "s", "a.com/live/s", query: "vhost=a.com"),
    ]

    static let queries = [
        // The first two as FFmpeg and librtmp cut `live/stream?token=a/b` and `live/inst?vhost=x.com/stream`.
        Address(
            "rtmp://a.com/live/stream?token=a", "live/stream?token=a", "b", "a.com/live/stream/b", query: "token=a"),
        Address(
            "rtmp://a.com/live/inst?vhost=x.com", "live/inst?vhost=x.com", "stream", "x.com/live/inst/stream",
            query: "vhost=x.com"),
        Address("rtmp://a.com/live?x=1", "live?x=1", "s?secret=a/b?c", "a.com/live/s", query: "secret=a/b?c&x=1"),
        Address("rtmp://a.com/live?x=1", "live", "s?y=2", "a.com/live/s", query: "y=2&x=1"),
        Address("rtmp://a.com?x=1", "live", "s", "a.com/live/s", query: "x=1"),
        Address("rtmp://a.com/live", "live?", "s?", "a.com/live/s"),
    ]

    static let texts = [
        Address("rtmp://a.com/live", "live", "a%20b", "a.com/live/a b"),
        Address("rtmp://a.com/live", "live", "a b", "a.com/live/a b"),
        Address("rtmp://a.com/live", "live", "100%", "a.com/live/100%"),
        Address("rtmp://a.com/live", "live", "%zz%4", "a.com/live/%zz%4"),
        Address("rtmp://a.com/live", "live", "%252F", "a.com/live/%2F"),
        Address("rtmp://a.com/live", "live", "%E7%9B%B4%e6%92%ad", "a.com/live/直播"),
        Address("rtmp://a.com/live", "live", "a+b%3Fc", "a.com/live/a+b?c"),
        Address("rtmp://a.com/live", " live\n", "\ts \r\n", "a.com/live/s"),
        Address("rtmp://a.com/live", "live", "mp4:dir/s.mp4", "a.com/live/mp4:dir/s.mp4"),
        Address("rtmp://a.com/live", "live", "...", "a.com/live/..."),
        // A combining mark behind a slash or a question mark makes one character of both, which must hide neither.
        Address("rtmp://a.com/live", "live", "a/\u{301}b?\u{301}c", "a.com/live/a/\u{301}b", query: "\u{301}c"),
    ]

    @Test("host, override, query and text become one key", arguments: hosts + overrides + queries + texts)
    func keys(_ address: Address) throws {
        let read = try address.read()
        #expect(Array(read.key.description.utf8) == Array(address.key.utf8))
        #expect(read.query == address.query)
    }

    /// `rtmp://a.com/live/a/b/s`, as FFmpeg, librtmp, OBS and people cut it.
    @Test(
        "wherever a client cuts the URL, the key is the same",
        arguments: [
            ("live/a", "b/s"), ("live/a/b", "s"), ("live", "a/b/s"), ("live/", "/a/b/s"), ("live/a/b/", "s"),
            ("/live/a//b", "s"), ("live/a/b/s", ""), ("", "live/a/b/s"), ("live/_definst_/a", "b/s"),
            ("live/a/b/_definst_", "s"),
        ] as [(String, String)])
    func cuts(app: String, name: String) throws {
        let address = Address("rtmp://a.com/\(app)", app, name, "")
        #expect(try address.read().key.description == "a.com/live/a/b/s")
    }

    @Test("without an application there is the default one; without its field, that of the URL")
    func missingApp() throws {
        #expect(try Address("rtmp://a.com", nil, "s", "").read().key.description == "a.com/__defaultApp__/s")
        #expect(try Address("rtmp://a.com/s", "s", "", "").read().key.description == "a.com/__defaultApp__/s")
        #expect(try Address("rtmp://a.com/live/x", nil, "s", "").read().key.description == "a.com/live/x/s")
        #expect(try Address("rtmp://a.com/live/x", "", "s", "").read().key.description == "a.com/live/x/s")
    }

    @Test("the captured clients name the stream that their URL named")
    func captured() throws {
        for (messages, key) in [
            (RealClients.ffmpegPublisher, "live/livestream"), (RealClients.ffmpegPlayer, "live/a/b/livestream"),
            (RealClients.gstreamerPublisher, "live/gst"), (RealClients.gstreamerPlayer, "live/a/gst"),
        ] {
            let connect = try ConnectRequest(try command(messages[0].bytes))
            let commands = try messages.dropFirst().filter { $0.type == 20 }.map { try command($0.bytes) }
            let name = try #require(commands.first { ["play", "publish"].contains($0.name) }?.argument(0)?.text)
            let address = try StreamAddress(tcUrl: connect.tcUrl, app: connect.app, name: name)
            #expect(address.key.description == "__defaultVhost__/\(key)")
        }
        let librtmp = try ConnectRequest(try command(RealClients.librtmpPlayer[0].bytes))
        let play = try PlayRequest(try command(RealClients.librtmpPlayer[2].bytes))
        let address = try StreamAddress(tcUrl: librtmp.tcUrl, app: librtmp.app, name: play.name)
        #expect(address.key.description == "demo.example/live/a/b/livestream")
    }

    @Test(
        "what could harm is refused",
        arguments: [
            ("live", "..", .dotSegment(.stream)), ("live", "../s", .dotSegment(.app)),
            ("live/..", "s", .dotSegment(.app)),
            ("live", ".", .dotSegment(.stream)), ("live", "%2e%2E", .dotSegment(.stream)),
            ("live", "a%00b", .controlCharacter(.stream)), ("live", "a\u{0}b", .controlCharacter(.stream)),
            ("li\nve", "s", .controlCharacter(.app)), ("live", "a%7F", .controlCharacter(.stream)),
            ("live", "a%C2%85b", .controlCharacter(.stream)), ("live", "a%2Fb", .slash(.stream)),
            ("live", "a\\b", .slash(.stream)), ("live%5Cx", "s", .slash(.app)), ("live", "%FF", .notUTF8(.stream)),
            ("%C3", "s", .notUTF8(.app)), ("", "", .missingStream), ("", "?a=b", .missingStream),
            ("live", "s?vhost=a/b", .slash(.vhost)),
            ("live", "s?vhost=a%00.com", .controlCharacter(.vhost)), ("live", "s?vhost=%FF", .notUTF8(.vhost)),
        ] as [(String, String, StreamKeyError)])
    func refused(app: String, name: String, error: StreamKeyError) {
        #expect(throws: error) { try Address("rtmp://a.com", app, name, "").read() }
    }

    @Test("texts that are not UTF-8 are refused, not repaired")
    func notUTF8() {
        let bytes = AMFString.bytes([0xC4, 0xE3])
        #expect(throws: StreamKeyError.notUTF8(.stream)) { try StreamAddress(tcUrl: nil, app: "live", name: bytes) }
        #expect(throws: StreamKeyError.notUTF8(.app)) { try StreamAddress(tcUrl: nil, app: bytes, name: "s") }
        #expect(throws: StreamKeyError.notUTF8(.vhost)) { try StreamAddress(tcUrl: bytes, app: "live", name: "s") }
    }
}

@Suite("StreamKey") struct StreamKeyTests {
    @Test("the text form is read again as the same key")
    func textForm() throws {
        let key = try StreamKey(vhost: "a.com", segments: ["live", "a", "s"])
        #expect(key.vhost == "a.com" && key.app == "live/a" && key.stream == "s")
        #expect(key.description == "a.com/live/a/s")
        #expect(try StreamKey(parsing: "a.com/live/a/s") == key)
        #expect(try StreamKey(parsing: "a.com/live/%2F").stream == "%2F")
    }

    @Test(
        "another text for a key is refused",
        arguments: [
            ("a.com/live", .missingStream), ("s", .missingStream), ("", .missingStream), ("/live/s", .empty(.vhost)),
            ("a.com//s", .notCanonical), ("a.com/live//s", .notCanonical), ("a.com/live/s/", .notCanonical),
            ("a.com/live/_definst_/s", .notCanonical), ("a.com/../s", .dotSegment(.app)),
            ("../live/s", .dotSegment(.vhost)),
        ] as [(String, StreamKeyError)])
    func badText(text: String, error: StreamKeyError) {
        #expect(throws: error) { try StreamKey(parsing: text) }
    }

    @Test("each part has its bound")
    func bounds() throws {
        func text(_ count: Int) -> String { String(repeating: "x", count: count) }
        #expect(try StreamKey(vhost: text(192), segments: [text(192), text(191), text(192)]).app.utf8.count == 384)
        #expect(throws: StreamKeyError.tooLong(.vhost, bytes: 193, maximum: 192)) {
            try StreamKey(vhost: text(193), segments: ["a", "s"])
        }
        #expect(throws: StreamKeyError.tooLong(.stream, bytes: 193, maximum: 192)) {
            try StreamKey(vhost: "a", segments: ["a", text(193)])
        }
        #expect(throws: StreamKeyError.tooLong(.app, bytes: 193, maximum: 192)) {
            try StreamKey(vhost: "a", segments: [text(193), "s"])
        }
        #expect(throws: StreamKeyError.tooLong(.app, bytes: 385, maximum: 384)) {
            try StreamKey(vhost: "a", segments: [text(192), text(192), "s"])
        }
        let tight = StreamKey.Limits(maximumSegmentBytes: 1, maximumAppBytes: 1, maximumVhostBytes: 1)
        #expect(throws: Never.self) { try StreamKey(vhost: "a", segments: ["a", "s"], limits: tight) }
    }

    @Test("keys are equal where their bytes are, and hash alike")
    func equality() throws {
        let composed = try StreamKey(vhost: "a", segments: ["live", "\u{E9}"])
        let decomposed = try StreamKey(vhost: "a", segments: ["live", "e\u{301}"])
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, try StreamKey(parsing: "a/live/\u{E9}")]).count == 2)
        #expect(try StreamKey(parsing: "a/b/c/d") == StreamKey(vhost: "a", segments: ["b", "c", "d"]))
        #expect(try StreamKey(parsing: "a/b/c") != StreamKey(parsing: "a/c/c"))
        #expect(try StreamKey(parsing: "a/b/c") != StreamKey(parsing: "b/b/c"))
    }
}
