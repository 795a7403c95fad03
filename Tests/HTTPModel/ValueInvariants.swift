import Bytes
import HTTP
import TestKit

/// The pure functions accept any bytes, and what they make of them holds.
func checkValues(_ bytes: [UInt8]) throws(BrokenInvariant) {
    try checkDate(bytes)
    try checkRanges(bytes)
    try checkQuery(bytes)
    try checkTag(bytes)
    try checkFields(bytes)
    _ = MediaType(fileName: bytes.rawSpan)
    if let authority = try? Authority(parsing: bytes.rawSpan) {
        try require(authority.host.utf8.count <= bytes.count, "a host longer than its text")
    }
    try require(UTF8Validator.isValid(bytes.rawSpan) == (String(validating: bytes, as: UTF8.self) != nil), "UTF-8")
}

private func checkDate(_ bytes: [UInt8]) throws(BrokenInvariant) {
    let now = HTTPDate(seconds: 1_700_000_000)
    guard let date = HTTPDate(parsing: bytes.rawSpan, now: now) else { return }
    try require(HTTPDate(parsing: date.description.bytes.rawSpan, now: now) == date, "\(date) is read as another date")
}

private func checkRanges(_ bytes: [UInt8]) throws(BrokenInvariant) {
    for length in [0, 1, 1000] {
        switch ByteRanges(bytes.rawSpan, length: length) {
        case .whole, .unsatisfiable: break
        case .single(let range):
            try require(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= length, "\(range) of \(length)")
        case .multiple(let ranges):
            try require(ranges.count >= 2 && ranges.count <= 16, "\(ranges.count) ranges")
            let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
            for (range, next) in zip(sorted, sorted.dropFirst()) {
                try require(!range.isEmpty && range.upperBound < next.lowerBound, "\(sorted)")
            }
            try require(sorted[0].lowerBound >= 0 && sorted[sorted.count - 1].upperBound <= length, "\(sorted)")
        }
    }
}

private func checkQuery(_ bytes: [UInt8]) throws(BrokenInvariant) {
    guard let query = try? Query(parsing: bytes.rawSpan) else { return }
    var output = ByteWriter()
    for position in 0..<query.count {
        let item = query.item(at: position)
        Query.append(item.name, item.value, isFirst: position == 0, to: &output)
    }
    guard let again = try? Query(parsing: output.bytes) else { throw BrokenInvariant("a query cannot be read again") }
    try require(again.count == query.count, "a query has \(again.count) parameters when read again")
    for position in 0..<query.count {
        try require(again.item(at: position) == query.item(at: position), "parameter \(position) has changed")
    }
}

private func checkTag(_ bytes: [UInt8]) throws(BrokenInvariant) {
    guard let tag = EntityTag(parsing: bytes.rawSpan) else { return }
    try require(EntityTag(parsing: tag.description.bytes.rawSpan) == tag, "\(tag) is read as another tag")
}

/// Whatever the value, a field that is accepted is one line, and negotiation does not mind it.
private func checkFields(_ bytes: [UInt8]) throws(BrokenInvariant) {
    var fields = Fields()
    let now = HTTPDate(seconds: 1_700_000_000)
    for name in [
        FieldName.acceptEncoding, .ifNoneMatch, .ifMatch, .ifRange, .ifModifiedSince, .connection, .range, .via,
    ] {
        do { try fields.append(name, bytes.rawSpan) } catch { return }
    }
    var output = ByteWriter()
    fields.append(to: &output)
    let lines = Array(copying: output.bytes)
    try require(
        lines.count { $0 == 10 } == fields.count && lines.count { $0 == 13 } == fields.count, "a field broke its line")
    _ = ContentCoding(negotiating: fields)
    try require(
        fields.viaReceivers.allSatisfy { !$0.isEmpty && !$0.utf8.contains { " \t,".utf8.contains($0) } },
        "Via names \(fields.viaReceivers)")
    let validators = Validators(tag: EntityTag("a"), modified: now)
    _ = Conditional.evaluate(fields, .get, validators, now: now)
    _ = Conditional.allowsRange(fields, validators, now: now)
    fields.removeHopByHop()
    try require(!fields.contains(.connection), "Connection stays")
}
