package import Bytes

/// The name of an entry of a roster: the loop it is on, and a number that nothing else there has had.
package struct RosterID: Sendable, Hashable {
    package let loop: Int
    package let number: UInt64

    package init(loop: Int, number: UInt64) {
        self.loop = loop
        self.number = number
    }
}

extension RosterID: CustomStringConvertible {
    package var description: String { "\(loop)-\(number)" }

    /// Nil for anything else than a `description`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let loop = Int(parts[0]), let number = UInt64(parts[1]) else { return nil }
        self.init(loop: loop, number: number)
        guard description == text else { return nil }
    }
}

/// What is on one loop, for operators to page through: in the order it came, but the last fills the place of one that
/// goes.
///
/// As long as what it lists; the bounds are those of connections and streams.
package struct Roster<Member> {
    package struct Entry {
        package let id: RosterID
        package let member: Member
        package let began: Instant
        package var rates: ByteRates
    }

    private let loop: Int
    private var entries: [Entry] = []
    private var places: [UInt64: Int] = [:]
    private var nextNumber: UInt64 = 0

    /// `loop` is the index of the loop that it belongs to.
    package init(loop: Int) { self.loop = loop }

    package var count: Int { entries.count }

    package var members: some Sequence<Member> { entries.lazy.map(\.member) }

    package mutating func add(_ member: Member, at now: Instant) -> RosterID {
        nextNumber += 1
        let id = RosterID(loop: loop, number: nextNumber)
        places[id.number] = entries.count
        entries.append(Entry(id: id, member: member, began: now, rates: ByteRates(at: now)))
        return id
    }

    package mutating func remove(_ id: RosterID) {
        guard id.loop == loop, let place = places.removeValue(forKey: id.number) else { return }
        let last = entries.removeLast()
        guard last.id != id else { return }
        entries[place] = last
        places[last.id.number] = place
    }

    package func member(_ id: RosterID) -> Member? { place(of: id).map { entries[$0].member } }

    /// What `body` makes of one entry.
    package mutating func look<Seen>(at id: RosterID, _ body: (inout Entry) -> Seen) -> Seen? {
        place(of: id).map { body(&entries[$0]) }
    }

    /// What `body` makes of those on `page`.
    package mutating func look<Seen>(at page: ListingPage, _ body: (inout Entry) -> Seen) -> [Seen] {
        let first = min(page.start, entries.count)
        return (first..<min(first + page.count, entries.count)).map { body(&entries[$0]) }
    }

    private func place(of id: RosterID) -> Int? { id.loop == loop ? places[id.number] : nil }
}
