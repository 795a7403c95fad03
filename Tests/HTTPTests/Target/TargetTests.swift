import Bytes
import HTTP
import TestKit
import Testing

@Suite("Target") struct TargetTests {
    private func target(_ raw: String, _ method: String = "GET") throws -> Target {
        var head = RequestHead()
        var parser = RequestParser()
        _ = try parser.parse("\(method) \(raw) HTTP/1.1\r\nHost: h\r\n\r\n".bytes.rawSpan, into: &head)
        return head.target
    }

    @Test(
        "the path is split, decoded once and freed of dot-segments",
        arguments: [
            ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("//", ["", ""]), ("/a//b", ["a", "", "b"]),
            ("/a%20b", ["a b"]), ("/%41", ["A"]), ("/a+b", ["a+b"]), ("/%2525", ["%25"]),
            ("/%252e%252e/x", ["%2e%2e", "x"]),
            ("/a%2Fb", ["a/b"]), ("/a%2f..%2fb", ["a/../b"]), ("/..%2f", ["../"]), ("/.", [""]), ("/./", [""]),
            ("/./a", ["a"]),
            ("/a/.", ["a", ""]), ("/a/..", [""]), ("/a/../", [""]), ("/a/../b", ["b"]), ("/a/b/../c", ["a", "c"]),
            ("/a/b/..", ["a", ""]), ("/a//..", ["a", ""]), ("/a/%2e%2E/b", ["b"]),
            ("/.a/..b/...", [".a", "..b", "..."]),
            ("/%e4%b8%ad", ["中"]), ("/中", ["中"]), ("/a;b=c", ["a;b=c"]), ("/{a}|b", ["{a}|b"]), ("/a:b@c", ["a:b@c"]),
        ])
    func path(raw: String, expected: [String]) throws {
        let target = try target(raw)
        #expect((0..<target.segmentCount).map { target.segmentText($0) } == expected)
        #expect(text(target.raw) == raw)
        #expect(target.form == .origin)
    }

    @Test(
        "the query is everything behind the first question mark",
        arguments: [
            ("/a", nil), ("/a?", ""), ("/a?b=c", "b=c"), ("/a?b?c", "b?c"), ("/?../%00", "../%00"),
            ("/a?/b/../c", "/b/../c"),
        ] as [(String, String?)])
    func query(raw: String, expected: String?) throws {
        let target = try target(raw)
        #expect(text(target.rawQuery) == expected)
        #expect(text(target.rawPath) == String(raw.prefix { $0 != "?" }))
    }

    @Test(
        "the absolute form names the host",
        arguments: [
            ("http://a.example/x/y?z", "a.example", ["x", "y"], "z"), ("HTTPS://a:8443", "a:8443", [""], nil),
            ("http://[::1]:80/", "[::1]:80", [""], nil), ("http://a?b", "a", [""], "b"),
            ("http://a//x", "a", ["", "x"], nil),
        ] as [(String, String, [String], String?)])
    func absolute(raw: String, authority: String, segments: [String], query: String?) throws {
        let target = try target(raw)
        #expect(target.form == .absolute)
        #expect(text(target.authority) == authority)
        #expect((0..<target.segmentCount).map { target.segmentText($0) } == segments)
        #expect(text(target.rawQuery) == query)
    }

    @Test("the authority and asterisk forms have no path")
    func others() throws {
        let tunnel = try target("a.example:443", "CONNECT")
        #expect(tunnel.form == .authority)
        #expect(text(tunnel.authority) == "a.example:443")
        #expect(tunnel.segmentCount == 0)
        let asterisk = try target("*", "OPTIONS")
        #expect(asterisk.form == .asterisk)
        #expect(asterisk.segmentCount == 0)
        #expect(!asterisk.hasAuthority)
    }

    @Test("a target outweighs Host")
    func precedence() throws {
        var head = RequestHead()
        var parser = RequestParser()
        _ = try parser.parse("GET http://target/ HTTP/1.1\r\nHost: field\r\n\r\n".bytes.rawSpan, into: &head)
        #expect(text(head.authority) == "target")
        _ = try parser.parse("GET / HTTP/1.1\r\nHost: field\r\n\r\n".bytes.rawSpan, into: &head)
        #expect(text(head.authority) == "field")
    }

    @Test("a path equals a literal only as a whole and never by an encoded slash")
    func equality() throws {
        #expect(try target("/api/v1/versions").pathEquals("/api/v1/versions"))
        #expect(try target("/api/./v1/%76ersions?x").pathEquals("/api/v1/versions"))
        #expect(try target("/").pathEquals("/"))
        #expect(try target("/a/").pathEquals("/a/"))
        #expect(try !target("/a/").pathEquals("/a"))
        #expect(try !target("/a").pathEquals("/a/"))
        #expect(try !target("/a%2Fb").pathEquals("/a/b"))
        #expect(try !target("/ab").pathEquals("/a"))
        #expect(try !target("/a").pathEquals("/ab"))
        #expect(try !target("*", "OPTIONS").pathEquals(""))
    }

    @Test(
        "what is sent on means the same path again",
        arguments: [
            ("/a%2Fb/c%20d?x=%2F", "/a%2Fb/c%20d?x=%2F"), ("/a/../b/%7Ec", "/b/~c"), ("http://h/x?y", "/x?y"),
            ("/", "/"),
            ("/中", "/%E4%B8%AD"), ("/a//b/", "/a//b/"), ("/%2525", "/%2525"), ("http://h", "/"), ("/a%3Fb", "/a%3Fb"),
            ("/a%23b%25", "/a%23b%25"),
        ])
    func sentOn(raw: String, expected: String) throws {
        let first = try target(raw)
        var output = ByteWriter()
        first.appendOriginForm(to: &output)
        let sent = String(copying: output.bytes)
        #expect(sent == expected)
        let second = try target(sent)
        #expect(
            (0..<second.segmentCount).map { second.segmentText($0) }
                == (0..<first.segmentCount).map { first.segmentText($0) })
    }
}

@Suite("Authority") struct AuthorityTests {
    @Test(
        "hosts and ports are read",
        arguments: [
            ("a.example", "a.example", nil, Authority.Kind.name), ("A.Example:80", "a.example", 80, .name),
            ("a:", "a", nil, .name),
            ("", "", nil, .name), (":80", "", 80, .name), ("192.0.2.1:1", "192.0.2.1", 1, .ipv4),
            ("192.0.2.256", "192.0.2.256", nil, .name),
            ("1.2.3", "1.2.3", nil, .name), ("01.2.3.4", "01.2.3.4", nil, .name),
            ("1.2.3.4.5", "1.2.3.4.5", nil, .name),
            ("[::]", "::", nil, .ipv6), ("[::1]:65535", "::1", 65535, .ipv6),
            ("[2001:DB8::1]", "2001:db8::1", nil, .ipv6),
            ("[1:2:3:4:5:6:7:8]", "1:2:3:4:5:6:7:8", nil, .ipv6), ("[::ffff:1.2.3.4]", "::ffff:1.2.3.4", nil, .ipv6),
            ("[1:2:3:4:5:6:1.2.3.4]", "1:2:3:4:5:6:1.2.3.4", nil, .ipv6), ("[1::]", "1::", nil, .ipv6),
            ("my_host-1", "my_host-1", nil, .name),
        ] as [(String, String, UInt16?, Authority.Kind)])
    func good(text: String, host: String, port: UInt16?, kind: Authority.Kind) throws {
        let authority = try Authority(parsing: text.bytes.rawSpan)
        #expect(authority.host == host)
        #expect(authority.port == port)
        #expect(authority.kind == kind)
    }

    @Test(
        "what is no host is refused",
        arguments: [
            "a b", "a/b", "u@a", "a:x", "a:-1", "a:65536", "a:000080", "a:80:80", "[", "[]", "[:]", "[:::]", "[1]",
            "[::1", "[::1]a",
            "[::1]:x", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[12345::]", "[g::]", "[1:2:3:4:5:6:7:]",
            "[:1:2:3:4:5:6:7]", "[::1.2.3]", "[::1.2.3.256]", "[1.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[fe80::1%25lo]",
            "[1:2:3:4:5:6:7:8::]", "%61", "a\\", "a,b\"", "é", "::1",
        ])
    func bad(text: String) {
        #expect(throws: HTTPParseError.malformedHost) { try Authority(parsing: text.bytes.rawSpan) }
    }
}

@Suite("Query") struct QueryTests {
    @Test("parameters are decoded once and keep their order")
    func order() throws {
        let query = try Query(parsing: "app=live&stream=a%2Fb+c&&flag&=v&e=&app=%252F".bytes.rawSpan)
        #expect(query.count == 6)
        #expect(query["app"] == "live")
        #expect(query["stream"] == "a/b c")
        #expect(query["flag"] == "")
        #expect(query["e"] == "")
        #expect(query[""] == "v")
        #expect(query["none"] == nil)
        #expect(query["APP"] == nil)
        #expect(query.values(of: "app") == ["live", "%2F"])
        #expect(query.item(at: 1) == ("stream", "a/b c"))
    }

    @Test("the value ends at the ampersand, not at another equals sign")
    func equals() throws {
        #expect(try Query(parsing: "a=b=c".bytes.rawSpan)["a"] == "b=c")
        #expect(try Query(parsing: "%61%3D=%26".bytes.rawSpan)["a="] == "&")
    }

    @Test(
        "what cannot be decoded is refused",
        arguments: [
            ("a=%", HTTPParseError.malformedPercentEncoding), ("%zz", .malformedPercentEncoding),
            ("a=%0", .malformedPercentEncoding),
            ("a=%00", .encodedControlCharacter), ("a=\0", .controlCharacter), ("a=%ff", .invalidUTF8),
            ("%c3=%a9", .invalidUTF8),
        ])
    func bad(text: String, error: HTTPParseError) {
        #expect(throws: error) { try Query(parsing: text.bytes.rawSpan) }
    }

    @Test("a target gives its query, or none")
    func ofTarget() throws {
        var head = RequestHead()
        var parser = RequestParser()
        _ = try parser.parse("GET /a?b=c HTTP/1.0\r\n\r\n".bytes.rawSpan, into: &head)
        #expect(try head.target.query()["b"] == "c")
        _ = try parser.parse("GET /a HTTP/1.0\r\n\r\n".bytes.rawSpan, into: &head)
        #expect(try head.target.query().isEmpty)
    }

    @Test("the number of parameters is bounded")
    func bounded() throws {
        #expect(try Query(parsing: "a&b&c".bytes.rawSpan, maximumCount: 3).count == 3)
        #expect(throws: HTTPParseError.tooManyQueryItems(maximum: 2)) {
            try Query(parsing: "a&b&c".bytes.rawSpan, maximumCount: 2)
        }
        #expect(try Query(parsing: "".bytes.rawSpan).isEmpty)
    }

    @Test("what is written is read again", arguments: [("a b", "c&d=e+f"), ("é", "%"), ("", ""), ("#?/", "\u{1}")])
    func roundTrip(name: String, value: String) throws {
        var output = ByteWriter()
        Query.append("first", "1", isFirst: true, to: &output)
        Query.append(name, value, isFirst: false, to: &output)
        let query = try Query(parsing: output.bytes)
        #expect(query.count == 2)
        #expect(query.item(at: 1) == (name, value))
    }

    @Test("short and long texts are written byte for byte", arguments: [0, 1, 7, 8, 14, 15, 16, 17, 40])
    func lengths(count: Int) {
        // Not literals: the bytes of up to 15 lie in the text itself, which the optimizer has let go too early.
        let name = String("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz".prefix(count))
        let value = String(name.reversed())
        var output = ByteWriter()
        Query.append(name, value, isFirst: true, to: &output)
        Query.append(value, name, isFirst: false, to: &output)
        #expect(String(copying: output.bytes) == "\(name)=\(value)&\(value)=\(name)")
    }
}
