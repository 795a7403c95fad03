import Bytes
import HTTP

/// The path of a route: literal segments, `:name` for one segment of any value but none, and `*name` at the end for the
/// rest.
package struct RoutePattern: Sendable, CustomStringConvertible {
    enum Segment: Sendable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    package let description: String
    let segments: [Segment]

    /// A wrong pattern is a programmer's mistake and traps at start.
    package init(_ text: String) {
        precondition(text.hasPrefix("/"), "a route begins with a slash")
        description = text
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        segments = parts.map { part in
            switch part.first {
            case ":": .parameter(String(part.dropFirst()))
            case "*": .rest(String(part.dropFirst()))
            default: .literal(String(part))
            }
        }
        for segment in segments.dropLast() {
            if case .rest = segment { preconditionFailure("the rest of a path is the last segment of a pattern") }
        }
    }

    /// Whether the path of `target` fits. A trailing slash counts: `/a` and `/a/` are two paths.
    func matches(_ target: borrowing Target) -> Bool {
        let count = target.segmentCount
        for (position, segment) in segments.enumerated() {
            if case .rest = segment { return count > position }
            guard position < count else { return false }
            let fits =
                switch segment {
                case .literal(let text): target.segment(position).equals(text: text)
                case .parameter: !target.segment(position).isEmpty
                case .rest: true
                }
            guard fits else { return false }
        }
        return count == segments.count
    }

    /// Position in the path of the first segment of the rest; nil where the pattern has none.
    var restPosition: Int? {
        guard case .rest = segments.last else { return nil }
        return segments.count - 1
    }

    /// Position in the path of the segment that the pattern calls `name`; of the first one of a rest.
    func position(of name: String) -> Int? {
        segments.firstIndex { segment in
            switch segment {
            case .literal: false
            case .parameter(let own), .rest(let own): own == name
            }
        }
    }
}
