import Bytes

/// Parses the field lines of a head (RFC 9112 §5), which `HeadScanner` has already cleared of control characters.
enum FieldLines {
    /// Fills `fields` from `lines`, each ended by CR LF, and collects in `facts` what they say about the connection.
    static func parse(
        _ lines: RawSpan, into fields: inout Fields, maximumCount: Int, facts: inout ConnectionFacts
    ) throws(HTTPParseError) {
        fields.adopt(lines: lines)
        var start = 0
        while start < lines.byteCount {
            // The scanner has seen the CR that ends each line.
            let end = lines.firstIndex(of: UInt8(ascii: "\r"), from: start) ?? lines.byteCount
            guard fields.count < maximumCount else { throw .tooManyFields(maximum: maximumCount) }
            var colon = start
            while colon < end, CharacterSet.token.contains(lines[colon]) { colon += 1 }
            guard colon > start, colon < end, lines[colon] == UInt8(ascii: ":") else {
                throw fault(in: lines.extracting(start..<end), at: colon - start)
            }
            let value = valueRange(lines, from: colon + 1, to: end)
            let name = FieldName(lines.extracting(start..<colon))
            if let name { try facts.note(name, lines.extracting(value)) }
            fields.add(
                Fields.Entry(
                    start: UInt32(start), valueStart: UInt32(value.lowerBound), valueLength: UInt32(value.count),
                    nameLength: UInt16(colon - start), name: name))
            start = end + 2
        }
    }

    private static func valueRange(_ lines: RawSpan, from start: Int, to end: Int) -> Range<Int> {
        var first = start
        var last = end
        while first < last, lines[first].isBlank { first += 1 }
        while last > first, lines[last - 1].isBlank { last -= 1 }
        return first..<last
    }

    /// What is wrong with a line whose first byte that is no name character stands at `position`.
    private static func fault(in line: RawSpan, at position: Int) -> HTTPParseError {
        guard position < line.byteCount else { return .missingColon }
        if position == 0, line[0].isBlank { return .foldedField }
        if line[position] == UInt8(ascii: ":") { return .emptyFieldName }
        var next = position
        while next < line.byteCount, line[next].isBlank { next += 1 }
        guard next > position else { return .invalidFieldName }
        guard next < line.byteCount else { return .missingColon }
        return line[next] == UInt8(ascii: ":") ? .whitespaceBeforeColon : .invalidFieldName
    }
}
