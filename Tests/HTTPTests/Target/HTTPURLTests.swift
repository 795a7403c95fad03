import Bytes
import HTTP
import TestKit
import Testing

@Suite("HTTPURL") struct HTTPURLTests {
    @Test(
        "a URL is taken apart",
        arguments: [
            ("http://a", "a", UInt16(80), "/", "a"),
            ("HTTP://A.b:8080/x?y#z", "a.b", 8080, "/x?y", "a.b:8080"),
            ("https://a?x", "a", 443, "/?x", "a"),
            ("https://a:443/%20/../x", "a", 443, "/%20/../x", "a"),
            ("http://[::1]:81/", "::1", 81, "/", "[::1]:81"),
            ("https://[2001:DB8::1]", "2001:db8::1", 443, "/", "[2001:db8::1]"),
            ("http://10.0.0.5:/#", "10.0.0.5", 80, "/", "10.0.0.5"),
        ])
    func parts(text: String, host: String, port: UInt16, target: String, authority: String) throws {
        let url = try HTTPURL(text)
        #expect(url.origin.host == host && url.origin.port == port)
        #expect(url.target == target && url.origin.authority == authority)
        #expect(try HTTPURL(url.description) == url)
    }

    @Test(
        "what is no URL is refused",
        arguments: [
            ("", HTTPParseError.malformedTarget), ("ftp://a/", .malformedTarget), ("http:/a", .malformedTarget),
            ("//a/b", .malformedTarget), ("/b", .malformedTarget), ("http://", .malformedHost),
            ("http:///x", .malformedHost), ("http://u@a/", .malformedHost), ("http://a:70000/", .malformedHost),
            ("http://[::1/", .malformedHost), ("http://a/b c", .malformedTarget),
            ("http://a/\r\nX: y", .malformedTarget),
            ("http://a/é", .malformedTarget), ("http://a b/", .malformedHost),
        ])
    func refused(text: String, error: HTTPParseError) {
        #expect(throws: error) { try HTTPURL(text) }
    }

    /// RFC 3986 §5.4, as far as it is about `http`; a leading `..` too many stays at the root.
    @Test(
        "references are resolved as RFC 3986 shows",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"), ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"),
            ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"), ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"), ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"), ("g?y/../x", "http://a/b/c/g?y/../x"), ("http://x/y", "http://x/y"),
            ("HTTPS://x", "https://x/"), ("g h/é", "http://a/b/c/g%20h/%C3%A9"), ("a%2Fb", "http://a/b/c/a%2Fb"),
        ])
    func resolving(reference: String, expected: String) throws {
        let base = try HTTPURL("http://a/b/c/d;p?q")
        #expect(try base.resolving(reference.bytes.rawSpan).description == expected)
    }

    @Test("references to other schemes are refused", arguments: ["g:h", "ftp://x/", "mailto:a@b", "http:g"])
    func otherSchemes(reference: String) throws {
        let base = try HTTPURL("http://a/")
        #expect(throws: HTTPParseError.malformedTarget) { try base.resolving(reference.bytes.rawSpan) }
    }
}
