import Bytes
import Foundation
import Telemetry
import Testing

@Suite("A wall time")
struct WallTimeTests {
    private static func text(_ milliseconds: Int64) -> String {
        var writer = ByteWriter()
        writer.append(WallTime(milliseconds: milliseconds))
        return String(copying: writer.bytes)
    }

    @Test(
        "is written as RFC 3339 says",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_208_000_123, "2024-02-29T12:00:00.123Z"),
            (1_740_787_199_007, "2025-02-28T23:59:59.007Z"),
            (1_740_787_200_000, "2025-03-01T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (Int64.max, "9999-12-31T23:59:59.999Z"),
            (Int64.min, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func golden(milliseconds: Int64, expected: String) {
        #expect(Self.text(milliseconds) == expected)
    }

    @Test("agrees with the C library on every day from 1600 to 2400")
    func agreesWithLibrary() {
        let day: Int64 = 86_400_000
        for milliseconds in stride(from: -11_676_096_000_000, to: 13_569_465_600_000, by: Int(day)) {
            var seconds = time_t(milliseconds / 1000)
            var fields = tm()
            gmtime_r(&seconds, &fields)
            let expected = [Int(fields.tm_year) + 1900, Int(fields.tm_mon) + 1, Int(fields.tm_mday)]
            let date = Self.text(Int64(milliseconds)).prefix(10).split(separator: "-").compactMap { Int($0) }
            guard date == expected else {
                Issue.record("\(milliseconds): \(date), not \(expected)")
                return
            }
        }
    }

    @Test("now is what the system says")
    func now() {
        #expect(abs(WallTime.now().milliseconds - Int64(Date().timeIntervalSince1970 * 1000)) < 5000)
    }
}
