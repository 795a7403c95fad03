import Bytes

/// Parses request heads from the bytes of one connection, however they are cut; holds no memory of its own.
///
///     if let length = try parser.parse(input.readable, into: &head) {
///         input.consume(length)   // `head` is filled, the parser is ready for the next request
///     }                           // else: read more, append it, call again with all of it
///
/// What is refused is listed with `HTTPParseError`. After an error the connection must be closed.
package struct RequestParser: Sendable {
    private var scanner = HeadScanner()
    private var isStartLineChecked = false
    private let limits: HeadLimits

    package init(limits: HeadLimits = HeadLimits()) { self.limits = limits }

    /// Whether part of a head has come: what tells an idle connection from one that is slow to ask.
    package var hasStarted: Bool { scanner.hasStarted }

    /// The length of the head at the start of `bytes`, which `head` now describes; nil where it is not complete.
    ///
    /// Without a complete head, `head` is unchanged and `bytes` must come again, with more behind them.
    package mutating func parse(
        _ bytes: RawSpan, into head: inout RequestHead
    ) throws(HTTPParseError) -> Int? {
        let end: Int?
        do throws(HTTPParseError) {
            end = try scanner.scan(bytes, rules)
        } catch {
            // A start line that is complete is judged first, so that the answer does not depend on the cut.
            try checkStartLine(bytes)
            throw error
        }
        guard let end, let startLine = scanner.startLine else {
            try checkStartLine(bytes)
            return nil
        }
        let line = try RequestLine(bytes.extracting(startLine))
        // The last line end closes the head, the one before it the last field line.
        let fields = bytes.extracting((startLine.upperBound + 2)..<(end - 2))
        try fill(&head, line, target: bytes.extracting(startLine).extracting(line.target), fields: fields)
        scanner = HeadScanner()
        isStartLineChecked = false
        return end
    }

    /// Refuses early what can never become a request: another protocol, a version not spoken, a bad method.
    private mutating func checkStartLine(_ bytes: RawSpan) throws(HTTPParseError) {
        guard scanner.hasStarted, !isStartLineChecked else { return }
        guard CharacterSet.token.contains(bytes[scanner.startLineStart]) else { throw .malformedRequestLine }
        guard let startLine = scanner.startLine else { return }
        _ = try RequestLine(bytes.extracting(startLine))
        isStartLineChecked = true
    }

    private func fill(
        _ head: inout RequestHead, _ line: RequestLine, target: RawSpan, fields: RawSpan
    ) throws(HTTPParseError) {
        guard target.byteCount <= limits.maximumTargetBytes else {
            throw .targetTooLong(maximum: limits.maximumTargetBytes)
        }
        head.method = line.method
        head.version = line.version
        try head.target.parse(target, method: line.method)
        var facts = ConnectionFacts(of: .request)
        try FieldLines.parse(fields, into: &head.fields, maximumCount: limits.maximumFieldCount, facts: &facts)
        try facts.requireHost(in: line.version)
        head.framing = try facts.framing(in: line.version) ?? .none
        head.keepAlive = facts.keepsAlive(in: line.version)
        // RFC 9110 §10.1.1: the expectation of an HTTP/1.0 client is ignored, and without a body there is nothing to
        // wait for.
        head.expectsContinue = facts.expectsContinue && line.version == .http11 && !head.framing.isEmpty
        head.upgrade = facts.upgrade(in: line.version)
    }

    private var rules: HeadScanner.Rules {
        HeadScanner.Rules(
            maximumHeadBytes: limits.maximumHeadBytes,
            maximumStartLineBytes: MethodName.maximumBytes + limits.maximumTargetBytes + RequestLine.overhead,
            startLineTooLong: .targetTooLong(maximum: limits.maximumTargetBytes),
            // Some clients send a line end after a body; more than two is no mistake but a habit.
            maximumEmptyLines: 2,
            tooManyEmptyLines: .malformedRequestLine)
    }
}
