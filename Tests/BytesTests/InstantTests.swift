import Bytes
import Testing

private let durations: [(Duration, Int64)] = [
    (Duration.zero, Int64(0)), (.nanoseconds(1), 1), (.seconds(-1), -1_000_000_000),
    (.milliseconds(-1), -1_000_000), (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
    (Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999), -1),
    (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    (.nanoseconds(Int64.max), .max), (.nanoseconds(Int64.min), .min),
    (.nanoseconds(Int64.max) + .nanoseconds(1), .max), (.nanoseconds(Int64.min) - .nanoseconds(1), .min),
]

@Suite("Instant")
struct InstantTests {
    private let noon = Instant(nanoseconds: 43_200_000_000_000)

    @Test("a sum is later by the duration, and the difference gives the duration back")
    func sums() {
        let later = noon + .milliseconds(1500)
        #expect(later.nanoseconds == 43_201_500_000_000)
        #expect(later - noon == .milliseconds(1500))
        #expect(noon - later == .milliseconds(-1500))
        #expect(later + .milliseconds(-1500) == noon)
        #expect(noon < later)
        #expect(!(noon < noon))
    }

    @Test("a sum stops at the ends of the clock")
    func clampedSums() {
        let end = Instant(nanoseconds: .max)
        #expect(noon + .seconds(-50_000) == Instant(nanoseconds: 0))
        #expect(noon + .seconds(Int64.min) == Instant(nanoseconds: 0))
        #expect(end + .nanoseconds(1) == end)
        #expect(end + .zero == end)
        #expect(end + .nanoseconds(-1) == Instant(nanoseconds: .max - 1))
        #expect(Instant(nanoseconds: .max - 5) + .seconds(Int64.max) == end)
    }

    @Test("a difference stops at what 64 bits of nanoseconds hold")
    func clampedDifferences() {
        let start = Instant(nanoseconds: 0)
        let end = Instant(nanoseconds: .max)
        #expect(end - start == .nanoseconds(Int64.max))
        #expect(start - end == .nanoseconds(-Int64.max))
        #expect(end - Instant(nanoseconds: .max - 3) == .nanoseconds(3))
    }

    @Test(
        "a duration in nanoseconds is clamped to 64 bits and cut toward zero",
        arguments: durations
    )
    func nanoseconds(duration: Duration, expected: Int64) {
        #expect(duration.nanoseconds == expected)
    }
}
