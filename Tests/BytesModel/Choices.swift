/// A sequence of bytes, random or fuzzed, taken as the choices of a test program: which operation next, on what.
struct Choices {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    /// The next choice, or nil where the program ends.
    mutating func next() -> UInt8? { bytes.popFirst() }

    /// A number of 0 to 255; 0 once the choices are used up.
    mutating func number() -> Int { Int(next() ?? 0) }

    /// A 64-bit number of any size, small ones and those at the ends as likely as others.
    mutating func wide() -> UInt64 {
        let kept = UInt64(number() % 65)
        let value = (0..<8).reduce(UInt64(0)) { sum, _ in sum << 8 | UInt64(number()) }
        return kept == 64 ? value : value & ((1 << kept) - 1)
    }

    /// Up to `count` bytes; fewer where no more are left.
    mutating func run(_ count: Int) -> [UInt8] {
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }
}

/// Two things that should be equal and are not.
package struct Mismatch: Error, CustomStringConvertible {
    package let description: String
}

func agree<Value: Equatable>(_ real: Value, _ model: Value, _ what: @autoclosure () -> String) throws(Mismatch) {
    guard real != model else { return }
    throw Mismatch(description: "\(what()): is \(real), the model says \(model)")
}

/// Runs the program that `input` spells on one type of `Bytes` and on a naive model of it, and compares at each step.
package func compareWithModel(_ input: [UInt8]) throws(Mismatch) {
    var choices = Choices(input)
    switch choices.number() % 4 {
    case 0: try compareReader(&choices)
    case 1: try compareBits(&choices)
    case 2: try compareWriter(&choices)
    default: try compareQueue(&choices)
    }
}
