import ProxyModel
import Registry
import TestKit
import Testing

@testable import Proxy

@Suite("Slices of JSON")
struct JSONSlicesTests {
    private static let sample = #" {"a" : [1, -2.5e+3 ,"x\"\u00e9", {}, []] , "b":{"c":null,"d":true}, "":false} "#

    @Test("members and elements are where they were written")
    func places() throws {
        let json = try #require(JSONSlices(Array(Self.sample.utf8)))
        let members = try #require(json.members(of: json.root))
        #expect(members.map(\.name) == ["a", "b", ""])
        let list = try #require(json.elements(of: members[0].value))
        #expect(list.map { json.text($0) } == ["1", "-2.5e+3", #""x\"\u00e9""#, "{}", "[]"])
        #expect(json.string(list[2]) == #"x\"\u00e9"# && json.string(list[0]) == nil)
        #expect(json.text(try #require(json.member("b", of: json.root))) == #"{"c":null,"d":true}"#)
        #expect(json.member("z", of: json.root) == nil && json.elements(of: json.root) == nil)
        #expect(json.members(of: members[0].value) == nil && json.elements(of: list[4])?.isEmpty == true)
    }

    @Test(
        "what is no JSON is nil",
        arguments: [
            "", " ", "{", "}", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5", "-",
            "+1", "1e",
            "tru", "nul", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\", "\"\u{1}\"", "1 2", "[1 2]", "{\"a\" 1}", "NaN",
            "'a'",
        ])
    func malformed(text: String) { #expect(JSONSlices(Array(text.utf8)) == nil) }

    @Test("every truncation is nil, and so is a text that nests too deep or is not UTF-8")
    func bounds() {
        let bytes = Array(Self.sample.utf8.dropLast())
        for count in 0..<bytes.count { #expect(JSONSlices(Array(bytes[..<count])) == nil) }
        let depth = JSONSlices.maximumDepth
        func nested(_ depth: Int) -> [UInt8] {
            Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
        }
        #expect(JSONSlices(nested(depth)) != nil && JSONSlices(nested(depth + 1)) == nil)
        #expect(JSONSlices(Array(repeating: UInt8(ascii: "["), count: 1 << 20)) == nil)
        #expect(JSONSlices([0x22, 0xFF, 0x22]) == nil)
    }

    @Test("random changes are taken or refused as Foundation does, and never trap", arguments: UInt64(1)...8)
    func changed(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<2_000 {
            var bytes = Array(Self.sample.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            try checkSlices(bytes)
        }
    }

    @Test("an entry has names of its origin, and everything else as it was")
    func entry() throws {
        let text = #"{"id":7,"vhost":"v","stream":"v/a/b","server":"x","n":1.50,"publish":{"active":true,"cid":"c"}}"#
        let json = try #require(JSONSlices(Array(text.utf8)))
        #expect(
            ForeignEntry.text(json, json.root, of: OriginID("o\"1"))
                == #"{"id":"o\"1~7","vhost":"o\"1~v","stream":"v/a/b","n":1.50,"publish":{"active":true,"cid":"o\"1~c"},"server":"o\"1"}"#
        )
    }

    @Test("names go there and back, and nothing else is one")
    func names() {
        #expect(ForeignID("a~b~0-1")?.origin == OriginID("a~b") && ForeignID("a~b~0-1")?.own == "0-1")
        for text in ["", "a", "~", "a~", "~a", "a~b/c", "a~b?c", "a~..", "a~.", "a~b c", "a~\u{e9}"] {
            #expect(ForeignID(text) == nil, "\(text)")
        }
    }
}
