import Bytes
import Testing

@testable import Telemetry

@Suite("A duration")
struct DurationTextTests {
    @Test(
        "is shown in its largest unit, and exactly in seconds",
        arguments: [
            (Duration.zero, "0ns", "0"), (.nanoseconds(999), "999ns", "0.000000999"),
            (.nanoseconds(1000), "1us", "0.000001"), (.nanoseconds(12_345), "12.345us", "0.000012345"),
            (.nanoseconds(1_002_999), "1.002ms", "0.001002999"), (.milliseconds(1500), "1.5s", "1.5"),
            (.seconds(3600), "3600s", "3600"), (.milliseconds(-20), "-20ms", "-0.02"),
        ])
    func shown(duration: Duration, readable: String, seconds: String) {
        var writer = ByteWriter()
        writer.append(readable: duration)
        writer.append(" ")
        writer.append(seconds: duration)
        #expect(String(copying: writer.bytes) == "\(readable) \(seconds)")
    }
}
