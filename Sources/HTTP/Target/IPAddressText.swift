import Bytes

/// Whether text is an IP address in the forms of RFC 3986 §3.2.2.
enum IPAddressText {
    /// Four decimal numbers up to 255, without leading zeros.
    static func isIPv4(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= 7, bytes.byteCount <= 15 else { return false }
        var start = 0
        var parts = 0
        for position in 0...bytes.byteCount
        where position == bytes.byteCount || bytes[position] == UInt8(ascii: ".") {
            let part = bytes.extracting(start..<position)
            guard part.byteCount <= 3, let number = part.decimal, number <= 255 else { return false }
            guard part.byteCount == 1 || part[0] != UInt8(ascii: "0") else { return false }
            parts += 1
            start = position + 1
        }
        return parts == 4
    }

    /// Eight groups of up to four hexadecimal digits, one run of zero groups written `::`, the last two perhaps as
    /// IPv4.
    static func isIPv6(_ bytes: RawSpan) -> Bool {
        var position = 0
        var groups = 0
        var compressed = false
        guard bytes.byteCount >= 2 else { return false }
        if bytes[0] == UInt8(ascii: ":") {
            guard bytes[1] == UInt8(ascii: ":") else { return false }
            compressed = true
            position = 2
        }
        while position < bytes.byteCount {
            let start = position
            while position < bytes.byteCount, bytes[position].hexValue != nil { position += 1 }
            if position < bytes.byteCount, bytes[position] == UInt8(ascii: ".") {
                guard isIPv4(bytes.extracting(start..<bytes.byteCount)) else { return false }
                groups += 2
                position = bytes.byteCount
                break
            }
            guard position > start, position - start <= 4 else { return false }
            groups += 1
            guard position < bytes.byteCount else { break }
            guard bytes[position] == UInt8(ascii: ":") else { return false }
            position += 1
            // A single colon must be followed by a group, a double one may end the address.
            guard position < bytes.byteCount else { return false }
            if bytes[position] == UInt8(ascii: ":") {
                guard !compressed else { return false }
                compressed = true
                position += 1
            }
        }
        return compressed ? groups <= 7 : groups == 8
    }
}
