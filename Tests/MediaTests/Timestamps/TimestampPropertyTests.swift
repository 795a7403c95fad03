import Media
import TestKit
import Testing

@Suite("TimestampCorrector, at random") struct TimestampPropertyTests {
    /// One frame as it is sent.
    private struct Sent {
        let kind: MediaKind
        let input: Int64
        /// Which part of the stream it belongs to, and how far into it.
        let part: Int
        let position: Int64
        /// When it is sent, which interleaves the tracks.
        let order: Int64
    }

    /// A publisher whose clock steps a few times; audio is sent up to 300 ms ahead of video or behind it, so that
    /// around a step frames from both sides of it are mixed.
    private func stream(_ generator: inout SplitMix) -> [Sent] {
        var frames: [Sent] = []
        var base = Int64.random(in: 0...0xFFFF_FFFF, using: &generator)
        var order: Int64 = 0
        let skew = Int64.random(in: -300...300, using: &generator)
        for part in 0..<6 {
            let length = Int64.random(in: 3000...9000, using: &generator)
            for position in stride(from: 0, to: length, by: 40) {
                frames.append(
                    Sent(kind: .video, input: base + position, part: part, position: position, order: order + position))
            }
            for position in stride(from: 0, to: length, by: 23) {
                frames.append(
                    Sent(
                        kind: .audio, input: base + position, part: part, position: position,
                        order: order + position + skew))
            }
            order += length
            let isBack = Bool.random(using: &generator)
            base +=
                isBack
                ? -Int64.random(in: 0...3_000_000, using: &generator)
                : length + .random(in: 6000...9_000_000, using: &generator)
        }
        // Stable: frames of one track stay in their order.
        return frames.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
            .map(\.element)
    }

    @Test(
        "through any steps, each track runs forward, and within each part both have the same offset", arguments: 0..<60)
    func offsets(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var corrector = TimestampCorrector()
        var last: [MediaKind: MediaTime] = [:]
        var offsets: [Int: Set<Int64>] = [:]
        for frame in stream(&generator) {
            let corrected = corrector.correct(wire: UInt32(truncatingIfNeeded: frame.input), frame.kind)
            let output = try #require(corrected)
            if let before = last[frame.kind], output < before { Issue.record("\(output) behind \(before)") }
            if let before = last[frame.kind], output - before > 700 {
                Issue.record("a hole from \(before) to \(output)")
            }
            last[frame.kind] = output
            if frame.position >= 1000 { offsets[frame.part, default: []].insert(output.milliseconds - frame.input) }
        }
        #expect(offsets.count == 6)
        #expect(offsets.values.allSatisfy { $0.count == 1 }, "\(offsets)")
        #expect(corrector.corrections == 5)
    }
}
