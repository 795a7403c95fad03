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
