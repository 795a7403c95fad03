import Bytes

/// A host name that may be asked for, in lower case: labels of 1 to 63 letters, digits, `_` and, but for their ends,
/// `-`, together at most 253 bytes. A final dot is kept, for it keeps the search list of resolv.conf out.
struct DNSName: Hashable, Sendable {
    let text: String

    /// Nil for anything else. That includes names whose last label is a number: `getaddrinfo` would take `127.1` or
    /// `0x7f000001` for an address, which no check of addresses before us would expect.
    init?(_ text: String) {
        let name = text.lowercased()
        guard let last = name.withRawSpan({ Self.lastLabel($0) }), !Self.isNumber(last) else { return nil }
        self.text = name
    }

    /// The last label where all are well-formed.
    private static func lastLabel(_ name: RawSpan) -> String? {
        var end = name.byteCount
        if end > 0, name[end - 1] == UInt8(ascii: ".") { end -= 1 }
        guard end > 0, end <= 253 else { return nil }
        var start = 0
        for position in 0...end {
            if position < end, name[position] != UInt8(ascii: ".") {
                guard isAllowed(name[position]) else { return nil }
                continue
            }
            guard (1...63).contains(position - start) else { return nil }
            let hyphen = UInt8(ascii: "-")
            guard name[start] != hyphen, name[position - 1] != hyphen else { return nil }
            if position < end { start = position + 1 }
        }
        return String(copying: name.extracting(start..<end))
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isNumber(_ label: String) -> Bool {
        label.hasPrefix("0x") || label.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
