extension Array where Element == UInt8 {
    /// The same bytes in pieces of random sizes from 1 to `largest`.
    package func pieces(largest: Int, using generator: inout some RandomNumberGenerator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < count {
            let end = Swift.min(count, start + Int.random(in: 1...largest, using: &generator))
            pieces.append(Array(self[start..<end]))
            start = end
        }
        return pieces
    }
}

/// Some ways to cut `bytes`: whole, byte by byte, and in random pieces, the same ones for the same bytes.
package func cuts(of bytes: [UInt8]) -> [[[UInt8]]] {
    var generator = SplitMix(seed: bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    return [
        [bytes], bytes.map { [$0] }, bytes.pieces(largest: 5, using: &generator),
        bytes.pieces(largest: max(1, bytes.count / 2), using: &generator),
    ]
}

/// Runs `read` on every cut and requires that the results are the same.
package func requireSame<Result: Equatable>(
    _ bytes: [UInt8], _ what: String, _ read: ([[UInt8]]) throws(BrokenInvariant) -> Result
) throws(BrokenInvariant) -> Result {
    let ways = cuts(of: bytes)
    let whole = try read(ways[0])
    for pieces in ways.dropFirst() {
        let other = try read(pieces)
        try require(other == whole, "\(what) cut into \(pieces.map(\.count)): \(other), whole: \(whole)")
    }
    return whole
}
