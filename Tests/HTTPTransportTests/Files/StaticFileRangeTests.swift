import LoopKit
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Static files: ranges", .ownThread)
struct StaticFileRangeTests {
    let fixture: FilesFixture

    init() throws { fixture = try FilesFixture() }

    @Test(
        "one range is a part, with its place; one outside is 416; what is no range is ignored",
        arguments: [1_000, 200_000])
    func single(count: Int) async throws {
        defer { fixture.stop() }
        let bytes = patterned(count)
        try fixture.write(bytes, "clip.mp4")
        let client = try RawClient(port: try await fixture.start())
        for (text, range) in [
            ("0-0", 0..<1), ("0-", 0..<count), ("10-99", 10..<100), ("-7", (count - 7)..<count),
            ("\(count - 1)-", (count - 1)..<count), ("5-99999999999999999999999", 5..<count), ("-999999", 0..<count),
        ] {
            let answer = try client.get("/clip.mp4", "Range: bytes=\(text)")
            #expect(answer.status == 206 && answer.body == Array(bytes[range]), "\(text)")
            #expect(answer["content-range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)")
        }
        for text in ["bytes=\(count)-", "bytes=-0"] {
            let answer = try client.get("/clip.mp4", "Range: \(text)")
            #expect(answer.status == 416 && answer["content-range"] == "bytes */\(count)")
        }
        for text in [
            "bytes=9-8", "bytes=x", "lines=1-2", "bytes=" + Array(repeating: "1-2", count: 17).joined(separator: ","),
        ] {
            let answer = try client.get("/clip.mp4", "Range: \(text)")
            #expect(answer.status == 200 && answer.body == bytes, "\(text)")
        }
        let head = try client.get("/clip.mp4", method: "HEAD", "Range: bytes=0-9")
        #expect(head.status == 200 && head["content-length"] == "\(count)")
    }

    @Test("random sets of ranges come as parts that hold what was asked for", arguments: [3_000, 150_000])
    func multiple(count: Int) async throws {
        defer { fixture.stop() }
        let bytes = patterned(count)
        try fixture.write(bytes, "clip.mp4")
        let client = try RawClient(port: try await fixture.start())
        var random = SplitMix(seed: UInt64(count))
        for _ in 0..<60 {
            let asked = (0..<Int.random(in: 2...8, using: &random)).map { _ in
                let start = Int.random(in: 0..<count, using: &random)
                return start..<Int.random(in: (start + 1)...count, using: &random)
            }
            let list = asked.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ", ")
            let answer = try client.get("/clip.mp4", "Range: bytes=\(list)")
            #expect(answer.status == 206)
            let parts = try Self.parts(of: answer, of: count)
            #expect(parts.allSatisfy { $0.bytes == Array(bytes[$0.range]) })
            // Every byte that was asked for comes exactly once, and no other.
            let wanted = asked.reduce(into: Set<Int>()) { $0.formUnion($1) }
            let got = parts.flatMap { Array($0.range) }
            #expect(got.count == wanted.count && Set(got) == wanted, "\(list)")
        }
    }

    private struct Part {
        let range: Range<Int>
        let bytes: [UInt8]
    }

    private struct Malformed: Error {}

    /// Reads a body of parts as RFC 2046 has it; one range has its place in the head.
    private static func parts(of answer: RawResponse, of count: Int) throws -> [Part] {
        if let place = answer["content-range"] { return [Part(range: try range(place, count), bytes: answer.body)] }
        let prefix = "multipart/byteranges; boundary="
        guard let type = answer["content-type"], type.hasPrefix(prefix) else { throw Malformed() }
        let delimiter = Array("\r\n--\(type.dropFirst(prefix.count))".utf8)
        var rest = answer.body[...]
        var parts: [Part] = []
        while true {
            guard rest.starts(with: delimiter) else { throw Malformed() }
            rest = rest.dropFirst(delimiter.count)
            if rest.elementsEqual("--\r\n".utf8) { return parts }
            guard let end = rest.indices.first(where: { rest[$0...].starts(with: "\r\n\r\n".utf8) }) else {
                throw Malformed()
            }
            let lines = String(decoding: rest[..<end], as: UTF8.self).split(separator: "\r\n")
            guard lines.count == 2, lines[0] == "Content-Type: video/mp4", lines[1].hasPrefix("Content-Range: ") else {
                throw Malformed()
            }
            let range = try range(String(lines[1].dropFirst(15)), count)
            rest = rest[(end + 4)...]
            parts.append(Part(range: range, bytes: Array(rest.prefix(range.count))))
            rest = rest.dropFirst(range.count)
        }
    }

    private static func range(_ text: String, _ count: Int) throws -> Range<Int> {
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        guard text.hasPrefix("bytes "), numbers.count == 3, numbers[2] == count else { throw Malformed() }
        return numbers[0]..<(numbers[1] + 1)
    }

    @Test("curl resumes a download, and asks for several ranges")
    func curl() async throws {
        defer { fixture.stop() }
        let bytes = patterned(1_000_000)
        try fixture.write(bytes, "clip.mp4")
        let port = try await fixture.start()
        let partial = try fixture.folder.write("", to: "partial.mp4")
        let half = try Command.run(
            "curl", ["-sS", "-r", "0-499999", "-o", partial, "http://127.0.0.1:\(port)/clip.mp4"])
        #expect(half.status == 0)
        let rest = try Command.run("curl", ["-sS", "-C", "-", "-o", partial, "http://127.0.0.1:\(port)/clip.mp4"])
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try Command.run("cat", [partial]).output == bytes)
        let several = try Command.run("curl", ["-sS", "-r", "0-4,10-14", "http://127.0.0.1:\(port)/clip.mp4"])
        #expect(several.text.ranges(of: "Content-Range: bytes ").count == 2)
    }
}
