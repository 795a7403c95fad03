import Bytes

extension Target {
    /// Takes a request target apart; `bytes` are not empty and have no spaces or control characters.
    mutating func parse(_ bytes: RawSpan, method: Method) throws(HTTPParseError) {
        if method == .connect {
            try parseAuthorityForm(bytes)
        } else if bytes[0] == UInt8(ascii: "/") {
            reset(bytes, form: .origin)
            try parsePathAndQuery(bytes, from: 0, authority: nil)
        } else if bytes.byteCount == 1, bytes[0] == UInt8(ascii: "*") {
            guard method == .options else { throw .malformedTarget }
            reset(bytes, form: .asterisk)
        } else {
            try parseAbsoluteForm(bytes)
        }
    }

    private mutating func parseAuthorityForm(_ bytes: RawSpan) throws(HTTPParseError) {
        let layout = try Authority.Layout(bytes)
        guard layout.port != nil, !layout.host.isEmpty else { throw .malformedTarget }
        reset(bytes, form: .authority)
        setParts(authority: 0..<bytes.byteCount, path: 0..<0, query: nil)
    }

    private mutating func parseAbsoluteForm(_ bytes: RawSpan) throws(HTTPParseError) {
        guard let start = Self.lengthOfScheme(bytes) else { throw .malformedTarget }
        var end = start
        while end < bytes.byteCount, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?"),
            bytes[end] != UInt8(ascii: "#")
        {
            end += 1
        }
        let layout = try Authority.Layout(bytes.extracting(start..<end))
        // RFC 9110 §4.2.1: an http URI without a host is invalid.
        guard !layout.host.isEmpty else { throw .malformedHost }
        reset(bytes, form: .absolute)
        try parsePathAndQuery(bytes, from: end, authority: start..<end)
    }

    /// How many bytes `http://` or `https://` take, in any case; other schemes are not served here.
    private static func lengthOfScheme(_ bytes: RawSpan) -> Int? {
        if bytes.byteCount >= 7, bytes.extracting(0..<7).equalsIgnoringCase("http://") { return 7 }
        if bytes.byteCount >= 8, bytes.extracting(0..<8).equalsIgnoringCase("https://") { return 8 }
        return nil
    }

    private mutating func parsePathAndQuery(
        _ bytes: RawSpan, from start: Int, authority: Range<Int>?
    ) throws(HTTPParseError) {
        // A fragment never belongs in a request (RFC 9112 §3.2).
        guard bytes.firstIndex(of: UInt8(ascii: "#"), from: start) == nil else { throw .malformedTarget }
        let pathEnd = bytes.firstIndex(of: UInt8(ascii: "?"), from: start) ?? bytes.byteCount
        let query = pathEnd < bytes.byteCount ? (pathEnd + 1)..<bytes.byteCount : nil
        setParts(authority: authority, path: start..<pathEnd, query: query)
        try parsePath(bytes.extracting(start..<pathEnd))
    }

    /// Decodes each segment, then applies the dot-segments (RFC 3986 §5.2.4), except that climbing above the root is
    /// refused where the RFC would stay there: no honest client does it.
    private mutating func parsePath(_ path: RawSpan) throws(HTTPParseError) {
        // In the absolute form the path may be missing; it then means the root (RFC 9110 §4.2.3).
        guard !path.isEmpty else { return endSegment() }
        var start = 1
        while true {
            let end = path.firstIndex(of: UInt8(ascii: "/"), from: start) ?? path.byteCount
            let isLast = end == path.byteCount
            try decodeSegment(path.extracting(start..<end))
            // One segment at a time: half a character before a slash and the other half behind it is not UTF-8.
            guard UTF8Validator.isValid(openSegment) else { throw .invalidUTF8 }
            switch openSegmentDots {
            case 1:
                discardOpenSegment()
                if isLast { endSegment() }
            case 2:
                discardOpenSegment()
                guard removeLastSegment() else { throw .pathAboveRoot }
                if isLast { endSegment() }
            default:
                endSegment()
            }
            if isLast { break }
            start = end + 1
        }
    }

    /// Appends the decoded bytes of one segment.
    private mutating func decodeSegment(_ segment: RawSpan) throws(HTTPParseError) {
        guard segment.firstIndex(of: UInt8(ascii: "\\")) == nil else { throw .backslashInPath }
        var plain = 0
        while let percent = segment.firstIndex(of: UInt8(ascii: "%"), from: plain) {
            add(segment.extracting(plain..<percent))
            guard let byte = PercentCoding.decode(segment, at: percent) else { throw .malformedPercentEncoding }
            guard byte >= 0x20, byte != 0x7F else { throw .encodedControlCharacter }
            guard byte != UInt8(ascii: "\\") else { throw .backslashInPath }
            add(byte)
            plain = percent + 3
        }
        add(segment.extracting(plain..<segment.byteCount))
    }

    /// 1 or 2 where the segment being written is `.` or `..`, whether it came encoded or not; else 0.
    private var openSegmentDots: Int {
        let segment = openSegment
        if segment.equals(".") { return 1 }
        return segment.equals("..") ? 2 : 0
    }
}
