import Bytes
import HTTPTransport

/// Which part of a list is asked for; as in SRS's lists, but bounded, for the loop makes it in one go.
struct ListingPage {
    static let maximumCount = 100

    let start: Int
    let count: Int

    /// What is no number counts as not given.
    init(start: String?, count: String?) {
        self.start = max(start.flatMap { Int($0) } ?? 0, 0)
        self.count = min(max(count.flatMap { Int($0) } ?? Self.maximumCount, 0), Self.maximumCount)
    }
}

/// What entries of lists are made of.
enum ListingText {
    static func member(_ name: String, _ value: String) -> String { "\"\(name)\":\"\(JSONText.escaped(value))\"" }

    static func milliseconds(_ duration: Duration) -> Int64 { duration.nanoseconds / 1_000_000 }
}
