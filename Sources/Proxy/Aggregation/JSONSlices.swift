/// Where the parts of a JSON text are (RFC 8259): what others have written is passed on as they wrote it, members that
/// nobody here knows included.
///
/// The whole text is checked when it is made. Texts nest at most `maximumDepth` deep; deeper ones are refused.
package struct JSONSlices {
    package static let maximumDepth = 32

    package let bytes: [UInt8]

    /// The place of the one value that the text is.
    package let root: Range<Int>

    /// Nil where `bytes` are no JSON.
    package init?(_ bytes: [UInt8]) {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var scanner = JSONScanner(bytes, from: 0)
        scanner.skipBlanks()
        let start = scanner.position
        guard scanner.skipValue(depth: Self.maximumDepth) else { return nil }
        root = start..<scanner.position
        scanner.skipBlanks()
        guard scanner.position == bytes.count else { return nil }
        self.bytes = bytes
    }

    package func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// What stands between the quotes of a string, escapes as they are; nil where the value is none.
    package func string(_ range: Range<Int>) -> String? {
        guard bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return text(range.lowerBound + 1..<range.upperBound - 1)
    }

    /// The members of the object at `range`, names as they are written; nil where it is none.
    package func members(of range: Range<Int>) -> [(name: String, value: Range<Int>)]? {
        var members: [(name: String, value: Range<Int>)] = []
        var scanner = JSONScanner(bytes, from: range.lowerBound)
        guard scanner.take(UInt8(ascii: "{")) else { return nil }
        scanner.skipBlanks()
        while !scanner.take(UInt8(ascii: "}")) {
            scanner.skipBlanks()
            let name = scanner.position
            guard scanner.skipString() else { return nil }
            let end = scanner.position
            scanner.skipBlanks()
            guard scanner.take(UInt8(ascii: ":")) else { return nil }
            scanner.skipBlanks()
            let value = scanner.position
            guard scanner.skipValue(depth: Self.maximumDepth) else { return nil }
            members.append((text(name + 1..<end - 1), value..<scanner.position))
            scanner.skipBlanks()
            _ = scanner.take(UInt8(ascii: ","))
            scanner.skipBlanks()
        }
        return members
    }

    /// The first member of the object at `range` that is called `name`.
    package func member(_ name: String, of range: Range<Int>) -> Range<Int>? {
        members(of: range)?.first { $0.name == name }?.value
    }

    /// The elements of the array at `range`; nil where it is none.
    package func elements(of range: Range<Int>) -> [Range<Int>]? {
        var elements: [Range<Int>] = []
        var scanner = JSONScanner(bytes, from: range.lowerBound)
        guard scanner.take(UInt8(ascii: "[")) else { return nil }
        scanner.skipBlanks()
        while !scanner.take(UInt8(ascii: "]")) {
            let start = scanner.position
            guard scanner.skipValue(depth: Self.maximumDepth) else { return nil }
            elements.append(start..<scanner.position)
            scanner.skipBlanks()
            _ = scanner.take(UInt8(ascii: ","))
            scanner.skipBlanks()
        }
        return elements
    }
}

/// Goes over JSON, and says whether it is.
private struct JSONScanner {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    mutating func skipValue(depth: Int) -> Bool {
        switch next {
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "{"): depth > 0 && skipList(end: UInt8(ascii: "}"), named: true, depth: depth - 1)
        case UInt8(ascii: "["): depth > 0 && skipList(end: UInt8(ascii: "]"), named: false, depth: depth - 1)
        case UInt8(ascii: "t"): skipWord("true")
        case UInt8(ascii: "f"): skipWord("false")
        case UInt8(ascii: "n"): skipWord("null")
        default: skipNumber()
        }
    }

    private mutating func skipList(end: UInt8, named: Bool, depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if take(end) { return true }
        repeat {
            skipBlanks()
            if named {
                guard skipString() else { return false }
                skipBlanks()
                guard take(UInt8(ascii: ":")) else { return false }
                skipBlanks()
            }
            guard skipValue(depth: depth) else { return false }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        return take(end)
    }

    mutating func skipString() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): guard skipEscape() else { return false }
            case 0..<0x20: return false
            default: break
            }
        }
        return false
    }

    private mutating func skipEscape() -> Bool {
        guard let byte = next else { return false }
        position += 1
        guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
        for _ in 0..<4 {
            guard let digit = next, Character(Unicode.Scalar(digit)).isHexDigit, digit < 0x80 else { return false }
            position += 1
        }
        return true
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        let word = "\(word)".utf8
        guard bytes[position...].starts(with: word) else { return false }
        position += word.count
        return true
    }

    private mutating func skipNumber() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard skipDigits() else { return false } }
        if take(UInt8(ascii: ".")) { guard skipDigits() else { return false } }
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return true }
        if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
        return skipDigits()
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }
}
