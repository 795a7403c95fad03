/// The bytes that `hex` spells, spaces and line ends left out.
package func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    precondition(digits.count % 2 == 0, "bytes have two digits")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Numbers of so many bits each, the highest bit first, filled up with zeros to a whole byte.
package func bytes(bits fields: [(value: UInt64, count: Int)]) -> [UInt8] {
    var digits: [UInt8] = []
    for field in fields {
        for bit in stride(from: field.count - 1, through: 0, by: -1) {
            digits.append(UInt8(field.value >> UInt64(bit) & 1))
        }
    }
    while digits.count % 8 != 0 { digits.append(0) }
    return stride(from: 0, to: digits.count, by: 8).map { start in
        digits[start..<(start + 8)].reduce(0) { $0 << 1 | $1 }
    }
}
