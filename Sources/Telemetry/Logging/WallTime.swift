package import Bytes
import Glibc

/// A time of day in UTC, in milliseconds since 1970, without leap seconds: only for people and log files to read.
package struct WallTime: Sendable, Equatable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The time on the system's clock.
    package static func now() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension ByteWriter {
    /// RFC 3339 in UTC with milliseconds: `2024-02-29T12:00:00.123Z`; clamped to the years 0 to 9999 that it can write.
    package mutating func append(_ time: WallTime) {
        let clamped = min(max(time.milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let (day, millisecond) = clamped.flooredDivision(by: 86_400_000)
        let date = civilDate(daysSince1970: day)
        append(date.year, digits: 4)
        append("-")
        append(date.month, digits: 2)
        append("-")
        append(date.day, digits: 2)
        append("T")
        append(millisecond / 3_600_000, digits: 2)
        append(":")
        append(millisecond / 60_000 % 60, digits: 2)
        append(":")
        append(millisecond / 1000 % 60, digits: 2)
        append(".")
        append(millisecond % 1000, digits: 3)
        append("Z")
    }

    /// `value`, which is not negative, with leading zeros.
    private mutating func append(_ value: Int64, digits: Int) {
        var unit: Int64 = 1
        for _ in 1..<digits { unit *= 10 }
        while unit > 0 {
            u8(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
    }
}

/// The proleptic Gregorian date. Years are counted from March, so that the leap day is the last of its year, and in
/// eras of 400 years, which all have the same length.
private func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let daysFromYear0To1970: Int64 = 719_468
    let (era, dayOfEra) = (daysSince1970 + daysFromYear0To1970).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
}

extension Int64 {
    /// Quotient toward minus infinity, and the remainder, which is not negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
