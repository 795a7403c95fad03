import Bytes

/// The parameters of a query (`name=value&…`), decoded once: `+` is a space, percent-encoding is undone.
///
/// Names may repeat and keep their order. Not for a query that is only passed on: that is `Target.rawQuery`.
package struct Query: Sendable {
    /// Names and values, decoded, one after the other.
    private var bytes: [UInt8] = []
    private var items: [Item] = []

    private struct Item: Sendable {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// No parameters.
    package init() {}

    /// Throws for broken percent-encoding, NUL, text that is not UTF-8, and more than `maximumCount` parameters.
    package init(parsing text: RawSpan, maximumCount: Int = 64) throws(HTTPParseError) {
        var start = 0
        while start < text.byteCount {
            let end = text.firstIndex(of: UInt8(ascii: "&"), from: start) ?? text.byteCount
            if end > start {
                guard items.count < maximumCount else { throw .tooManyQueryItems(maximum: maximumCount) }
                try add(text.extracting(start..<end))
            }
            start = end + 1
        }
    }

    private mutating func add(_ text: RawSpan) throws(HTTPParseError) {
        let equals = text.firstIndex(of: UInt8(ascii: "="))
        let name = try decode(text.extracting(0..<(equals ?? text.byteCount)))
        let value = try decode(text.extracting((equals.map { $0 + 1 } ?? text.byteCount)..<text.byteCount))
        items.append(Item(name: name, value: value))
    }

    private mutating func decode(_ text: RawSpan) throws(HTTPParseError) -> Range<Int> {
        let start = bytes.count
        var position = 0
        while position < text.byteCount {
            switch text[position] {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let byte = PercentCoding.decode(text, at: position) else { throw .malformedPercentEncoding }
                guard byte != 0 else { throw .encodedControlCharacter }
                bytes.append(byte)
                position += 2
            case 0:
                throw .controlCharacter
            case let byte:
                bytes.append(byte)
            }
            position += 1
        }
        let range = start..<bytes.count
        guard UTF8Validator.isValid(bytes.rawSpan.extracting(range)) else { throw .invalidUTF8 }
        return range
    }
}

extension Query {
    package var count: Int { items.count }

    package var isEmpty: Bool { items.isEmpty }

    /// The value of the first parameter called `name`; empty where it has none.
    package subscript(name: StaticString) -> String? {
        for item in items where bytes.rawSpan.extracting(item.name).equals(name) { return text(item.value) }
        return nil
    }

    /// All values of parameters called `name`, in order.
    package func values(of name: String) -> [String] {
        items.compactMap { item in
            bytes.rawSpan.extracting(item.name).equals(text: name) ? text(item.value) : nil
        }
    }

    /// The parameter at `position`, one of `0..<count`.
    package func item(at position: Int) -> (name: String, value: String) {
        (text(items[position].name), text(items[position].value))
    }

    private func text(_ range: Range<Int>) -> String { String(copying: bytes.rawSpan.extracting(range)) }
}

extension Target {
    /// The parameters of the query; none where there is no query.
    package func query(maximumCount: Int = 64) throws(HTTPParseError) -> Query {
        guard let rawQuery else { return Query() }
        return try Query(parsing: rawQuery, maximumCount: maximumCount)
    }
}
