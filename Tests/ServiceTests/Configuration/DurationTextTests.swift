import Testing

@testable import Service

@Suite("The text of a duration")
struct DurationTextTests {
    @Test(
        "is read as Go reads it",
        arguments: [
            ("0", Duration.zero), ("0s", .zero), ("-0", .zero), ("20s", .seconds(20)), ("500ms", .milliseconds(500)),
            ("1m30s", .seconds(90)), ("1h", .seconds(3_600)), ("1.5h", .seconds(5_400)), ("+5s", .seconds(5)),
            ("-5.3s", .milliseconds(-5_300)), (".5s", .milliseconds(500)), ("1.s", .seconds(1)),
            ("1h1h", .seconds(7_200)), ("1s1h", .seconds(3_601)), ("10us", .microseconds(10)),
            ("10\u{B5}s", .microseconds(10)), ("10\u{3BC}s", .microseconds(10)), ("7ns", .nanoseconds(7)),
            ("0.5ns", .zero), ("1.0000000001s", .seconds(1)), ("0.3333333333333333333h", .seconds(1_200)),
            ("9223372036854775807ns", .nanoseconds(Int64.max)),
            ("-9223372036854775807ns", .nanoseconds(-Int64.max)),
            ("00000000000000000000000001s", .seconds(1)),
        ])
    func valid(text: String, duration: Duration) {
        guard let parsed = DurationText.parse(text) else {
            Issue.record("\(text) is refused")
            return
        }
        // A fraction is cut to whole nanoseconds.
        #expect(parsed - duration <= .zero && duration - parsed <= .nanoseconds(1))
    }

    @Test(
        "is refused where Go refuses it",
        arguments: [
            "", "20", "s", ".", ".s", "-", "+", "-.s", "1", "1.5", "20 s", " 20s", "20s ", "1d", "1S", "1sm",
            "3000000h", "9223372036854775808ns", "9223372036854775807ns1ns", "99999999999999999999s", "1e3s", "1m-30s",
            "٣s", "1_000s",
        ])
    func invalid(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "is written as short as it is exact",
        arguments: [
            (Duration.zero, "0s"), (.seconds(20), "20s"), (.seconds(90), "1m30s"), (.seconds(86_400), "24h"),
            (.milliseconds(1_500), "1s500ms"), (.microseconds(3), "3us"), (.nanoseconds(1), "1ns"),
            (.seconds(-5), "0s"), (.seconds(Int64.max), "876000h"),
        ])
    func written(duration: Duration, text: String) {
        #expect(DurationText.text(duration) == text)
    }

    @Test("comes back from what is written")
    func roundTrip() {
        for exponent in 0..<52 {
            let duration = Duration.nanoseconds((Int64(1) << exponent) + 12_345)
            #expect(DurationText.parse(DurationText.text(duration)) == duration)
        }
    }
}
