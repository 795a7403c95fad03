import Bytes
import HTTP
import LoopKit
import Reactor
import TestKit
import Testing

@testable import HTTPTransport

@Suite("Compressed files", .ownThread)
struct CompressedFilesTests {
    let fixture: FilesFixture

    init() throws { fixture = try FilesFixture() }

    private func key(_ name: String, _ count: Int) throws -> CompressedFiles.Key {
        CompressedFiles.Key(try FileOperation.status(of: fixture.write(wordy(count), name)).now())
    }

    private func limits(_ change: (inout CompressedFiles.Limits) -> Void) -> CompressedFiles.Limits {
        var limits = CompressedFiles.Limits()
        change(&limits)
        return limits
    }

    @Test("so many are made at once; what was made is known, also that it did not pay, unless it may change")
    func answers() throws {
        defer { fixture.stop() }
        let files = CompressedFiles(limits: limits { $0.atOnce = 2 })
        let (one, two, three) = (try key("1", 10), try key("2", 20), try key("3", 30))
        #expect(files.find(one) == .yours && files.find(two) == .yours && files.find(three) == .busy)
        files.made(one, SharedBytes("small"), isKept: true)
        #expect(files.find(one) == .known(SharedBytes("small")))
        #expect(files.find(three) == .yours && files.find(three) == .busy)
        files.made(two, nil, isKept: true)
        files.made(three, SharedBytes("3"), isKept: false)
        #expect(files.find(two) == .known(nil) && files.find(three) == .yours)
    }

    @Test("the oldest go when there are too many, or too many bytes of them")
    func bounds() throws {
        defer { fixture.stop() }
        let keys = try (0..<6).map { try key("\($0)", 100 + $0) }
        for limits in [limits { $0.files = 3 }, limits { $0.bytes = 30 }] {
            let files = CompressedFiles(limits: limits)
            for key in keys {
                #expect(files.find(key) == .yours)
                files.made(key, SharedBytes("ten bytes."), isKept: true)
            }
            for key in keys[3...] { #expect(files.find(key) == .known(SharedBytes("ten bytes."))) }
            #expect(files.find(keys[0]) == .yours)
        }
    }

    @Test("a file that is written anew is another one; while too many are being made, files go out as they are")
    func directory() throws {
        defer { fixture.stop() }
        try fixture.write(wordy(5_000), "a.txt", age: 1_000)
        let directory = StaticDirectory(
            root: fixture.root, io: FileIO(pool: fixture.pool), options: StaticFiles.Options())
        func found() throws -> StaticFile? {
            var head = RequestHead()
            var parser = RequestParser()
            let text = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n"
            _ = try parser.parse(text.bytes.rawSpan, into: &head)
            let path = try #require(StaticPath(head.target, from: 0))
            let request = FileRequest(head, acceptsGzip: true)
            guard case .file(let file) = try directory.find(path, for: request).now() else { return nil }
            return file
        }
        let first = try #require(try found()?.compressed)
        #expect(try found()?.compressed == first)
        try fixture.write(wordy(6_000), "a.txt", age: 900)
        let busy = (0..<2).compactMap { try? key("\($0)", 10) }
        for key in busy { #expect(directory.compressed.find(key) == .yours) }
        let plain = try #require(try found())
        #expect(plain.compressed == nil && plain.length == 6_000)
        for key in busy { directory.compressed.made(key, nil, isKept: false) }
        let second = try #require(try found()?.compressed)
        #expect(second != first)
    }
}
