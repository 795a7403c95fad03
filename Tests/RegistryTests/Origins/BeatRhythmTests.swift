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
            ([], 300), ([10], 30), ([10, 20, 30], 30), ([9, 18.5, 27], 27),
            // One lost, two close together, a first gap that is longer.
            ([10, 20, 40, 50, 60], 30), ([10, 10.1, 20, 30, 40], 30), ([25, 30, 35, 40, 45], 15),
            // A new rhythm is learnt.
            ([60, 120, 180, 190, 200, 210], 30),
            // Beats that come together, first or later, show no rhythm.
            ([0.01], 300), ([0.1, 0.2, 0.3], 300), ([10, 10.25, 20, 20.25, 30], 29.25),
            // Bounds at both ends.
            ([1, 2, 3], 3), ([150], 300), ([3_600], 300),
        ] as [([Double], Double)])
    func deadlines(beats: [Double], expected: Double) {
        #expect(allowance(beats) == .seconds(expected))
    }
}
