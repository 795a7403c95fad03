package import Bytes

/// What a request asks for, taken apart once: percent-decoding and dot-segments are done here and nowhere else.
///
/// The path is a list of decoded segments. A `%2F` in the request becomes a slash *inside* a segment and never
/// separates two; code that makes file names of segments must refuse those. Empty segments are kept: `/` is one empty
/// segment, `/a/` is `a` and an empty one.
///
/// Memory is reused from request to request, like that of the head which owns this value.
package struct Target: Sendable {
    /// The target as it came.
    private(set) var text: [UInt8] = []

    /// All segments after decoding, one after the other.
    private(set) var decoded: [UInt8] = []

    /// Where each segment ends in `decoded`; it begins where the one before ends.
    private(set) var segmentEnds: [UInt32] = []

    package private(set) var form = Form.origin

    private var authorityRange: Range<Int>?
    private var pathRange = 0..<0
    private var queryRange: Range<Int>?

    package init() {}
}

extension Target {
    /// The four forms of RFC 9112 §3.2.
    package enum Form: UInt8, Sendable, Hashable {
        /// `/path?query`
        case origin
        /// `http://host/path?query`, as sent to proxies; servers must take it as well.
        case absolute
        /// `host:port`, for CONNECT alone.
        case authority
        /// `*`, for OPTIONS alone.
        case asterisk
    }

    /// The target exactly as the client wrote it.
    package var raw: RawSpan {
        @_lifetime(borrow self)
        get { text.rawSpan }
    }

    /// Whether the target itself names the host; it then outweighs `Host` (RFC 9112 §3.2.2).
    package var hasAuthority: Bool { authorityRange != nil }

    /// The host and port in the target, as written; nil in the origin and asterisk forms.
    package var authority: RawSpan? {
        @_lifetime(borrow self)
        get {
            guard let authorityRange else { return nil }
            return text.rawSpan.extracting(authorityRange)
        }
    }

    /// The path as written: not decoded, dot-segments still in it. For logs, not for decisions.
    package var rawPath: RawSpan {
        @_lifetime(borrow self)
        get { text.rawSpan.extracting(pathRange) }
    }

    /// What follows the first `?`, not decoded; nil where there is none.
    package var rawQuery: RawSpan? {
        @_lifetime(borrow self)
        get {
            guard let queryRange else { return nil }
            return text.rawSpan.extracting(queryRange)
        }
    }
}

// MARK: - The path

extension Target {
    /// How many segments the path has; at least one, but none in the authority and asterisk forms.
    package var segmentCount: Int { segmentEnds.count }

    /// The decoded segment at `position`: UTF-8 without control characters and backslashes, never `.` or `..`.
    @_lifetime(borrow self)
    package func segment(_ position: Int) -> RawSpan {
        let start = position == 0 ? 0 : Int(segmentEnds[position - 1])
        return decoded.rawSpan.extracting(start..<Int(segmentEnds[position]))
    }

    package func segmentText(_ position: Int) -> String { String(copying: segment(position)) }

    /// Whether the path is exactly `literal`, which begins with a slash and is not encoded.
    package func pathEquals(_ literal: StaticString) -> Bool { pathEquals(literal.rawSpan) }

    package func pathEquals(_ path: RawSpan) -> Bool {
        var position = 0
        for index in 0..<segmentCount {
            let segment = segment(index)
            let end = position + 1 + segment.byteCount
            guard end <= path.byteCount, path[position] == UInt8(ascii: "/") else { return false }
            // A slash inside a segment is data; no literal path can mean it.
            guard segment.firstIndex(of: UInt8(ascii: "/")) == nil else { return false }
            guard path.extracting((position + 1)..<end).elementsEqual(segment) else { return false }
            position = end
        }
        return segmentCount > 0 && position == path.byteCount
    }

    /// Writes the path as this program understood it, encoded again, and the query as it came: what a proxy sends on,
    /// so that the next server cannot understand another path than the one that was routed.
    package func appendOriginForm(to output: inout ByteWriter) {
        for index in 0..<segmentCount {
            output.u8(UInt8(ascii: "/"))
            PercentCoding.encode(segment(index), keeping: .pathSegment, to: &output)
        }
        if let rawQuery {
            output.u8(UInt8(ascii: "?"))
            output.append(rawQuery)
        }
    }
}

// MARK: - For the parser

extension Target {
    mutating func reset(_ bytes: RawSpan, form: Form) {
        text.removeAll(keepingCapacity: true)
        text.append(copying: bytes)
        decoded.removeAll(keepingCapacity: true)
        segmentEnds.removeAll(keepingCapacity: true)
        self.form = form
        authorityRange = nil
        pathRange = 0..<0
        queryRange = nil
    }

    mutating func setParts(authority: Range<Int>?, path: Range<Int>, query: Range<Int>?) {
        authorityRange = authority
        pathRange = path
        queryRange = query
    }

    mutating func add(_ byte: UInt8) { decoded.append(byte) }

    mutating func add(_ bytes: RawSpan) { decoded.append(copying: bytes) }

    /// The segment being written.
    var openSegment: RawSpan {
        @_lifetime(borrow self)
        get { decoded.rawSpan.extracting(Int(segmentEnds.last ?? 0)..<decoded.count) }
    }

    mutating func endSegment() { segmentEnds.append(UInt32(decoded.count)) }

    /// Drops the segment being written, back to where the last one ended.
    mutating func discardOpenSegment() {
        decoded.removeLast(decoded.count - Int(segmentEnds.last ?? 0))
    }

    /// Drops the last whole segment; false where there is none.
    mutating func removeLastSegment() -> Bool {
        guard segmentEnds.popLast() != nil else { return false }
        discardOpenSegment()
        return true
    }
}
