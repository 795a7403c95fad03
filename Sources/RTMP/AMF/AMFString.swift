package import Bytes

/// A text of a message: UTF-8, or whatever else the peer sent, kept byte for byte.
///
/// Encoders that send a local 8-bit code exist, and two of their names must not become one by a repair. Texts are equal
/// where their bytes are; unlike `String`, canonical equivalence means nothing here.
package enum AMFString: Sendable {
    case text(String)
    /// Bytes that are not UTF-8.
    case bytes([UInt8])

    package init(_ text: String) { self = .text(text) }

    package init(copying bytes: RawSpan) {
        // Safe: the buffer is used only inside the closure.
        let text = unsafe bytes.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
        self = text.map { .text($0) } ?? .bytes(Array(copying: bytes))
    }

    package static let empty = AMFString.text("")
}

extension AMFString {
    /// Nil where the bytes are not UTF-8.
    package var string: String? {
        switch self {
        case .text(let text): text
        case .bytes: nil
        }
    }

    /// For people to read: invalid UTF-8 is replaced.
    package var repaired: String {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    package var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }

    package var isEmpty: Bool { byteCount == 0 }

    package func append(to output: inout ByteWriter) {
        switch self {
        case .text(let text): output.append(text: text)
        case .bytes(let bytes): output.append(bytes)
        }
    }

    package func equals(_ other: String) -> Bool {
        switch self {
        case .text(let text): text.withRawSpan { $0.equals(text: other) }
        case .bytes: false
        }
    }
}

extension AMFString: Hashable {
    package static func == (left: AMFString, right: AMFString) -> Bool {
        switch (left, right) {
        case (.text(let left), .text(let right)): left.withRawSpan { $0.equals(text: right) }
        case (.bytes(let left), .bytes(let right)): left == right
        case (.text, .bytes), (.bytes, .text): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .text(let text): for byte in text.utf8 { hasher.combine(byte) }
        case .bytes(let bytes): for byte in bytes { hasher.combine(byte) }
        }
    }
}

extension AMFString: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
}

extension AMFString: CustomStringConvertible {
    package var description: String { repaired }
}
