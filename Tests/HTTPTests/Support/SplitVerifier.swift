import Bytes
import HTTP
import HTTPModel
import TestKit
import Testing

/// Checks that how bytes are cut makes no difference: all at once, byte by byte, at every single point, and at random
/// ones.
func verifySplits(
    _ bytes: [UInt8], limits: HeadLimits = HeadLimits(), bodyLimits: BodyLimits = BodyLimits(),
    sourceLocation: SourceLocation = #_sourceLocation
) {
    func read(_ pieces: [[UInt8]]) -> ReadRequests {
        var result = RequestReader.read(pieces, limits: limits, bodyLimits: bodyLimits)
        // After an error the rest is not looked at, so how much of it there is does depend on the cut.
        if result.error != nil { result.left = 0 }
        return result
    }
    let whole = read([bytes])
    #expect(read(bytes.map { [$0] }) == whole, "byte by byte", sourceLocation: sourceLocation)
    for point in bytes.indices.dropFirst() {
        let parts = [Array(bytes[..<point]), Array(bytes[point...])]
        #expect(read(parts) == whole, "cut at \(point)", sourceLocation: sourceLocation)
    }
    var generator = SplitMix(seed: UInt64(bytes.count))
    for _ in 0..<8 {
        let pieces = bytes.pieces(largest: 9, using: &generator)
        #expect(read(pieces) == whole, "cut at random", sourceLocation: sourceLocation)
    }
}
