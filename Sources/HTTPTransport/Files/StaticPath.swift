import Bytes
package import HTTP

/// Which file a request asks for, below the prefix of its route.
package struct StaticPath: Equatable {
    /// Names with slashes between them, none at either end; empty for the top.
    package let text: String
    /// Whether the path ended with a slash, and so means a directory.
    package let isDirectory: Bool

    /// Takes the segments of `target` from `position` on; nil where they are no path of a served file: a name that is
    /// empty, hidden, or holds a slash or a control character. The target itself has no dot-segments any more.
    package init?(_ target: borrowing Target, from position: Int) {
        guard position < target.segmentCount else { return nil }
        var written = ByteWriter(capacity: 64)
        for index in position..<(target.segmentCount - 1) {
            guard Self.isServed(target.segment(index)) else { return nil }
            if index > position { written.append("/") }
            written.append(target.segment(index))
        }
        let last = target.segment(target.segmentCount - 1)
        isDirectory = last.isEmpty
        if !isDirectory {
            guard Self.isServed(last) else { return nil }
            if !written.isEmpty { written.append("/") }
            written.append(last)
        }
        text = String(copying: written.bytes)
    }

    /// A segment that came as `a%2Fb` is one name with a slash in it, which no file has.
    private static func isServed(_ name: RawSpan) -> Bool {
        !name.isEmpty && name[0] != UInt8(ascii: ".") && name.firstIndex(of: UInt8(ascii: "/")) == nil
            && name.firstControl(from: 0) == nil
    }

    /// The path and query of `target`, encoded, with a slash at the end of the path.
    package static func withSlash(_ target: borrowing Target) -> String {
        var written = ByteWriter(capacity: 128)
        target.appendOriginForm(to: &written)
        // A question mark of the path itself is encoded: the first one begins the query.
        let end = written.bytes.firstIndex(of: UInt8(ascii: "?")) ?? written.count
        let path = String(copying: written.bytes.extracting(0..<end))
        return path + "/" + String(copying: written.bytes.extracting(end..<written.count))
    }
}
