import Bytes

/// `method SP request-target SP HTTP-version` (RFC 9112 §3), single spaces only.
struct RequestLine {
    let method: Method
    /// Relative to the line.
    let target: Range<Int>
    let version: Version

    /// The length of everything but the method and the target: two spaces and the version.
    static let overhead = 10

    init(_ line: RawSpan) throws(HTTPParseError) {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { throw .malformedRequestLine }
        method = try Self.method(line.extracting(0..<space))
        let versionStart = line.byteCount - 8
        guard versionStart - 1 > space + 1, line[versionStart - 1] == UInt8(ascii: " ") else {
            throw .malformedRequestLine
        }
        version = try Version(parsing: line.extracting(versionStart..<line.byteCount), orElse: .malformedRequestLine)
        target = (space + 1)..<(versionStart - 1)
        let text = line.extracting(target)
        guard text.firstIndex(of: UInt8(ascii: " ")) == nil, text.firstIndex(of: UInt8(ascii: "\t")) == nil else {
            throw .malformedRequestLine
        }
    }

    private static func method(_ bytes: RawSpan) throws(HTTPParseError) -> Method {
        if let method = Method(bytes) { return method }
        throw CharacterSet.token.matches(bytes) ? .methodTooLong : .malformedRequestLine
    }
}

extension Version {
    /// Eight bytes, `HTTP/` and two digits. A higher minor version is read as 1.1, the highest that is spoken here
    /// (RFC 9110 §2.5); another major version is refused.
    init(parsing bytes: RawSpan, orElse malformed: HTTPParseError) throws(HTTPParseError) {
        guard bytes.byteCount == 8, bytes.hasPrefix("HTTP/"), bytes[5].isDigit, bytes[6] == UInt8(ascii: "."),
            bytes[7].isDigit
        else { throw malformed }
        guard bytes[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        self = bytes[7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}
