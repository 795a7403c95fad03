/// How far one table has been read. Pure.
///
/// Notices come by another connection than answers, so that either may be ahead; what is older than what is known is
/// left, and a notice that does not follow what is known has the table read.
struct TableCursor: Equatable {
    /// Zero where nothing is known: then everything is asked for.
    private(set) var version: UInt64 = 0
    private(set) var isReading = false
    /// It has been read once: before, a notice follows nothing, also one of a table that has just begun.
    private var hasBeenRead = false
    /// Something has changed that is not known yet.
    private(set) var isBehind = true
    /// All there is was older than what is known, the last time.
    private var wasOlder = false
    /// Some of what was read was left.
    private var hasLeft = false

    /// A read begins; the version to ask from.
    mutating func beginRead(everything: Bool) -> UInt64 {
        isReading = true
        isBehind = false
        return everything || wasOlder || hasLeft ? 0 : version
    }

    /// Whether the changes are to be taken over.
    mutating func read(_ changes: SharedChanges) -> Bool {
        isReading = false
        // It was asked for before a notice came. Twice in a row it is of a server that has lost some of it.
        guard changes.version >= version || (changes.isComplete && wasOlder) else {
            wasOlder = changes.isComplete
            isBehind = true
            return false
        }
        wasOlder = false
        if changes.isComplete { hasLeft = false }
        version = changes.version
        hasBeenRead = true
        return true
    }

    mutating func readFailed() {
        isReading = false
        isBehind = true
    }

    /// Whether the notice is to be taken over.
    mutating func heard(_ notice: SharedNotice) -> Bool {
        guard notice.version > version else { return false }
        guard hasBeenRead, notice.before == version else {
            isBehind = true
            return false
        }
        version = notice.version
        return true
    }

    /// Something that was told was not taken over: all of it is asked for again.
    mutating func left() {
        hasLeft = true
        isBehind = true
    }

    /// Notices may have been missed.
    mutating func missed() { isBehind = true }
}
