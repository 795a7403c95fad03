import Foundation
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Static files", .ownThread)
struct StaticFileTests {
    let fixture: FilesFixture

    init() throws { fixture = try FilesFixture() }

    @Test(
        "a file comes whole, with its type, length and validators", arguments: [0, 1, 4_096, 65_536, 65_537, 3_000_000])
    func whole(count: Int) async throws {
        defer { fixture.stop() }
        let bytes = patterned(count)
        try fixture.write(bytes, "clip.mp4")
        let client = try RawClient(port: try await fixture.start())
        for _ in 0..<2 {
            let answer = try client.get("/clip.mp4")
            #expect(answer.status == 200 && answer.body == bytes)
            #expect(answer["content-type"] == "video/mp4" && answer["accept-ranges"] == "bytes")
            #expect(answer["x-content-type-options"] == "nosniff" && answer["vary"] == nil)
            #expect(answer["etag"]?.hasPrefix("\"") == true)
            #expect(answer["last-modified"]?.hasSuffix(" GMT") == true)
        }
    }

    @Test(
        "HEAD has the fields of GET and no body", arguments: ["/clip.mp4", "/long.mp4", "/text.txt", "/text.txt?gzip"])
    func head(path: String) async throws {
        defer { fixture.stop() }
        try fixture.write(patterned(1_000), "clip.mp4")
        try fixture.write(patterned(300_000), "long.mp4")
        try fixture.write(wordy(20_000), "text.txt")
        let client = try RawClient(port: try await fixture.start())
        let field = path.hasSuffix("gzip") ? "Accept-Encoding: gzip" : "Accept: */*"
        let answers = [try client.get(path, field), try client.get(path, method: "HEAD", field)]
        #expect(answers[1].body.isEmpty && !answers[0].body.isEmpty && answers[1].status == 200)
        let fields = answers.map { $0.fields.filter { $0.name != "date" }.map { "\($0.name): \($0.value)" } }
        #expect(fields[0] == fields[1])
        #expect(answers[1]["content-length"] == "\(answers[0].body.count)")
    }

    @Test("a directory is its index; without the slash it sends there, query and all")
    func directories() async throws {
        defer { fixture.stop() }
        try fixture.write(Array("top".utf8), "index.html")
        try fixture.write(Array("inner".utf8), "a b/index.html")
        try fixture.write(Array("none".utf8), "bare/other.txt")
        let client = try RawClient(port: try await fixture.start())
        #expect(try client.get("/").text == "top" && client.get("/pages/").text == "top")
        let inner = try client.get("/a%20b/")
        #expect(inner.text == "inner" && inner["content-type"] == "text/html; charset=utf-8")
        let redirect = try client.get("/pages/a%20b?x=1&y=%2F")
        #expect(redirect.status == 301 && redirect["location"] == "/pages/a%20b/?x=1&y=%2F")
        #expect(try client.get("/bare/").status == 404)
        #expect(try client.get("/index.html/").status == 404)
    }

    @Test("what is not there is 404 in JSON; so is everything while the directory is missing")
    func missing() async throws {
        defer { fixture.stop() }
        let client = try RawClient(port: try await fixture.start())
        let answer = try client.get("/nothing.html")
        #expect(answer.status == 404 && answer.text == "{\"code\":404,\"message\":\"no such file\"}")
        try FileManager.default.removeItem(atPath: fixture.root)
        #expect(try client.get("/").status == 404)
        try fixture.write(Array("it came".utf8), "index.html")
        #expect(try client.get("/").text == "it came")
    }

    @Test("a root that is a link can be exchanged while the server runs")
    func exchangedRoot() async throws {
        defer { fixture.stop() }
        let manager = FileManager.default
        for release in ["one", "two"] {
            try manager.createDirectory(atPath: "\(fixture.folder.path)/\(release)", withIntermediateDirectories: true)
            try Data(release.utf8).write(to: URL(fileURLWithPath: "\(fixture.folder.path)/\(release)/index.html"))
        }
        try manager.removeItem(atPath: fixture.root)
        try manager.createSymbolicLink(atPath: fixture.root, withDestinationPath: "one")
        let client = try RawClient(port: try await fixture.start())
        #expect(try client.get("/").text == "one")
        try manager.createSymbolicLink(atPath: fixture.root + ".new", withDestinationPath: "two")
        #expect(rename(fixture.root + ".new", fixture.root) == 0)
        #expect(try client.get("/").text == "two")
    }

    @Test(
        "what the system says becomes the client's fault, a matter of time, or ours",
        arguments: [
            (ENOENT, FileAnswer.Answer.nothing), (EXDEV, .nothing), (ELOOP, .nothing), (ENAMETOOLONG, .nothing),
            (EACCES, .forbidden), (EMFILE, .later), (ENFILE, .later), (ENOMEM, .later), (EPERM, .broken),
            (EIO, .broken),
        ])
    func failures(code: Int32, answer: FileAnswer.Answer) {
        let error = FileError(path: "a", cause: .system(SystemError("openat2", code)))
        #expect(FileAnswer.answer(to: error) == answer)
    }

    @Test("the type follows the name, in any case")
    func types() async throws {
        defer { fixture.stop() }
        let types = [
            "a.m3u8": "application/vnd.apple.mpegurl", "a.TS": "video/mp2t", "a.mpd": "application/dash+xml",
            "a.js": "text/javascript; charset=utf-8", "a.tar.gz": "application/gzip",
            "noname": "application/octet-stream",
            "a.wasm": "application/wasm", "a.svg": "image/svg+xml",
        ]
        for name in types.keys { try fixture.write([1], name) }
        let client = try RawClient(port: try await fixture.start())
        for (name, type) in types { #expect(try client.get("/" + name)["content-type"] == type, "\(name)") }
    }

    @Test("other methods are refused, and clients of HTTP/1.0 get the file and the end")
    func methods() async throws {
        defer { fixture.stop() }
        let bytes = patterned(200_000)
        try fixture.write(bytes, "clip.mp4")
        let port = try await fixture.start()
        #expect(try RawClient(port: port).get("/clip.mp4", method: "DELETE").status == 405)
        let old = try RawClient(port: port)
        try old.send("GET /clip.mp4 HTTP/1.0\r\n\r\n")
        let answer = try old.response()
        #expect(answer.body == bytes)
        #expect(try old.endsHere())
    }
}
