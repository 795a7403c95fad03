import Bytes
import HTTP
import TestKit
import Testing

@Suite("HTTPDate") struct HTTPDateTests {
    static let now = HTTPDate(seconds: 1_700_000_000)  // in 2023

    @Test(
        "a time is written in the one form that may be sent",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"), (Int64.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] as [(Int64, String)])
    func written(seconds: Int64, expected: String) {
        #expect(HTTPDate(seconds: seconds).description == expected)
    }

    @Test(
        "all three forms are read",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ])
    func forms(text: String) {
        #expect(HTTPDate(parsing: text.bytes.rawSpan, now: Self.now)?.seconds == 784_111_777)
    }

    @Test(
        "two digits of a year never lead more than fifty years ahead",
        arguments: [
            ("Friday, 01-Jan-99 00:00:00 GMT", 915_148_800), ("Sunday, 01-Jan-73 00:00:00 GMT", 3_250_454_400),
            ("Monday, 01-Jan-74 00:00:00 GMT", 126_230_400), ("Monday, 01-Jan-23 00:00:00 GMT", 1_672_531_200),
        ] as [(String, Int64)])
    func century(text: String, seconds: Int64) {
        #expect(HTTPDate(parsing: text.bytes.rawSpan, now: Self.now)?.seconds == seconds)
    }

    @Test("a leap second is the second before it")
    func leapSecond() {
        let text = "Sat, 31 Dec 2016 23:59:60 GMT"
        #expect(HTTPDate(parsing: text.bytes.rawSpan, now: Self.now)?.description == "Sat, 31 Dec 2016 23:59:59 GMT")
    }

    @Test(
        "what is no date is not read",
        arguments: [
            "", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT ",
            "Sun, 30 Feb 1994 08:49:37 GMT", "Sun, 29 Feb 2023 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT", "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Okt 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 CET", "Sun Nov 06 08:49:37 94", "Sun, -6 Nov 1994 08:49:37 GMT",
        ])
    func refused(text: String) { #expect(HTTPDate(parsing: text.bytes.rawSpan, now: Self.now) == nil) }

    @Test("every day of 800 years is read as it was written")
    func roundTrip() {
        for day in stride(from: -170_000, to: 122_000, by: 7) as StrideTo<Int64> {
            let date = HTTPDate(seconds: day * 86400 + 86399)
            #expect(HTTPDate(parsing: date.description.bytes.rawSpan, now: Self.now) == date)
        }
    }
}
