package import Bytes

/// A time in the resolution of HTTP: whole seconds since 1970, UTC, in the years 0 to 9999.
package struct HTTPDate: Sendable, Hashable, Comparable {
    package let seconds: Int64

    /// The first second of year 0 and the last of year 9999: what four digits can say.
    package static let range: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// The length of what `append(to:)` writes.
    package static let byteCount = 29

    /// `seconds` beyond `range` become its ends.
    package init(seconds: Int64) {
        self.seconds = min(max(seconds, Self.range.lowerBound), Self.range.upperBound)
    }

    package static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.seconds < right.seconds }

    /// Writes `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may be sent (RFC 9110 §5.6.7).
    package func append(to output: inout ByteWriter) {
        let days = seconds.floorDivided(by: 86400)
        let second = seconds - days * 86400
        let date = CivilDate(daysSince1970: days)
        // 1970-01-01 was a Thursday.
        let weekday = Int((days + 4) - (days + 4).floorDivided(by: 7) * 7)
        output.reserve(Self.byteCount)
        output.append(Self.weekdays[weekday])
        output.append(", ")
        Self.appendTwoDigits(date.day, to: &output)
        output.u8(UInt8(ascii: " "))
        output.append(Self.months[Int(date.month) - 1])
        output.u8(UInt8(ascii: " "))
        Self.appendTwoDigits(date.year / 100, to: &output)
        Self.appendTwoDigits(date.year % 100, to: &output)
        for (separator, value) in [(" ", second / 3600), (":", second / 60 % 60), (":", second % 60)]
            as [(StaticString, Int64)]
        {
            output.append(separator)
            Self.appendTwoDigits(value, to: &output)
        }
        output.append(" GMT")
    }

    private static func appendTwoDigits(_ value: Int64, to output: inout ByteWriter) {
        output.u8(UInt8(ascii: "0") + UInt8(value / 10))
        output.u8(UInt8(ascii: "0") + UInt8(value % 10))
    }

    static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    static let longWeekdays: [StaticString] = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension HTTPDate: CustomStringConvertible {
    package var description: String {
        var text = ByteWriter(capacity: Self.byteCount)
        append(to: &text)
        return String(copying: text.bytes)
    }
}

/// A day of the Gregorian calendar, carried back before its invention.
struct CivilDate: Equatable {
    let year: Int64
    /// 1 to 12.
    let month: Int64
    /// 1 to 31.
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Counted in years that begin in March, so that the leap day is the last one; 400 of them have 146097 days.
    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Whether the calendar has this day.
    var isReal: Bool { (1...12).contains(month) && day >= 1 && CivilDate(daysSince1970: daysSince1970) == self }
}

extension Int64 {
    /// Rounded down, also below zero.
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
