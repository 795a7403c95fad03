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

    private static func steps(_ count: Int, of seconds: Double, after start: Double = 0) -> [Double] {
        (1...count).map { start + seconds * Double($0) }
    }

    /// To four proxies within three seconds, every sixteen.
    private static let turns = (0..<40).flatMap { turn in (0..<4).map { Double(turn * 16 + $0) } }.dropFirst().map(
        \.self)

    /// No beat has come so late that it was missed.
    @Test("four proxies that are told in turn miss nobody, from the first beat on")
    func inTurn() {
        var rhythm = rhythm([])
        for second in Self.turns {
            let now = Instant(nanoseconds: 1_000_000_000_000) + .seconds(second)
            #expect(now < rhythm.deadline, "\(second)")
            rhythm.beat(at: now)
        }
    }

    @Test(
        "three beats in a row have to be missing",
        arguments: [
            ([], 300), ([10], 30), ([10, 20, 30], 30), ([9, 18.5, 27], 30), (steps(8, of: 9) + [81.5], 27),
            // One lost, two close together, a first gap that is longer.
            ([10, 20, 40], 60), ([10, 20, 40] + steps(6, of: 10, after: 40), 30), ([10, 10.1, 20, 30, 40], 30),
            ([25] + steps(8, of: 5, after: 25), 15),
            // A new rhythm is learnt, a faster one when the old one is forgotten.
            ([10, 20, 30, 40, 100, 160], 180), ([60, 120, 180] + steps(15, of: 10, after: 180), 30),
            // What it was missed for is none, but where it comes again at once.
            ([1, 2, 3, 4, 14, 15, 25, 26, 27], 3), ([10, 20, 30, 40, 140], 30), ([10, 20, 30, 40, 140, 150, 250], 30),
            // Two proxies are told in turn, or four.
            ([1.5], 30), ([1.5, 9], 30), ([1.5, 9, 10.5], 30), ([1.5, 9, 10.5, 18, 19.5, 27], 22.5), (turns, 39),
            // Beats that come together, first or later, show no rhythm.
            ([0.01], 300), ([0.1, 0.2, 0.3], 300), ([10, 10.25, 20, 20.25, 30], 30),
            // Bounds at both ends.
            ([1], 30), ([1, 2, 3], 30), ([1, 2, 3, 4], 3), ([150], 300), ([3_600], 300),
        ] as [([Double], Double)])
    func deadlines(beats: [Double], expected: Double) {
        #expect(allowance(beats) == .seconds(expected))
    }
}
