import RTMPModel
import TestKit
import Testing

/// What fuzzing checks at length, on what is almost right and on noise.
@Suite("Invariants of AMF") struct AMFInvariantTests {
    static let readers: Range<UInt8> = 0..<7

    @Test("they hold for values that were spoilt", arguments: 0..<2 as Range<UInt8>)
    func spoiltValues(reader: UInt8) throws {
        var random = RandomValues(SplitMix(seed: UInt64(reader) + 10))
        for _ in 0..<2000 {
            let bytes = reader == 0 ? try write(random.amf0(depth: 3)) : try write(random.amf3(depth: 3))
            try checkAMF([reader] + bytes)
            try checkAMF([reader] + spoilt(bytes, &random.generator))
        }
    }

    @Test("they hold for messages of real clients that were spoilt", arguments: 2..<6 as Range<UInt8>)
    func spoiltMessages(reader: UInt8) throws {
        var generator = SplitMix(seed: UInt64(reader))
        for message in RealClients.all {
            try checkAMF([reader] + message.bytes)
            for _ in 0..<50 { try checkAMF([reader] + spoilt(message.bytes, &generator)) }
        }
    }

    @Test("they hold for addresses of odd pieces")
    func addresses() throws {
        var generator = SplitMix(seed: 6)
        let pieces = [
            "rtmp://", "a.com", "1.2.3.4", "/", "/live", "?", "&", "vhost=", "vhost=b.com", "%2e", "%2F", "%", "..",
            ".",
            "...vhost...", "_definst_", "\n", " ", "直", "[::1]", ":", "@", "\\", "s", "e\u{301}",
        ]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...14, using: &generator)).map { _ in
                pieces[Int.random(in: pieces.indices, using: &generator)]
            }
            try checkAMF([6] + Array(text.joined().utf8))
            try checkAMF([6] + Array("rtmp://a.com/live\nlive\n\(text.joined())".utf8))
        }
    }

    private func spoilt(_ bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: bytes.indices, using: &generator)
            bytes[place] = UInt8.random(in: 0...18, using: &generator)
        }
        return bytes
    }

    @Test("they hold for noise", arguments: readers)
    func noise(reader: UInt8) throws {
        var generator = SplitMix(seed: UInt64(reader))
        for _ in 0..<5000 {
            let count = Int.random(in: 0...40, using: &generator)
            try checkAMF([reader] + (0..<count).map { _ in UInt8.random(in: 0...20, using: &generator) })
        }
    }
}
