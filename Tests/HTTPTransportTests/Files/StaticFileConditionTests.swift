import Bytes
import Glibc
import HTTP
import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Static files: conditions", .ownThread)
struct StaticFileConditionTests {
    let fixture: FilesFixture

    init() throws { fixture = try FilesFixture() }

    @Test("what the client has is 304, by tag before date, and 412 where it must have it")
    func conditions() async throws {
        defer { fixture.stop() }
        try fixture.write(patterned(5_000), "clip.mp4")
        let client = try RawClient(port: try await fixture.start())
        let first = try client.get("/clip.mp4")
        let tag = try #require(first["etag"])
        let date = try #require(first["last-modified"])
        let old = "Mon, 01 Jan 2001 00:00:00 GMT"
        let expected: [([String], Int)] = [
            (["If-None-Match: \(tag)"], 304), (["If-None-Match: W/\(tag)"], 304), (["If-None-Match: *"], 304),
            (["If-None-Match: \"x\", \(tag)"], 304), (["If-None-Match: \"x\""], 200),
            (["If-Modified-Since: \(date)"], 304), (["If-Modified-Since: \(old)"], 200),
            (["If-Modified-Since: nonsense"], 200),
            (["If-None-Match: \"x\"", "If-Modified-Since: \(date)"], 200),
            (["If-Match: \(tag)"], 200), (["If-Match: \"x\""], 412), (["If-Match: W/\(tag)"], 412),
            (["If-Unmodified-Since: \(date)"], 200), (["If-Unmodified-Since: \(old)"], 412),
        ]
        for (fields, status) in expected {
            for method in ["GET", "HEAD"] {
                let lines = ["\(method) /clip.mp4 HTTP/1.1", "Host: a"] + fields
                try client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
                let answer = try client.response(hasBody: method == "GET")
                #expect(answer.status == status, "\(method) \(fields)")
                guard status == 304 else { continue }
                #expect(answer["etag"] == tag && answer["last-modified"] == date && answer.body.isEmpty)
            }
        }
    }

    @Test("a file that has just been written has a weak tag: it may change again unnoticed")
    func fresh() async throws {
        defer { fixture.stop() }
        try fixture.write(patterned(5_000), "live.m3u8", age: 0)
        let client = try RawClient(port: try await fixture.start())
        let tag = try #require(try client.get("/live.m3u8")["etag"])
        #expect(tag.hasPrefix("W/\""))
        #expect(try client.get("/live.m3u8", "If-None-Match: \(tag)").status == 304)
        #expect(try client.get("/live.m3u8", "Range: bytes=0-9", "If-Range: \(tag)").status == 200)
        try fixture.write(patterned(5_001), "live.m3u8", age: 0)
        #expect(try client.get("/live.m3u8", "If-None-Match: \(tag)").body.count == 5_001)
    }

    @Test("a file from the future was not modified later than it is answered")
    func future() async throws {
        defer { fixture.stop() }
        try fixture.write(patterned(10), "clip.mp4", age: -100_000)
        let began = Int64(time(nil)) - 1
        let answer = try RawClient(port: try await fixture.start()).get("/clip.mp4")
        let times = try ["last-modified", "date"].map { name in
            let text = try #require(answer[name]).bytes
            let time = HTTPDate(parsing: text.rawSpan, now: HTTPDate(seconds: 0))
            return try #require(time).seconds
        }
        // The file may be looked at in one second and answered in the next; a loop may not know of the last second yet.
        #expect(began <= times[0] && times[0] <= times[1])
    }

    @Test("a range under a condition is a range only where the condition holds")
    func ifRange() async throws {
        defer { fixture.stop() }
        let bytes = patterned(5_000)
        try fixture.write(bytes, "clip.mp4")
        let client = try RawClient(port: try await fixture.start())
        let first = try client.get("/clip.mp4")
        let (tag, date) = (try #require(first["etag"]), try #require(first["last-modified"]))
        for (value, status) in [
            (tag, 206), (date, 206), ("\"x\"", 200), ("W/\(tag)", 200), ("Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ] {
            let answer = try client.get("/clip.mp4", "Range: bytes=10-19", "If-Range: \(value)")
            #expect(answer.status == status, "\(value)")
            #expect(answer.body == (status == 206 ? Array(bytes[10..<20]) : bytes))
        }
    }
}
