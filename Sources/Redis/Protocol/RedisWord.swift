package import Bytes

/// One word of a command: text, bytes, or a number in decimal.
package struct RedisWord: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    private enum Content: Sendable {
        case text(String)
        case bytes(SharedBytes)
    }

    private let content: Content

    package init(_ text: String) { content = .text(text) }
    package init(_ bytes: SharedBytes) { content = .bytes(bytes) }
    package init(_ number: some BinaryInteger) { content = .text("\(number)") }
    package init(stringLiteral text: String) { self.init(text) }
    package init(integerLiteral number: Int) { self.init(number) }

    var count: Int {
        switch content {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }

    func append(to writer: inout ByteWriter) {
        switch content {
        case .text(let text): writer.append(text: text)
        case .bytes(let bytes): writer.append(bytes)
        }
    }
}

/// A key, by which a cluster knows the node to ask.
package struct RedisKey: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.init(text) }

    package var description: String { text }
    package var word: RedisWord { RedisWord(text) }
}
