import BytesModel
import TestKit
import Testing

@Suite("Random programs against naive models")
struct ModelTests {
    /// The first byte of a program says which type it runs on.
    @Test(
        "the type does what its model does, whatever the order of operations",
        arguments: [("reader", UInt8(0)), ("bits", 1), ("writer", 2), ("queue", 3)]
    )
    func agreesWithModel(name: String, kind: UInt8) throws {
        for seed in 0..<UInt64(400) {
            var random = SplitMix(seed: seed)
            let length = Int.random(in: 0...700, using: &random)
            // Bytes of few bits as often as others: short lengths, long runs of zeros.
            let mask = [0xFF, 0x1F, 0x07, 0x81].randomElement(using: &random) ?? 0xFF
            let program = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) & UInt8(mask) }
            do {
                try compareWithModel([kind] + program)
            } catch {
                Issue.record("\(name), seed \(seed): \(error)")
                return
            }
        }
    }
}
