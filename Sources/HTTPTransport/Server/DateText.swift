import Bytes
import Glibc
import HTTP

/// The value of the `Date` field, formatted once a second.
struct DateText {
    private var second: Int64 = 0
    private var text: [UInt8] = []

    /// The text for the second that the wall clock shows.
    mutating func current() -> [UInt8] {
        let now = HTTPDate.now
        if now.seconds != second {
            second = now.seconds
            var written = ByteWriter(capacity: 32)
            now.append(to: &written)
            text = Array(copying: written.bytes)
        }
        return text
    }
}

extension HTTPDate {
    /// What the wall clock shows.
    static var now: HTTPDate {
        var now = timespec()
        // The coarse clock costs no system call; a second needs no more.
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return HTTPDate(seconds: Int64(now.tv_sec))
    }
}
