import Reactor
import Redis

/// What one loop asks of the shared registry's servers.
final class SharedLink {
    typealias Answer = (Result<RedisReply, RedisFailure>) -> Void

    let client: RedisClient
    /// Hears of each script that was not carried out for what the servers are, and on which table.
    var onRefusal: ((RedisFailure, SharedTable) -> Void)?
    private let names: SharedNames

    init(_ client: RedisClient, _ names: SharedNames) {
        self.client = client
        self.names = names
    }

    /// Runs a script on a table; `then` is called once, on the loop, and never inside this call.
    func run(
        _ script: RedisScript, on table: SharedTable, _ arguments: [RedisWord], then: @escaping Answer = { _ in }
    ) {
        let names: [RedisWord] = [RedisWord(self.names.channel), RedisWord(table.name), RedisWord(table.keep)]
        client.run(script, keys: self.names.keys(of: table), arguments: names + arguments) { [self] result in
            if case .failure(let failure) = result, failure.isOfServers { onRefusal?(failure, table) }
            then(result)
        }
    }

    /// Runs a script on the tables of many members, in parts that hold no server up. `words` are what it is given of
    /// each member; `then` hears every part by itself.
    func run<Member>(
        _ script: RedisScript, on members: [Member], in table: KeyPath<Member, SharedTable>, first: [RedisWord] = [],
        _ words: (Member) -> [RedisWord],
        then: @escaping ([Member], Result<RedisReply, RedisFailure>) -> Void = { _, _ in }
    ) {
        for (table, members) in Dictionary(grouping: members, by: { $0[keyPath: table] }) {
            for start in stride(from: 0, to: members.count, by: Self.part) {
                let part = Array(members[start..<min(start + Self.part, members.count)])
                run(script, on: table, first + part.flatMap(words)) { then(part, $0) }
            }
        }
    }

    /// The value of a member, read by itself.
    func value(of member: String, in table: SharedTable, then: @escaping Answer) {
        let key = names.keys(of: table)[0]
        client.send(RedisCommand("HGET", key.word, RedisWord(member)), key: key, then: then)
    }

    /// Members in one call of a script.
    private static let part = 256
}

extension RedisFailure {
    /// Whether other commands would fare no better.
    fileprivate var isOfServers: Bool {
        switch self {
        case .unavailable: true
        case .refused(let error): error.isOfServer
        case .full, .unanswered: false
        }
    }
}
