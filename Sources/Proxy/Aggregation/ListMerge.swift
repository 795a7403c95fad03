import HTTP
import Registry
import Service

/// One list made of those of many origins: in the order of the origins' names, and of each in its own order.
///
/// SRS says nowhere how long its list is, so that of each origin as many entries are asked for as the page may need of
/// it, in parts; of more than `maximumParts` the rest is not looked at, nor is anything behind `maximumBytes` of
/// entries, and either is told.
final class ListMerge {
    static let partLength = ListingPage.maximumCount
    private static let maximumParts = 20
    private static let maximumBytes = 16 << 20

    private let kind: ForeignKind
    private let page: ListingPage
    /// Entries of one origin that the page can need.
    private let wanted: Int
    private var found: [OriginID: [String]] = [:]
    private var byteCount = 0

    init(_ kind: ForeignKind, _ page: ListingPage) {
        self.kind = kind
        self.page = page
        wanted = min(page.start, Self.partLength * Self.maximumParts) + page.count
    }

    func target(from start: Int) -> String { "/api/v1/\(kind.rawValue)/?start=\(start)&count=\(Self.partLength)" }

    func take(_ origin: OriginID, _ answer: OriginFetch.Answer) -> OriginInquiry.Step {
        guard answer.status.isSuccess, answer.code == 0,
            let list = answer.json.member(kind.rawValue, of: answer.json.root),
            let elements = answer.json.elements(of: list)
        else { return .failed(answer.complaint) }
        var entries = found[origin] ?? []
        let had = entries.count
        for element in elements {
            guard let entry = ForeignEntry.text(answer.json, element, of: origin) else {
                return .failed(OriginFetch.Failure.malformed.reason)
            }
            byteCount += entry.utf8.count
            guard byteCount <= Self.maximumBytes else { return .failed("there is too much of all together") }
            entries.append(entry)
        }
        found[origin] = entries
        guard elements.count >= Self.partLength, entries.count < wanted else { return .done }
        guard had + elements.count < Self.partLength * Self.maximumParts else { return .failed("its list is too long") }
        return .more(target(from: entries.count))
    }

    /// Those on the page.
    var entries: [String] {
        let ordered = found.sorted { $0.key.text < $1.key.text }.lazy.flatMap(\.value)
        return Array(ordered.dropFirst(page.start).prefix(page.count))
    }
}
