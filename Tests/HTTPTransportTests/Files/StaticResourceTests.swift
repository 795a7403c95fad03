import Bytes
import HTTP
import LoopKit
import Testing

@testable import HTTPTransport

@Suite("Static files that are compiled in", .ownThread)
struct StaticResourceTests {
    private static let page = wordy(20_000)
    private static let picture = patterned(300_000)

    private func start(_ fixture: ServerFixture) async throws -> UInt16 {
        let files = StaticFiles(resources: [
            StaticResource("index.html", Self.page), StaticResource("assets/logo.png", Self.picture),
            StaticResource("assets/deep/index.html", Array("deep".utf8)),
        ])
        return try await fixture.start { router, _ in
            router.add(.get, "/*path", "pages", options: RouteOptions(compresses: true), handler: files.handle)
        }
    }

    @Test("they are found, typed, tagged by their content, cut into ranges, and compressed once")
    func resources() async throws {
        let fixture = try ServerFixture()
        defer { fixture.stop() }
        let client = try RawClient(port: try await start(fixture))
        let page = try client.get("/")
        #expect(page.body == Self.page && page["content-type"] == "text/html; charset=utf-8")
        #expect(page["last-modified"] == nil)
        let tag = try #require(page["etag"])
        #expect(try client.get("/", "If-None-Match: \(tag)").status == 304)
        let packed = try client.get("/", "Accept-Encoding: gzip")
        #expect(packed["content-encoding"] == "gzip" && packed["etag"] == "W/\(tag)" && packed.body.count < 4_000)
        let curl = try Command.run("curl", ["-sS", "--compressed", "http://127.0.0.1:\(try await fixture.port())/"])
        #expect(curl.output == Self.page)
        let part = try client.get("/assets/logo.png", "Range: bytes=100-199")
        #expect(part.status == 206 && part.body == Array(Self.picture[100..<200]))
        let parts = try client.get("/assets/logo.png", "Range: bytes=0-99,200000-299999")
        #expect(parts.status == 206 && parts.body.count > 100_100)
        #expect(try client.get("/assets/logo.png").body == Self.picture)
    }

    @Test("directories send to their slash; what is not there is 404")
    func directories() async throws {
        let fixture = try ServerFixture()
        defer { fixture.stop() }
        let client = try RawClient(port: try await start(fixture))
        #expect(try client.get("/assets/deep/").text == "deep")
        let redirect = try client.get("/assets/deep?a=1")
        #expect(redirect.status == 301 && redirect["location"] == "/assets/deep/?a=1")
        for path in ["/assets/", "/none", "/index.html/", "//", "/assets//logo.png"] {
            #expect(try client.get(path).status == 404, "\(path)")
        }
    }
}
