import Bytes
package import HTTP
import HTTPTransport

/// Which part of a list is asked for; as in SRS's lists, but bounded, for a loop makes it in one go.
package struct ListingPage: Sendable, Equatable {
    package static let maximumCount = 100

    package let start: Int
    package let count: Int

    /// What is no number counts as not given; `usual` is how many there are then.
    package init(start: String?, count: String?, usual: Int = maximumCount) {
        self.start = max(start.flatMap { Int($0) } ?? 0, 0)
        self.count = min(max(count.flatMap { Int($0) } ?? usual, 0), Self.maximumCount)
    }

    /// As the query of `target` says.
    package init(_ target: borrowing Target, usual: Int = maximumCount) {
        let query = try? target.query()
        self.init(start: query?["start"], count: query?["count"], usual: usual)
    }

    private init(start: Int, count: Int) {
        self.start = start
        self.count = count
    }

    /// What is left of it behind a part of the list that has `length` entries.
    package func behind(_ length: Int) -> ListingPage {
        ListingPage(start: max(start - length, 0), count: count - min(max(length - start, 0), count))
    }
}

/// What entries of lists are made of.
package enum ListingText {
    package static func member(_ name: String, _ value: String) -> String {
        "\"\(name)\":\"\(JSONText.escaped(value))\""
    }

    package static func milliseconds(_ duration: Duration) -> Int64 { duration.nanoseconds / 1_000_000 }
}
