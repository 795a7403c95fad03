import Bytes

/// The content codings this program can send.
package enum ContentCoding: Sendable, Hashable {
    case identity
    case gzip

    /// What a client wants of the two (RFC 9110 §12.5.3).
    ///
    /// Gzip where it is welcome at least as much as identity; identity where nothing is said, and also where a client
    /// refuses both: an answer it may not like is better than none.
    package init(negotiating fields: borrowing Fields) {
        var gzip: Int?
        var identity: Int?
        var any: Int?
        for position in 0..<fields.count where fields.knownName(at: position) == .acceptEncoding {
            var members = ListCursor(fields.value(at: position))
            while let member = members.next() {
                let (name, weight) = Self.weighted(member)
                let coding = member.extracting(0..<name)
                if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") { gzip = weight }
                if coding.equalsIgnoringCase("identity") { identity = weight }
                if coding.equals("*") { any = weight }
            }
        }
        let welcome = gzip ?? any ?? 0
        self = welcome > 0 && welcome >= identity ?? 0 ? .gzip : .identity
    }

    /// The length of the member's name, and its weight in thousandths; a weight that cannot be read counts as a
    /// refusal.
    private static func weighted(_ member: RawSpan) -> (name: Int, weight: Int) {
        guard let semicolon = member.firstIndex(of: UInt8(ascii: ";")) else { return (member.byteCount, 1000) }
        let name = member.extracting(0..<semicolon).trimmed.byteCount
        let parameter = member.extracting((semicolon + 1)..<member.byteCount).trimmed
        guard parameter.byteCount > 2, parameter[0] | 0x20 == UInt8(ascii: "q"), parameter[1] == UInt8(ascii: "=")
        else { return (name, 0) }
        return (name, thousandths(parameter.extracting(droppingFirst: 2)) ?? 0)
    }

    /// `qvalue` of RFC 9110 §12.4.2: 0 to 1 with up to three digits behind the point.
    private static func thousandths(_ text: RawSpan) -> Int? {
        guard let first = text.extracting(0..<1).decimal, first <= 1 else { return nil }
        if text.byteCount == 1 { return first * 1000 }
        guard text[1] == UInt8(ascii: "."), text.byteCount <= 5 else { return nil }
        var value = first * 1000
        var unit = 100
        for position in 2..<text.byteCount {
            guard text[position].isDigit else { return nil }
            value += Int(text[position] &- 0x30) * unit
            unit /= 10
        }
        return value <= 1000 ? value : nil
    }
}
