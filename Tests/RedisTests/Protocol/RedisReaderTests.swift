import Bytes
import RedisModel
import TestKit
import Testing

@testable import Redis

@Suite("A reader of replies")
struct RedisReaderTests {
    static let replies: [(String, [RedisReply])] = [
        ("+OK\r\n", [.status("OK")]),
        ("-ERR no\r\n", [.error(RedisError("ERR no"))]),
        (":-9223372036854775808\r\n:7\r\n", [.integer(.min), .integer(7)]),
        ("$-1\r\n*-1\r\n", [.null, .null]),
        ("$0\r\n\r\n$2\r\n\r\n\r\n", [.bytes(SharedBytes("")), .bytes(SharedBytes("\r\n"))]),
        ("*0\r\n*2\r\n:1\r\n*1\r\n+a\r\n", [.list([]), .list([.integer(1), .list([.status("a")])])]),
        ("*2\r\n-NO\r\n$1\r\nx\r\n", [.list([.error(RedisError("NO")), .bytes(SharedBytes("x"))])]),
        ("*2\r\n*0\r\n*1\r\n*0\r\n:3\r\n", [.list([.list([]), .list([.list([])])]), .integer(3)]),
    ]

    @Test("gives the same values however the input is cut", arguments: replies)
    func cutting(text: String, expected: [RedisReply]) throws {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let read = readReplies([Array(bytes[..<end]), Array(bytes[end...])], limits: RedisReader.Limits())
            #expect(read == ReadReplies(replies: expected))
        }
        try checkReplies(bytes)
    }

    @Test("waits for what is missing", arguments: replies)
    func truncation(text: String, expected: [RedisReply]) {
        let read = readReplies([Array(text.utf8.dropLast())], limits: RedisReader.Limits())
        #expect(read == ReadReplies(replies: Array(expected.dropLast())))
    }

    static let refused: [(String, RedisReader.Failure)] = [
        ("*9\r\n", .crowded(elements: 9, maximum: 8)),
        ("*2147483647\r\n", .crowded(elements: 2_147_483_647, maximum: 8)),
        ("*4\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*1\r\n", .crowded(elements: 9, maximum: 8)),
        ("$1000\r\n" + String(repeating: "x", count: 100), .oversized(maximum: 64)),
        ("$9223372036854775807\r\n" + String(repeating: "x", count: 100), .oversized(maximum: 64)),
        ("+" + String(repeating: "x", count: 17) + "\r\n", .longLine(maximum: 16)),
        ("-" + String(repeating: "x", count: 30), .longLine(maximum: 16)),
        ("*2147483648\r\n", .malformed(reason: "Multi-bulk length out of range")),
        ("*-2\r\n", .malformed(reason: "Multi-bulk length out of range")),
        ("$-2\r\n", .malformed(reason: "Bulk string length out of range")),
        ("$x\r\n", .malformed(reason: "Bad bulk string length")),
        (":\r\n", .malformed(reason: "Bad integer value")),
        ("HTTP/1.1 400\r\n", .malformed(reason: "Protocol error, got \"H\" as reply type byte")),
        (
            String(repeating: "*1\r\n", count: 9),
            .malformed(reason: "No support for nested multi bulk replies with depth > 7")
        ),
    ]

    @Test("refuses what is no reply or goes beyond its bounds, for good", arguments: refused)
    func refusing(text: String, failure: RedisReader.Failure) {
        var limits = RedisReader.Limits()
        limits.maximumBytes = 64
        limits.maximumElements = 8
        limits.maximumLine = 16
        let reader = RedisReader(limits: limits)
        var replies: [RedisReply] = []
        func read(_ text: String) throws(RedisReader.Failure) {
            try reader.read(text.bytes.rawSpan) { reply in
                replies.append(reply)
                return true
            }
        }
        #expect(throws: failure) { try read("+first\r\n" + text) }
        #expect(throws: failure) { try read("+second\r\n") }
        #expect(replies == [.status("first")])
    }

    @Test("counts the elements and bytes of each reply anew")
    func counting() throws {
        var limits = RedisReader.Limits()
        limits.maximumBytes = 32
        limits.maximumElements = 5
        let list = "*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n"
        let read = readReplies([Array(String(repeating: list, count: 4).utf8)], limits: limits)
        #expect(read.replies.count == 4 && !read.isRefused)
        try checkReplies(Array(String(repeating: list, count: 4).utf8))
    }

    @Test("gives nothing more once it is told to stop")
    func stopping() throws {
        let reader = RedisReader()
        var replies: [RedisReply] = []
        try reader.read("+a\r\n+b\r\n".bytes.rawSpan) { reply in
            replies.append(reply)
            return false
        }
        #expect(replies == [.status("a")])
    }

    @Test("lets go of a reply wherever it is cut off", arguments: replies)
    func halves(text: String, expected: [RedisReply]) throws {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            weak var builder: ReplyBuilder?
            do {
                let reader = RedisReader()
                builder = reader.builder
                try reader.read(Array(bytes[..<end]).rawSpan) { _ in true }
                #expect(builder != nil)
            }
            #expect(builder == nil)
        }
    }

    @Test("reads a long string and many short replies in pieces of any size")
    func long() throws {
        let long = StreamPattern.bytes(from: 0, count: 300_000)
        let text = Array("$300000\r\n".utf8) + long + Array("\r\n".utf8)
        let many = Array(String(repeating: ":1\r\n", count: 20_000).utf8)
        var generator = SplitMix(seed: 4)
        let pieces = (text + many).pieces(largest: 70_000, using: &generator)
        let read = readReplies(pieces, limits: RedisReader.Limits())
        #expect(read.replies.first == .bytes(SharedBytes(long)))
        #expect(read.replies.count == 20_001)
    }

    @Test("agrees with a naive reader on inputs that are nearly replies", arguments: 0..<300 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let words = [
            "+", "-", ":", "$", "*", "\r\n", "\r", "\n", "0", "1", "2", "-1", "3\r\n", "ab", "*1\r\n", "$1\r\na\r\n",
        ]
        let text = (0..<Int.random(in: 1...24, using: &generator)).map { _ in words.randomElement(using: &generator)! }
        try checkReplies(Array(text.joined().utf8))
    }
}
