/// Durations as Go's `time.ParseDuration` has them, which existing files use: `20s`, `500ms`, `1m30s`, `1.5h`, `0`.
package enum DurationText {
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
        // The micro sign and the Greek letter are different characters.
        ("us", 1_000), ("\u{B5}s", 1_000), ("\u{3BC}s", 1_000), ("ns", 1),
    ]

    /// Digits of a fraction that are looked at; the shortest unit is a nanosecond, the longest 3.6 · 10¹² of them.
    private static let maximumFractionDigits = 18

    /// A sum of numbers with units, perhaps with a sign; nil for anything else, and for what no 63 bits of nanoseconds
    /// can hold.
    package static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let term = takeTerm(&rest) else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(term)
            guard !overflows, sum <= UInt64(Int64.max) else { return nil }
            total = sum
        }
        return .nanoseconds(isNegative ? -Int64(total) : Int64(total))
    }

    /// Takes one number with its unit off the front of `rest` and returns its nanoseconds.
    private static func takeTerm(_ rest: inout Substring) -> UInt64? {
        let whole = takeDigits(&rest)
        var fraction: Substring = ""
        if rest.hasPrefix(".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { $0 != "." && !isDigit($0) }
        rest = rest[name.endIndex...]
        guard let unit = units.first(where: { $0.name == name })?.nanoseconds else { return nil }
        guard let number = whole.isEmpty ? 0 : UInt64(whole) else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit)
        guard !overflows else { return nil }
        let digits = fraction.prefix(maximumFractionDigits)
        var scale: UInt128 = 1
        for _ in digits { scale *= 10 }
        let part = digits.isEmpty ? 0 : UInt128(digits)! * UInt128(unit) / scale
        let (sum, overflowsAgain) = product.addingReportingOverflow(UInt64(part))
        return overflowsAgain ? nil : sum
    }

    private static func takeDigits(_ rest: inout Substring) -> Substring {
        let digits = rest.prefix(while: isDigit)
        rest = rest[digits.endIndex...]
        return digits
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isWholeNumber }

    /// The shortest sum of whole numbers: `1m30s`. Below zero it is `0s`, above a hundred years that.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = max(.zero, min(duration, .seconds(3_153_600_000))).components
        var rest = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
        var text = ""
        for unit in units where unit.name.utf8.first! < 0x80 {
            let (count, remainder) = rest.quotientAndRemainder(dividingBy: unit.nanoseconds)
            if count > 0 { text += "\(count)\(unit.name)" }
            rest = remainder
        }
        return text.isEmpty ? "0s" : text
    }
}
