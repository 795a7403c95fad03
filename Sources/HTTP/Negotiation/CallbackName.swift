package import Bytes

/// The function of a page that is to be called with an answer: JSONP, from the time before CORS.
///
/// It becomes a part of a script, so nothing is one but a path of properties: `name`, `$.a_b`, `a.b[0].c`, in ASCII.
/// Not for pages that can use CORS: a script that is loaded may do in the page whatever it likes.
package struct CallbackName: Sendable, Equatable {
    /// Longer names are none.
    package static let maximumBytes = 128

    package let text: String

    /// Nil for what is no such path.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes, var position = Self.endOfIdentifier(bytes, from: 0) else { return nil }
        while position < bytes.count {
            let end =
                switch bytes[position] {
                case UInt8(ascii: "."): Self.endOfIdentifier(bytes, from: position + 1)
                case UInt8(ascii: "["): Self.endOfIndex(bytes, from: position + 1)
                default: Int?.none
                }
            guard let end else { return nil }
            position = end
        }
        self.text = text
    }

    private static func endOfIdentifier(_ bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        while position < bytes.count, isLetter(bytes[position]) || position > start && bytes[position].isDigit {
            position += 1
        }
        return position > start ? position : nil
    }

    /// Digits and the bracket behind them.
    private static func endOfIndex(_ bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        while position < bytes.count, bytes[position].isDigit { position += 1 }
        guard position > start, position < bytes.count, bytes[position] == UInt8(ascii: "]") else { return nil }
        return position + 1
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "$"):
            true
        default: false
        }
    }
}

extension CallbackName {
    /// The script that calls the function with `json`, which is JSON in UTF-8.
    package func call(with json: SharedBytes) -> SharedBytes {
        var script = ByteWriter(capacity: text.utf8.count + json.count + 2)
        script.append(text: text)
        script.append("(")
        let bytes = json.bytes
        var start = 0
        // U+2028 and U+2029 may stand in texts of JSON, but end the line in those of scripts before ES2019.
        while let found = Self.lineEnd(bytes, from: start) {
            script.append(bytes.extracting(start..<found))
            script.append(bytes[found + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            start = found + 3
        }
        script.append(bytes.extracting(start..<bytes.byteCount))
        script.append(")")
        return script.finish()
    }

    private static func lineEnd(_ bytes: RawSpan, from start: Int) -> Int? {
        var position = start
        while let found = bytes.firstIndex(of: 0xE2, from: position) {
            guard found + 2 < bytes.byteCount else { return nil }
            if bytes[found + 1] == 0x80, bytes[found + 2] & 0xFE == 0xA8 { return found }
            position = found + 1
        }
        return nil
    }
}
