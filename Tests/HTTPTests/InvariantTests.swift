import HTTP
import HTTPModel
import TestKit
import Testing

/// What fuzzing checks at length, on the corpus and on noise.
@Suite("Invariants of the core") struct InvariantTests {
    @Test("they hold for good and spoilt requests, read by everything that reads", arguments: 0..<6 as Range<UInt8>)
    func corpus(choice: UInt8) throws {
        for bytes in RequestCorpus.cases(count: 400, seed: UInt64(choice) + 100) { try checkHTTP([choice] + bytes) }
    }

    @Test("they hold for noise", arguments: 0..<6 as Range<UInt8>)
    func noise(choice: UInt8) throws {
        var generator = SplitMix(seed: UInt64(choice))
        for _ in 0..<2000 {
            let count = Int.random(in: 0...40, using: &generator)
            try checkHTTP([choice] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }
}
