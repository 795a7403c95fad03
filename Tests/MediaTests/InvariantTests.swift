import MediaModel
import TestKit
import Testing

/// What fuzzing checks at length, on noise.
@Suite("Invariants of media") struct InvariantTests {
    @Test("they hold for noise", arguments: 0..<5 as Range<UInt8>)
    func noise(choice: UInt8) throws {
        var generator = SplitMix(seed: UInt64(choice))
        for _ in 0..<1500 {
            let count = Int.random(in: 0...120, using: &generator)
            try checkMedia([choice] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }
}
