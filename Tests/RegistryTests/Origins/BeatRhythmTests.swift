import Bytes
import Registry
import Testing

@Suite("BeatRhythm")
struct BeatRhythmTests {
    private func rhythm(_ seconds: [Double]) -> BeatRhythm {
        var rhythm = BeatRhythm(first: Instant(nanoseconds: 1_000_000_000_000))
        for second in seconds { rhythm.beat(at: Instant(nanoseconds: 1_000_000_000_000) + .seconds(second)) }
        return rhythm
    }

    private func allowance(_ seconds: [Double]) -> Duration {
        let rhythm = rhythm(seconds)
        return rhythm.deadline - rhythm.last
    }

    @Test(
        "three beats in a row have to be missing",
        arguments: [
            ([], 300), ([10], 30), ([10, 20, 30], 30), ([9, 18.5, 27], 28.5), ([9, 18.5, 27, 36], 27),
            // One lost, two close together, a first gap that is longer.
            ([10, 20, 40, 50, 60], 30), ([10, 10.1, 20, 30, 40], 30), ([25, 30, 35, 40, 45], 15),
            // A new rhythm is learnt, a faster one when the old one is forgotten.
            ([10, 20, 30, 40, 100, 160], 180),
            ([60, 120, 180] + (1...15).map { 180 + 10 * Double($0) }, 30),
            // Two proxies are told in turn, or more of them; beats get lost on the way.
            ([1.5], 30), ([1.5, 9], 30), ([1.5, 9, 10.5], 22.5), ([1.5, 9, 10.5, 18, 19.5, 27], 22.5),
            ((1...40).flatMap { turn in (0..<8).map { Double(turn * 16 + $0) } }, 27),
            // Beats that come together, first or later, show no rhythm.
            ([0.01], 300), ([0.1, 0.2, 0.3], 300), ([10, 10.25, 20, 20.25, 30], 30),
            // Bounds at both ends.
            ([1], 30), ([1, 2], 30), ([1, 2, 3], 3), ([150], 300), ([3_600], 300),
        ] as [([Double], Double)])
    func deadlines(beats: [Double], expected: Double) {
        #expect(allowance(beats) == .seconds(expected))
    }
}
