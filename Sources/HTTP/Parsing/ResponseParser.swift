import Bytes

/// Parses response heads, as `RequestParser` does requests.
package struct ResponseParser: Sendable {
    private var scanner = HeadScanner()
    private var isStatusLineChecked = false
    private let limits: HeadLimits

    package init(limits: HeadLimits = HeadLimits()) { self.limits = limits }

    /// Whether part of a head has come.
    package var hasStarted: Bool { scanner.hasStarted }

    /// The length of the head at the start of `bytes`, which `head` now describes; nil where it is not complete.
    ///
    /// `method` is that of the request being answered, for it decides whether there is a body (RFC 9112 §6.3).
    package mutating func parse(
        _ bytes: RawSpan, answering method: Method, into head: inout ResponseHead
    ) throws(HTTPParseError) -> Int? {
        let end: Int?
        do throws(HTTPParseError) {
            end = try scanner.scan(bytes, rules)
        } catch {
            try checkStatusLine(bytes)
            throw error
        }
        guard let end, let startLine = scanner.startLine else {
            try checkStatusLine(bytes)
            return nil
        }
        let line = try StatusLine(bytes.extracting(startLine))
        let fields = bytes.extracting((startLine.upperBound + 2)..<(end - 2))
        try fill(&head, line, answering: method, fields: fields)
        scanner = HeadScanner()
        isStatusLineChecked = false
        return end
    }

    private mutating func checkStatusLine(_ bytes: RawSpan) throws(HTTPParseError) {
        guard scanner.hasStarted, !isStatusLineChecked else { return }
        guard bytes[scanner.startLineStart] == UInt8(ascii: "H") else { throw .malformedStatusLine }
        guard let startLine = scanner.startLine else { return }
        _ = try StatusLine(bytes.extracting(startLine))
        isStatusLineChecked = true
    }

    private func fill(
        _ head: inout ResponseHead, _ line: StatusLine, answering method: Method, fields: RawSpan
    ) throws(HTTPParseError) {
        var facts = ConnectionFacts(of: .response)
        try FieldLines.parse(fields, into: &head.fields, maximumCount: limits.maximumFieldCount, facts: &facts)
        head.version = line.version
        head.status = line.status
        let stated = try facts.framing(in: line.version)
        // RFC 9112 §6.3: these never have a body, whatever their fields say it would have been.
        let isBodiless = line.status.forbidsBody || method == .head || method == .connect && line.status.isSuccess
        head.framing = isBodiless ? .none : stated ?? .untilClose
        head.keepAlive = facts.keepsAlive(in: line.version) && head.framing != .untilClose
    }

    private var rules: HeadScanner.Rules {
        HeadScanner.Rules(
            maximumHeadBytes: limits.maximumHeadBytes,
            maximumStartLineBytes: limits.maximumHeadBytes,
            startLineTooLong: .headTooLarge(maximum: limits.maximumHeadBytes),
            maximumEmptyLines: 0,
            tooManyEmptyLines: .malformedStatusLine)
    }
}

/// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4); the reason and the space before it may be missing.
struct StatusLine {
    let version: Version
    let status: Status

    init(_ line: RawSpan) throws(HTTPParseError) {
        guard line.byteCount >= 12, line[8] == UInt8(ascii: " ") else { throw .malformedStatusLine }
        version = try Version(parsing: line.extracting(0..<8), orElse: .malformedStatusLine)
        guard let code = line.extracting(9..<12).decimal, code >= 100 else { throw .malformedStatusLine }
        guard line.byteCount == 12 || line[12] == UInt8(ascii: " ") else { throw .malformedStatusLine }
        status = Status(UInt16(code))
    }
}
