import Bytes

extension ByteWriter {
    /// Exact decimal seconds without trailing zeros: `0.0125`, `3`.
    mutating func append(seconds nanoseconds: UInt64) {
        append(decimal: nanoseconds / 1_000_000_000)
        appendFraction(nanoseconds % 1_000_000_000, digits: 9)
    }

    /// Exact decimal seconds without trailing zeros, to the nanosecond.
    mutating func append(seconds duration: Duration) {
        let nanoseconds = duration.nanoseconds
        if nanoseconds < 0 { append("-") }
        append(seconds: nanoseconds.magnitude)
    }

    /// The unit in which a duration is at least 1, and up to three decimals of it, cut: `12.5ms`.
    mutating func append(readable duration: Duration) {
        let nanoseconds = duration.nanoseconds.magnitude
        if duration < .zero { append("-") }
        switch nanoseconds {
        case 0..<1000:
            append(decimal: nanoseconds)
            append("ns")
        case 1000..<1_000_000:
            appendThousandths(nanoseconds)
            append("us")
        case 1_000_000..<1_000_000_000:
            appendThousandths(nanoseconds / 1000)
            append("ms")
        default:
            appendThousandths(nanoseconds / 1_000_000)
            append("s")
        }
    }

    private mutating func appendThousandths(_ value: UInt64) {
        append(decimal: value / 1000)
        appendFraction(value % 1000, digits: 3)
    }

    /// A point and the digits of `value / 10^digits`; nothing for zero.
    private mutating func appendFraction(_ value: UInt64, digits: Int) {
        guard value > 0 else { return }
        append(".")
        var unit: UInt64 = 1
        for _ in 1..<digits { unit *= 10 }
        var rest = value
        while rest > 0 {
            u8(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}
