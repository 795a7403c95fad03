import Bytes
import Foundation
import HTTP
import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Gzip", .ownThread)
struct CompressionTests {
    let fixture: FilesFixture

    init() throws { fixture = try FilesFixture() }

    /// What an independent program makes of a compressed body.
    private func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = fixture.folder.path + "/body.gz"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let result = try Command.run("gzip", ["-dc", path])
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    @Test(
        "a text file goes out compressed to who accepts it, and as it is to who does not",
        arguments: [512, 100_000, 1_048_576])
    func text(count: Int) async throws {
        defer { fixture.stop() }
        let bytes = wordy(count)
        try fixture.write(bytes, "list.m3u8")
        let client = try RawClient(port: try await fixture.start())
        let plain = try client.get("/list.m3u8")
        #expect(plain.body == bytes && plain["content-encoding"] == nil && plain["vary"] == "Accept-Encoding")
        let packed = try client.get("/list.m3u8", "Accept-Encoding: br, gzip;q=0.8")
        #expect(packed["content-encoding"] == "gzip" && packed["vary"] == "Accept-Encoding")
        #expect(packed["content-type"] == "application/vnd.apple.mpegurl")
        #expect(packed.body.count < count * 2 / 3)
        #expect(try gunzip(packed.body) == bytes)
        // Another coding is another representation: only weakly the same.
        let (tag, packedTag) = (try #require(plain["etag"]), try #require(packed["etag"]))
        #expect(packedTag == "W/" + tag)
        let again = try client.get("/list.m3u8", "Accept-Encoding: gzip", "If-None-Match: \(packedTag)")
        #expect(again.status == 304 && again["vary"] == "Accept-Encoding" && again["etag"] == packedTag)
        let curl = try Command.run(
            "curl", ["-sS", "--compressed", "http://127.0.0.1:\(try await fixture.server.port())/list.m3u8"])
        #expect(curl.output == bytes)
    }

    @Test("what does not get smaller, is media, is asked for in part, or lies elsewhere stays as it is")
    func identity() async throws {
        defer { fixture.stop() }
        var random = SplitMix(seed: 3)
        let noise = (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let files = [
            "noise.txt": noise, "clip.mp4": wordy(50_000), "tiny.txt": wordy(511), "huge.txt": wordy(1_048_577),
        ]
        for (name, bytes) in files { try fixture.write(bytes, name) }
        try fixture.write(wordy(50_000), "text.txt")
        let client = try RawClient(port: try await fixture.start())
        for (name, bytes) in files {
            let answer = try client.get("/\(name)", "Accept-Encoding: gzip")
            #expect(answer["content-encoding"] == nil && answer.body == bytes, "\(name)")
        }
        let part = try client.get("/text.txt", "Accept-Encoding: gzip", "Range: bytes=5-9")
        #expect(
            part.status == 206 && part["content-encoding"] == nil && part["etag"]?.hasPrefix("\"") == true
                && part.body == Array(wordy(10)[5..<10]))
        let elsewhere = try client.get("/plain/text.txt", "Accept-Encoding: gzip")
        #expect(elsewhere["content-encoding"] == nil && elsewhere["vary"] == nil && elsewhere.body == wordy(50_000))
        for refusal in ["gzip;q=0", "identity", "*;q=0", "gzip;q=0.5, identity"] {
            #expect(try client.get("/text.txt", "Accept-Encoding: \(refusal)")["content-encoding"] == nil, "\(refusal)")
        }
    }

    @Test("texts that handlers make are compressed by the same rules, one after the other on one connection")
    func handlers() async throws {
        defer { fixture.stop() }
        let json = SharedBytes(Array("[".utf8) + wordy(30_000).map { $0 == 10 ? 32 : $0 } + Array("]".utf8))
        let short = SharedBytes("{\"code\":0}")
        let port = try await fixture.server.start { router, _ in
            let options = RouteOptions(compresses: true)
            router.add(.get, "/long", "long", options: options) { _, exchange in exchange.respond(json: json) }
            router.add(.get, "/short", "short", options: options) { _, exchange in exchange.respond(json: short) }
            router.add(.get, "/never", "never") { _, exchange in exchange.respond(json: json) }
        }
        let client = try RawClient(port: port)
        for _ in 0..<20 {
            let long = try client.get("/long", "Accept-Encoding: gzip")
            #expect(long["content-encoding"] == "gzip" && long.body.count < 10_000)
            #expect(try gunzip(long.body) == Array(copying: json.bytes))
            let short = try client.get("/short", "Accept-Encoding: gzip")
            #expect(
                short["content-encoding"] == nil && short["vary"] == "Accept-Encoding" && short.text == "{\"code\":0}")
        }
        let never = try client.get("/never", "Accept-Encoding: gzip")
        #expect(never["content-encoding"] == nil && never["vary"] == nil && never.body.count == json.count)
        let head = try client.get("/long", method: "HEAD", "Accept-Encoding: gzip")
        #expect(head["content-encoding"] == "gzip" && Int(head["content-length"] ?? "") ?? 0 < 10_000)
    }
}
