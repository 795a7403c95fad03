package import Bytes

/// A validator of a representation (RFC 9110 §8.8.3): `"abc"`, or `W/"abc"` for a weak one.
package struct EntityTag: Sendable, Hashable {
    /// Between the quotes.
    package let opaque: String
    package let isWeak: Bool

    /// Nil where `opaque` has characters that no tag may have.
    package init?(_ opaque: String, isWeak: Bool = false) {
        guard opaque.withRawSpan({ Self.isValid($0) }) else { return nil }
        self.opaque = opaque
        self.isWeak = isWeak
    }

    private init(opaque: String, isWeak: Bool) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// A tag of two numbers in hexadecimal, as a file's modification time and size make one.
    package init(_ first: UInt64, _ second: UInt64, isWeak: Bool = false) {
        opaque = String(first, radix: 16) + "-" + String(second, radix: 16)
        self.isWeak = isWeak
    }

    /// `entity-tag`, with its quotes and `W/`.
    package init?(parsing bytes: RawSpan) {
        let isWeak = bytes.hasPrefix("W/")
        let quoted = isWeak ? bytes.extracting(droppingFirst: 2) : bytes
        guard quoted.byteCount >= 2, quoted[0] == UInt8(ascii: "\""), quoted[quoted.byteCount - 1] == UInt8(ascii: "\"")
        else { return nil }
        self.init(String(copying: quoted.extracting(1..<(quoted.byteCount - 1))), isWeak: isWeak)
    }

    package func append(to output: inout ByteWriter) {
        if isWeak { output.append("W/") }
        output.u8(UInt8(ascii: "\""))
        output.append(text: opaque)
        output.u8(UInt8(ascii: "\""))
    }

    /// `etagc`: everything visible but the quote; no escapes.
    private static func isValid(_ opaque: RawSpan) -> Bool {
        for position in 0..<opaque.byteCount {
            let byte = opaque[position]
            if byte <= 0x20 || byte == 0x22 || byte == 0x7F { return false }
        }
        return true
    }

    /// The tag of another form of the same content, such as a compressed one.
    package var weakened: EntityTag { EntityTag(opaque: opaque, isWeak: true) }

    /// Both strong and equal: the bytes are the same.
    package func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && opaque == other.opaque }

    /// Equal but for weakness: as good as the same.
    package func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }
}

extension EntityTag: CustomStringConvertible {
    package var description: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }
}
