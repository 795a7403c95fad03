import Bytes
import TestKit
import Testing

@testable import Telemetry

@Suite("A hostile value in a log line")
struct HostileLogValueTests {
    /// Every control character, quotes, separators, marks of direction, and what a seeded generator makes of them.
    private static let hostile: [String] = {
        var generator = SplitMix(seed: 7)
        let special = (0...0xA0).compactMap(Unicode.Scalar.init as (Int) -> Unicode.Scalar?)
        let rare: [Unicode.Scalar] = [
            "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}", "\u{FEFF}", "\u{10FFFF}", "é", "漢",
        ]
        let all = special + rare
        let random = (0..<2000).map { _ in
            var text = ""
            for _ in 0..<Int.random(in: 0...24, using: &generator) {
                text.unicodeScalars.append(all.randomElement(using: &generator)!)
            }
            return text
        }
        return all.map { String($0) } + random
    }()

    private func line(_ value: String, _ format: LogFormat) -> String {
        let encoder = LogEncoder(format: format, colours: false, maximumValueBytes: 4096)
        let record = LogRecord(
            time: WallTime(milliseconds: 0), level: .warning, subsystem: "http", message: "bad", fields: ["v": value])
        return String(copying: encoder.line(record).bytes)
    }

    @Test("comes out of a JSON parser as it went in")
    func json() throws {
        let script = """
            import json, sys
            for line in sys.stdin.buffer:
                print(json.loads(line)["fields"]["v"].encode().hex())
            """
        let lines = Self.hostile.map { line($0, .json) }
        #expect(lines.allSatisfy { line in line.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1 })
        let output = try Python.run(script, input: Array(lines.joined().utf8), needs: "is python3 installed?")
        let parsed = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let expected = Self.hostile.map { text in
            var hex = ByteWriter()
            for byte in text.utf8 {
                hex.append(hex: UInt64(byte >> 4))
                hex.append(hex: UInt64(byte & 15))
            }
            return String(copying: hex.bytes)
        }
        #expect(parsed.dropLast().map(String.init) == expected)
    }

    @Test("cannot break a line of text, forge a field, or steer the terminal")
    func text() throws {
        for value in Self.hostile {
            let line = line(value, .text)
            let shown = try #require(line.split(separator: " v=", maxSplits: 1).last).dropLast()
            #expect(line.last == "\n")
            #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
            #expect(!shown.unicodeScalars.contains { ["\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}"].contains($0) })
            if shown.first != "\"" { #expect(!shown.contains { " =\"".contains($0) }) }
        }
    }
}
