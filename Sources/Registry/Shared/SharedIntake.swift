import Bytes

/// What was read and told, and is not in the copy yet, in its order. Pure.
///
/// An answer may tell of all origins there are, and to read what each of them says takes time: so the copy takes it
/// over piece by piece, and whoever else is on the loop gets a turn between.
struct SharedIntake {
    enum Piece {
        case notice(SharedNotice, at: SharedMoment)
        /// What follows, up to their end, is of these.
        case begin(of: SharedChanges, in: SharedTable)
        case put(member: String, value: String, in: SharedTable, at: SharedMoment)
        case remove(member: String, from: SharedTable)
        case end(of: SharedChanges, in: SharedTable)

        /// What it costs beside others: what an origin says may have to be parsed.
        var weight: Int {
            switch self {
            case .put(_, _, in: .origins, _): 16
            case .notice(let notice, _): notice.table == .origins ? 16 : 1
            case .begin, .put, .remove, .end: 1
            }
        }
    }

    private enum Item {
        case changes(SharedChanges, SharedTable, SharedMoment)
        case notice(SharedNotice, SharedMoment)
    }

    /// Notices that may wait; one more is not taken, and its table has to be read.
    static let maximumNotices = 1_024

    private var items: [Item] = []
    /// Items before it are given.
    private var first = 0
    /// Pieces of that item that are given.
    private var given = 0
    /// Answers of which something waits.
    private(set) var reads = 0
    private var notices = 0

    var isEmpty: Bool { items.isEmpty }
    var takesNotices: Bool { notices < Self.maximumNotices }

    mutating func append(_ changes: SharedChanges, of table: SharedTable, at now: Instant) {
        items.append(.changes(changes, table, SharedMoment(server: changes.time, here: now)))
        reads += 1
    }

    mutating func append(_ notice: SharedNotice, at now: Instant) {
        // Versions are the server's time.
        items.append(.notice(notice, SharedMoment(server: notice.version, here: now)))
        notices += 1
    }

    mutating func clear() { self = SharedIntake() }

    /// The next piece; nil where none is left.
    mutating func next() -> Piece? {
        guard first < items.count else { return nil }
        switch items[first] {
        case .notice(let notice, let moment):
            notices -= 1
            dropFirst()
            return .notice(notice, at: moment)
        case .changes(let changes, let table, let moment):
            let index = given - 1
            given += 1
            if index < 0 { return .begin(of: changes, in: table) }
            if index < changes.changed.count {
                let (member, value) = changes.changed[index]
                return .put(member: member, value: value, in: table, at: moment)
            }
            if index - changes.changed.count < changes.gone.count {
                return .remove(member: changes.gone[index - changes.changed.count], from: table)
            }
            reads -= 1
            dropFirst()
            return .end(of: changes, in: table)
        }
    }

    private mutating func dropFirst() {
        given = 0
        first += 1
        // Moving what is left is cheap beside what was given since.
        if first == items.count || first > Self.maximumNotices {
            items.removeFirst(first)
            first = 0
        }
    }
}

/// When something was heard of: what is read of it then is counted from there, however long it waits.
struct SharedMoment: Equatable {
    /// The server's time, in microseconds.
    let server: UInt64
    let here: Instant

    /// What our clock showed at the server's time, if that was before.
    func instant(at micros: UInt64) -> Instant {
        here + (.zero - .microseconds(Int64(clamping: server > micros ? server - micros : 0)))
    }
}
