import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

@Suite("ContentCoding") struct ContentCodingTests {
    @Test(
        "gzip where it is welcome at least as much as identity",
        arguments: [
            ("gzip", ContentCoding.gzip), ("GZIP, deflate, br", .gzip), ("x-gzip", .gzip), ("*", .gzip),
            ("gzip;q=0.5", .gzip),
            ("gzip ; q=1.000", .gzip), ("deflate, gzip;Q=0.001", .gzip), ("identity;q=0.5, gzip;q=0.5", .gzip),
            ("*;q=0, gzip", .gzip), ("", .identity), ("br", .identity), ("gzip;q=0", .identity),
            ("gzip;q=0.000", .identity),
            ("identity, gzip;q=0.9", .identity), ("*;q=0", .identity), ("*, gzip;q=0", .identity),
            ("gzip;q=1.1", .identity),
            ("gzip;q=2", .identity), ("gzip;q=", .identity), ("gzip;q=0.1234", .identity), ("gzip;x=1", .identity),
            ("notgzip", .identity),
        ])
    func negotiation(value: String, expected: ContentCoding) throws {
        var fields = Fields()
        try fields.append(.acceptEncoding, text: value)
        #expect(ContentCoding(negotiating: fields) == expected)
    }

    @Test("identity where nothing is said")
    func silent() { #expect(ContentCoding(negotiating: Fields()) == .identity) }

    @Test("the list may go on in another line")
    func lines() {
        var fields = Fields()
        fields.append(.acceptEncoding, "br")
        fields.append(.acceptEncoding, "gzip")
        #expect(ContentCoding(negotiating: fields) == .gzip)
    }
}

@Suite("MediaType") struct MediaTypeTests {
    @Test(
        "the extension tells the type",
        arguments: [
            ("a.m3u8", "application/vnd.apple.mpegurl", true), ("a.b.MPD", "application/dash+xml", true),
            ("a.ts", "video/mp2t", false),
            ("x.m4s", "video/iso.segment", false), ("x.mp4", "video/mp4", false), ("x.flv", "video/x-flv", false),
            ("index.html", "text/html; charset=utf-8", true), ("a.js", "text/javascript; charset=utf-8", true),
            ("noextension", "application/octet-stream", false), ("a.", "application/octet-stream", false),
            ("", "application/octet-stream", false), (".html", "text/html; charset=utf-8", true),
            ("a.averyveryverylongone", "application/octet-stream", false), ("a.é", "application/octet-stream", false),
        ])
    func byExtension(name: String, expected: String, isCompressible: Bool) {
        let type = MediaType(fileName: name.bytes.rawSpan)
        #expect(type.text.description == expected)
        #expect(type.isCompressible == isCompressible)
    }
}

@Suite("CORS") struct CORSTests {
    private func apply(_ cors: CORS, _ method: String, _ fields: String) throws -> (CORS.Kind, [[String]]) {
        var head = RequestHead()
        var parser = RequestParser()
        _ = try parser.parse("\(method) / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".bytes.rawSpan, into: &head)
        var answer = Fields()
        return (try cors.apply(to: head, answer: &answer), answer.list)
    }

    @Test("a page from anywhere may read where any origin is allowed")
    func simple() throws {
        let (kind, fields) = try apply(
            CORS(exposedFields: ["Location", "ETag"]), "GET", "Origin: https://x.example\r\n")
        #expect(kind == .simple)
        #expect(
            fields == [["Access-Control-Allow-Origin", "*"], ["Access-Control-Expose-Headers", "Location, ETag"]])
    }

    @Test("without an origin nothing is said")
    func sameOrigin() throws {
        let (kind, fields) = try apply(CORS(), "GET", "")
        #expect(kind == .none)
        #expect(fields.isEmpty)
    }

    @Test("a preflight hears what is allowed")
    func preflight() throws {
        let asked =
            "Origin: https://x\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a, x-b\r\n"
        let (kind, fields) = try apply(CORS(methods: [.get, .put], maximumAgeSeconds: 60), "OPTIONS", asked)
        #expect(kind == .preflight)
        #expect(
            fields == [
                ["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "GET, PUT"],
                ["Access-Control-Allow-Headers", "x-a, x-b"], ["Access-Control-Max-Age", "60"],
            ])
    }

    @Test(
        "a preflight hears which fields are allowed where they are listed",
        arguments: [
            (["X-A", "X-B"], ["X-A, X-B"]), ([], []),
        ] as [([String], [String])])
    func listedFields(allowed: [String], expected: [String]) throws {
        let asked = "Origin: https://x\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-c\r\n"
        let (_, fields) = try apply(CORS(requestFields: allowed), "OPTIONS", asked)
        #expect(fields.filter { $0[0] == "Access-Control-Allow-Headers" }.map { $0[1] } == expected)
    }

    @Test("request fields are not repeated where they are no names")
    func oddFields() throws {
        let asked =
            "Origin: https://x\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: a b<c>\r\n"
        let (_, fields) = try apply(CORS(), "OPTIONS", asked)
        #expect(!fields.contains { $0[0] == "Access-Control-Allow-Headers" })
    }

    @Test(
        "listed origins are named one by one, and caches are told",
        arguments: [("https://x", true), ("https://y", false)])
    func listed(origin: String, isAllowed: Bool) throws {
        let cors = CORS(origins: .listed(["https://x"]), requestFields: ["X-A"], allowsCredentials: true)
        let (kind, fields) = try apply(cors, "POST", "Origin: \(origin)\r\n")
        #expect(kind == (isAllowed ? .simple : .none))
        let allowed = [["Access-Control-Allow-Origin", origin], ["Access-Control-Allow-Credentials", "true"]]
        #expect(fields == [["Vary", "Origin"]] + (isAllowed ? allowed : []))
    }

    @Test("with credentials an origin is named, never a star")
    func credentials() throws {
        let (_, fields) = try apply(CORS(allowsCredentials: true), "GET", "Origin: https://x\r\n")
        #expect(fields.contains(["Access-Control-Allow-Origin", "https://x"]))
    }

    @Test("OPTIONS without a requested method is no preflight")
    func plainOptions() throws {
        #expect(try apply(CORS(), "OPTIONS", "Origin: https://x\r\n").0 == .simple)
    }
}
