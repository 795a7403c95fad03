import Bytes

extension HTTPURL {
    /// What `reference`, the value of a `Location`, means on a page at this URL (RFC 3986 §5.2).
    ///
    /// Spaces and bytes beyond ASCII, which servers send though they must not, are percent-encoded. Throws for schemes
    /// other than `http` and `https`.
    package func resolving(_ reference: RawSpan) throws(HTTPParseError) -> HTTPURL {
        let plain = Self.encodingForeign(reference)
        return try resolve(plain.rawSpan)
    }

    private func resolve(_ reference: RawSpan) throws(HTTPParseError) -> HTTPURL {
        if Self.hasScheme(reference) { return try HTTPURL(parsing: reference) }
        if reference.byteCount >= 2, reference.extracting(0..<2).equals("//") {
            return try HTTPURL(origin.scheme, afterSlashes: reference.extracting(2..<reference.byteCount))
        }
        guard !reference.isEmpty else { return self }
        let own = Array(target.utf8)
        let path = own[..<(own.firstIndex(of: UInt8(ascii: "?")) ?? own.count)]
        let merged: [UInt8]
        switch reference[0] {
        case UInt8(ascii: "#"): return self
        case UInt8(ascii: "?"):
            return try HTTPURL(origin: origin, target: Array(path + Array(copying: reference)).rawSpan)
        case UInt8(ascii: "/"): merged = Array(copying: reference)
        default:
            let folder = path[...(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
            merged = Array(folder) + Array(copying: reference)
        }
        return try HTTPURL(origin: origin, target: Self.removingDotSegments(merged).rawSpan)
    }

    /// Whether a colon comes before everything that cannot be in a scheme.
    private static func hasScheme(_ reference: RawSpan) -> Bool {
        for position in 0..<reference.byteCount {
            switch reference[position] {
            case UInt8(ascii: ":"): return position > 0
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return false
            default: continue
            }
        }
        return false
    }

    private static func encodingForeign(_ text: RawSpan) -> [UInt8] {
        var output = ByteWriter(capacity: text.byteCount)
        PercentCoding.encode(text, keeping: .visible, to: &output)
        return Array(copying: output.bytes)
    }

    /// RFC 3986 §5.2.4, on the path in front of a query or fragment.
    private static func removingDotSegments(_ target: [UInt8]) -> [UInt8] {
        let end = target.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? target.count
        var kept: [ArraySlice<UInt8>] = []
        let segments = target[1..<end].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            let isLast = position == segments.count - 1
            switch Array(segment) {
            case [UInt8(ascii: ".")]: if isLast { kept.append([]) }
            case [UInt8(ascii: "."), UInt8(ascii: ".")]:
                _ = kept.popLast()
                if isLast { kept.append([]) }
            default: kept.append(segment)
            }
        }
        return [UInt8(ascii: "/")] + kept.joined(separator: [UInt8(ascii: "/")]) + target[end...]
    }
}
