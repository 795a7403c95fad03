package import RTMP

/// Values of every kind, from a seed.
package struct RandomValues<Generator: RandomNumberGenerator> {
    package var generator: Generator

    package init(_ generator: Generator) { self.generator = generator }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    package mutating func double() -> Double {
        switch number(0...7) {
        case 0: .nan
        case 1: -.infinity
        case 2: -0.0
        case 3: Double(number(-300_000_000...300_000_000))
        case 4: Double(bitPattern: generator.next())
        default: Double(number(0...100)) / 4
        }
    }

    package mutating func text() -> AMFString {
        switch number(0...9) {
        case 0: .empty
        case 1: .bytes([0xC4, 0xE3, 0xBA] + (0..<number(0...3)).map { _ in 0xFF })
        case 2: .text("sträm ✓ 直播")
        case 3: .text(String(repeating: "x", count: number(0...300)))
        default: AMFString(["app", "tcUrl", "width", "", "live", "a", "b"][number(0...6)])
        }
    }

    mutating func boolean() -> Bool { number(0...1) == 1 }

    /// Up to four names, none of them empty.
    mutating func pairs<Value: Sendable>(_ value: (inout Self) -> Value) -> AMFProperties<Value> {
        var pairs = AMFProperties<Value>()
        for _ in 0..<number(0...4) {
            let key = text()
            pairs.append(key.isEmpty ? "k" : key, value(&self))
        }
        return pairs
    }
}

extension RandomValues {
    /// `depth` levels at most.
    package mutating func amf0(depth: Int) -> AMF0Value {
        switch number(0...(depth > 0 ? 15 : 8)) {
        case 0: .number(double())
        case 1: .boolean(boolean())
        case 2: .string(text())
        case 3: .null
        case 4: .undefined
        case 5: .unsupported
        case 6: .date(milliseconds: double(), timeZone: Int16(number(-720...720)))
        case 7: .xmlDocument(text())
        case 8: .number(Double(number(0...9)))
        case 9, 10: .object(pairs { $0.amf0(depth: depth - 1) })
        case 11: .ecmaArray(pairs { $0.amf0(depth: depth - 1) })
        case 12, 13: .strictArray((0..<number(0...4)).map { _ in amf0(depth: depth - 1) })
        case 14: .typedObject(className: text(), pairs { $0.amf0(depth: depth - 1) })
        default: .avmPlus(amf3(depth: depth - 1))
        }
    }

    /// `depth` levels at most, where a date or a byte array is one, too.
    package mutating func amf3(depth: Int) -> AMF3Value {
        switch number(0...(depth > 0 ? 20 : 6)) {
        case 0: .undefined
        case 1: .null
        case 2: .boolean(boolean())
        case 3: .integer(Int32(number(-(1 << 28)...(1 << 28) - 1)))
        case 4: .double(double())
        case 5: .string(text())
        case 6: .integer(Int32([0, 127, 128, 16383, 16384, 2_097_151, 2_097_152, -1][number(0...7)]))
        case 7: .xmlDocument(text())
        case 8: .date(milliseconds: double())
        case 9, 10:
            .array(
                named: pairs { $0.amf3(depth: depth - 1) },
                elements: (0..<number(0...3)).map { _ in amf3(depth: depth - 1) })
        case 11, 12, 13: .object(object(depth: depth))
        case 14: .xml(text())
        case 15: .byteArray((0..<number(0...20)).map { UInt8($0) })
        case 16: .vectorOfInt((0..<number(0...3)).map { _ in Int32(number(-9...9)) }, isFixed: boolean())
        case 17: .vectorOfUInt((0..<number(0...3)).map { _ in .max }, isFixed: boolean())
        case 18: .vectorOfDouble((0..<number(0...3)).map { _ in double() }, isFixed: boolean())
        case 19:
            .vectorOfObject(
                className: text(), (0..<number(0...3)).map { _ in amf3(depth: depth - 1) }, isFixed: boolean())
        default:
            .dictionary(
                (0..<number(0...3)).map { _ in AMF3Entry(key: amf3(depth: depth - 1), value: amf3(depth: depth - 1)) },
                hasWeakKeys: boolean())
        }
    }

    private mutating func object(depth: Int) -> AMF3Object {
        let properties = pairs { $0.amf3(depth: depth - 1) }
        let isDynamic = boolean()
        return AMF3Object(
            className: text(), isDynamic: isDynamic,
            sealedCount: isDynamic ? number(0...properties.count) : properties.count, properties: properties)
    }
}
