import Bytes
package import Redis

/// What has become of a table since a version, as `SharedScripts.read` answers.
package struct SharedChanges: Equatable {
    /// The server's time, in microseconds.
    package let time: UInt64
    /// Up to which version this tells.
    package let version: UInt64
    /// The first version of the table, before which nothing is known; zero where nothing was ever written.
    package let born: UInt64
    /// What is there is all there is; what is gone tells then what has been taken out of late.
    package let isComplete: Bool
    package let changed: [(member: String, value: String)]
    package let gone: [String]

    package init?(_ reply: RedisReply) {
        guard let parts = reply.list, parts.count == 6, let time = parts[0].number, let version = parts[1].number,
            let born = parts[2].number, let isComplete = parts[3].number, let flat = parts[4].texts,
            flat.count.isMultiple(of: 2), let gone = parts[5].texts
        else { return nil }
        self.time = time
        self.version = version
        self.born = born
        self.isComplete = isComplete == 1
        changed = stride(from: 0, to: flat.count, by: 2).map { (flat[$0], flat[$0 + 1]) }
        self.gone = gone
    }

    package static func == (left: SharedChanges, right: SharedChanges) -> Bool {
        left.time == right.time && left.version == right.version && left.born == right.born
            && left.isComplete == right.isComplete && left.gone == right.gone
            && left.changed.elementsEqual(right.changed, by: ==)
    }
}

/// One change, told as it happens: `table before version sign+length member value`.
package struct SharedNotice: Equatable {
    package let table: SharedTable
    /// The version of the table that this one follows.
    package let before: UInt64
    package let version: UInt64
    package let member: String
    /// Nil where the member is gone.
    package let value: String?

    package init?(_ text: String) {
        // By bytes: with a mark that a member begins with, a space would be one character.
        let words = text.utf8
            .split(separator: UInt8(ascii: " "), maxSplits: 4, omittingEmptySubsequences: false).map(Substring.init)
        guard words.count == 5, let table = SharedTable(name: words[0]), let before = UInt64(shared: words[1]),
            let version = UInt64(shared: words[2]), let sign = words[3].first, let length = Int(words[3].dropFirst()),
            0...words[4].utf8.count ~= length
        else { return nil }
        let end = words[4].utf8.index(words[4].startIndex, offsetBy: length)
        guard let member = String(words[4].utf8[..<end]), let value = String(words[4].utf8[end...]) else { return nil }
        self.table = table
        self.before = before
        self.version = version
        self.member = member
        switch sign {
        case "+": self.value = value
        case "-" where value.isEmpty: self.value = nil
        default: return nil
        }
    }
}

extension RedisReply {
    var list: [RedisReply]? { if case .list(let list) = self { list } else { nil } }

    /// A value that is UTF-8.
    var text: String? {
        guard case .bytes(let bytes) = self else { return nil }
        return String(validating: bytes.array, as: UTF8.self)
    }

    /// The list, where all of it are such values.
    var texts: [String]? {
        guard let list else { return nil }
        let texts = list.compactMap(\.text)
        return texts.count == list.count ? texts : nil
    }

    /// A whole number, also one that is written as a value.
    var number: UInt64? {
        if case .integer(let number) = self { return UInt64(exactly: number).flatMap(UInt64.init(shared:)) }
        return text.flatMap { UInt64(shared: $0[...]) }
    }
}

extension UInt64 {
    /// Up to where scripts of Redis can count. Whatever else is read is none of theirs; up to there one more, or a
    /// thousand times less, is a number here as well.
    private static let sharedEnd: UInt64 = 1 << 53

    init?(shared number: UInt64) {
        guard number < Self.sharedEnd else { return nil }
        self = number
    }

    init?(shared digits: Substring) {
        guard let number = UInt64(digits) else { return nil }
        self.init(shared: number)
    }
}
