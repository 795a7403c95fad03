import Media
import TestKit
import Testing

@Suite("A stream key") struct StreamKeyTests {
    /// A text in memory of its own; up to 15 bytes are kept in the value itself.
    private static func text(_ length: Int, _ random: inout SplitMix) -> String {
        String((0..<length).map { _ in "abcdefghijklmnop".randomElement(using: &random)! })
    }

    @Test(
        "is found by another of the same texts, whatever their lengths", arguments: [1, 2, 7, 8, 9, 14, 15, 16, 17, 40])
    func lookUp(length: Int) throws {
        var random = SplitMix(seed: UInt64(length))
        var texts: [[String]] = []
        var places: [StreamKey: Int] = [:]
        for place in 0..<200 {
            // A number, so that no two are the same.
            let stream = Self.text(length, &random) + String(place)
            let parts = [Self.text(1 + place % 20, &random), Self.text(length, &random), stream]
            places[try StreamKey(vhost: parts[0], segments: [parts[1], parts[2]])] = place
            texts.append(parts)
        }
        try #require(places.count == 200)
        for (place, parts) in texts.enumerated() {
            let copies = parts.map { String(decoding: Array($0.utf8), as: UTF8.self) }
            let key = try StreamKey(vhost: copies[0], segments: [copies[1], copies[2]])
            #expect(places[key] == place, "\(key)")
            #expect(places.keys.contains { $0 == key } && Set([key]).contains(key))
            #expect(try StreamKey(vhost: copies[0] + "x", segments: [copies[1], copies[2]]) != key)
        }
    }

    @Test(
        "is another where a part is, or where the same letters are parted elsewhere",
        arguments: [
            (["v", "a", "s"], ["w", "a", "s"]), (["v", "a", "s"], ["v", "b", "s"]),
            (["v", "a", "s"], ["v", "a", "t"]),
            (["v", "ab", "c"], ["v", "a", "bc"]), (["va", "b", "c"], ["v", "ab", "c"]),
            (["v", "a", "s"], ["v", "a", "ss"]),
            (["v", "a", "\u{E9}"], ["v", "a", "e\u{301}"]), (["v", "a", "S"], ["v", "a", "s"]),
        ])
    func different(one: [String], other: [String]) throws {
        let keys = try [one, other].map { try StreamKey(vhost: $0[0], segments: [$0[1], $0[2]]) }
        #expect(keys[0] != keys[1] && Set(keys).count == 2)
    }
}
