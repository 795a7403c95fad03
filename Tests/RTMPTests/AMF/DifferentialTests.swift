import RTMP
import TestKit
import Testing

/// Against Py3AMF, of PyPI: `pip install Py3AMF==0.9.1`. Without it there is nothing to compare with, and the golden
/// bytes of the other suites have to do.
@Suite("AMF beside Py3AMF", .enabled(if: Py3AMF.folder != nil)) struct AMFDifferentialTests {
    @Test("AMF0 that we write is what Py3AMF reads, and the reverse")
    func amf0() throws {
        var values = SharedValues(generator: SplitMix(seed: 21))
        var cases = (0..<1500).map { _ in values.amf0(depth: 4) }
        cases.append(.string(String(repeating: "x", count: 70000)))
        let answers = try Py3AMF.read(try cases.map { try write($0) }, version: 0)
        try #require(answers.count == cases.count)
        for (value, answer) in zip(cases, answers) {
            #expect(answer.values == notation(value))
            let again = try readAMF0(answer.bytes)
            #expect(again.map { notation($0, classes: false) } == [notation(value, classes: false)])
        }
    }

    @Test("AMF3 that we write is what Py3AMF reads, and the reverse, which names texts and classes again")
    func amf3() throws {
        var values = SharedValues(generator: SplitMix(seed: 22))
        let cases = (0..<1500).map { _ in values.amf3(depth: 4) }
        let written = try cases.map { try write($0) }
        let answers = try Py3AMF.read(written, version: 3)
        try #require(answers.count == cases.count)
        for (value, answer) in zip(cases, answers) {
            #expect(answer.values == notation(value))
            let again = try readAMF3(answer.bytes)
            #expect(again.map { notation($0, classes: false) } == [notation(value, classes: false)])
        }
        // Names are what makes its bytes fewer than ours.
        #expect(answers.reduce(0) { $0 + $1.bytes.count } < written.reduce(0) { $0 + $1.count })
    }

    @Test(
        "references to objects mean the same to both",
        arguments: [
            (0, "0a 00000003 03 0001 61 05 000009 07 0001 0a 00000000"),
            (0, "08 00000000 0001 61 0a 00000000 0001 62 07 0001 000009"),
            (3, "09 07 01 0a 0b 01 03 61 04 01 01 0a 02 09 01 01"), (3, "09 05 01 0c 05 0102 0c 02"),
            (3, "09 07 01 06 05 6162 06 00 0a 0b 01 00 06 00 01"), (3, "09 05 01 0a 13 01 03 61 0401 0a 01 0402"),
        ])
    func references(version: Int, digits: String) throws {
        let answer = try #require(try Py3AMF.read([hex(digits)], version: version).first)
        if version == 0 {
            #expect(try readAMF0(hex(digits)).map { notation($0) } == [answer.values])
            #expect(try readAMF0(answer.bytes).map { notation($0) } == [answer.values])
        } else {
            #expect(try readAMF3(hex(digits)).map { notation($0) } == [answer.values])
            #expect(try readAMF3(answer.bytes).map { notation($0) } == [answer.values])
        }
    }
}

/// Values that both implementations know: UTF-8, no NaN, no name twice, whole milliseconds.
private struct SharedValues {
    var generator: SplitMix

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func text() -> AMFString {
        AMFString(["", "app", "tcUrl", "直播 ✓", "a text of some length that comes again and again"][number(0...4)])
    }

    private mutating func double() -> Double {
        let double = Double(bitPattern: generator.next())
        return double.isNaN ? [0.5, -.infinity, .infinity, 1e300][number(0...3)] : double
    }

    private mutating func pairs<Value: Sendable>(
        least: Int = 0, _ value: (inout Self) -> Value
    ) -> AMFProperties<Value> {
        let names = ["app", "直播", "width", "nested", "e"].shuffled(using: &generator).prefix(number(least...5))
        return AMFProperties(names.map { (AMFString($0), value(&self)) })
    }

    mutating func amf0(depth: Int) -> AMF0Value {
        switch number(0...(depth > 0 ? 11 : 6)) {
        case 0: .number(double())
        case 1: .boolean(number(0...1) == 1)
        case 2, 3: .string(text())
        case 4: .null
        case 5: .undefined
        case 6: .date(milliseconds: Double(number(0...4_000_000_000_000)), timeZone: 0)
        case 7, 8: .object(pairs { $0.amf0(depth: depth - 1) })
        case 9: .ecmaArray(pairs { $0.amf0(depth: depth - 1) })
        case 10: .strictArray((0..<number(0...4)).map { _ in amf0(depth: depth - 1) })
        default: .typedObject(className: "org.example.C", pairs { $0.amf0(depth: depth - 1) })
        }
    }

    mutating func amf3(depth: Int) -> AMF3Value {
        switch number(0...(depth > 0 ? 13 : 8)) {
        case 0: .double(double())
        case 1: .boolean(number(0...1) == 1)
        case 2, 3: .string(text())
        case 4: .null
        case 5: .undefined
        case 6: .date(milliseconds: Double(number(0...4_000_000_000_000)))
        case 7: .integer(Int32(number(-(1 << 28)...(1 << 28) - 1) >> number(0...28)))
        case 8: .byteArray((0..<number(0...9)).map { UInt8($0) })
        case 9, 10, 11: .object(AMF3Object(properties: pairs { $0.amf3(depth: depth - 1) }))
        case 12: .array(named: AMFProperties(), elements: (0..<number(0...4)).map { _ in amf3(depth: depth - 1) })
        default:
            .array(
                named: pairs(least: 1) { $0.amf3(depth: depth - 1) },
                elements: (0..<number(0...4)).map { _ in amf3(depth: depth - 1) })
        }
    }
}
