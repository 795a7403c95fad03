import Bytes

extension HTTPDate {
    /// Reads any of the three forms of RFC 9110 §5.6.7; nil for everything else.
    ///
    /// `now` places the two-digit years of the form of RFC 850: never more than 50 years ahead.
    package init?(parsing bytes: RawSpan, now: HTTPDate) {
        var reader = DateReader(bytes: bytes)
        let parsed: HTTPDate? =
            switch bytes.byteCount {
            case 29: reader.readFixed()
            case 24: reader.readC()
            default: reader.readLong(now: now)
            }
        guard let parsed, reader.position == bytes.byteCount else { return nil }
        self = parsed
    }
}

private struct DateReader: ~Escapable {
    let bytes: RawSpan
    private(set) var position = 0

    @_lifetime(copy bytes)
    init(bytes: RawSpan) { self.bytes = bytes }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    mutating func readFixed() -> HTTPDate? {
        guard one(of: HTTPDate.weekdays) != nil, skip(", "), let day = digits(2), skip(" "),
            let month = one(of: HTTPDate.months), skip(" "), let year = digits(4), skip(" "),
            let time = timeOfDay(), skip(" GMT")
        else { return nil }
        return date(year, month, day, time)
    }

    /// `Sun Nov  6 08:49:37 1994`, as asctime() writes it
    mutating func readC() -> HTTPDate? {
        guard one(of: HTTPDate.weekdays) != nil, skip(" "), let month = one(of: HTTPDate.months), skip(" "),
            let day = skip(" ") ? digits(1) : digits(2), skip(" "), let time = timeOfDay(), skip(" "),
            let year = digits(4)
        else { return nil }
        return date(year, month, day, time)
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    mutating func readLong(now: HTTPDate) -> HTTPDate? {
        guard one(of: HTTPDate.longWeekdays) != nil, skip(", "), let day = digits(2), skip("-"),
            let month = one(of: HTTPDate.months), skip("-"), let shortYear = digits(2), skip(" "),
            let time = timeOfDay(), skip(" GMT")
        else { return nil }
        let thisYear = CivilDate(daysSince1970: now.seconds.floorDivided(by: 86400)).year
        let year = thisYear - thisYear % 100 + shortYear
        guard let guess = date(year, month, day, time) else { return date(year - 100, month, day, time) }
        let limit = HTTPDate(seconds: now.seconds + 50 * 31_556_952)
        return guess > limit ? date(year - 100, month, day, time) : guess
    }

    private mutating func timeOfDay() -> Int64? {
        guard let hour = digits(2), skip(":"), let minute = digits(2), skip(":"), let second = digits(2) else {
            return nil
        }
        // A leap second counts as the one before it.
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        return hour * 3600 + minute * 60 + min(second, 59)
    }

    private func date(_ year: Int64, _ month: Int, _ day: Int64, _ time: Int64) -> HTTPDate? {
        let civil = CivilDate(year: year, month: Int64(month) + 1, day: day)
        guard civil.isReal else { return nil }
        return HTTPDate(seconds: civil.daysSince1970 * 86400 + time)
    }

    private mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.byteCount,
            let value = bytes.extracting(position..<(position + count)).decimal
        else { return nil }
        position += count
        return Int64(value)
    }

    private mutating func skip(_ literal: StaticString) -> Bool {
        guard bytes.extracting(position..<bytes.byteCount).hasPrefix(literal) else { return false }
        position += literal.utf8CodeUnitCount
        return true
    }

    private mutating func one(of names: [StaticString]) -> Int? {
        for index in names.indices where skip(names[index]) { return index }
        return nil
    }
}
