import RTMPModel
import TestKit
import Testing

/// What fuzzing checks at length, on noise.
@Suite("Invariants of the core") struct InvariantTests {
    @Test("chunks hold them, read and written, for noise", arguments: 0..<40 as Range<UInt64>)
    func chunks(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for _ in 0..<40 {
            let count = Int.random(in: 0...80, using: &generator)
            try checkChunks((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test("chunks hold them for what looks like chunks", arguments: 0..<20 as Range<UInt64>)
    func plausibleChunks(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for _ in 0..<40 {
            // Few chunk streams, short lengths, real types: noise is refused too soon to reach what is behind.
            var bytes = [UInt8(seed % 2) * 2]
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let format = UInt8.random(in: 0...3, using: &generator)
                let timestamp: [UInt8] = Bool.random(using: &generator) ? [0xFF, 0xFF, 0xFF] : [0, 0, 9]
                let length = UInt8.random(in: 0...9, using: &generator)
                let types: [UInt8] = [1, 2, 3, 4, 8, 22]
                bytes.append(format << 6 | UInt8.random(in: 2...4, using: &generator))
                if format < 3 { bytes += timestamp }
                if format < 2 { bytes += [0, 0, length, types[Int.random(in: 0..<6, using: &generator)]] }
                if format < 1 { bytes += [1, 0, 0, 0] }
                if format < 3, timestamp[0] == 0xFF { bytes += [1, 0, 0, 2] }
                let payload = Int.random(in: 0...9, using: &generator)
                bytes += (0..<payload).map { _ in UInt8.random(in: 0...5, using: &generator) }
            }
            try checkChunks(bytes)
        }
    }

    @Test("handshakes hold them", arguments: 0..<48 as Range<UInt8>)
    func handshakes(choice: UInt8) throws {
        var generator = SplitMix(seed: UInt64(choice))
        for count in [0, 1, 2, 3, 4, 20] {
            try checkHandshake([choice] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test("sessions hold them, for noise and for proper messages in any order", arguments: 0..<32 as Range<UInt8>)
    func sessions(choice: UInt8) throws {
        var generator = SplitMix(seed: UInt64(choice) + 100)
        for count in [0, 1, 3, 20, 60, 60, 60, 60] {
            try checkSession([choice] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }
}
